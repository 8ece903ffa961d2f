import type { PublishRefusalCode } from '../domain/codes.js';
import type { Generation, WorkerId } from '../domain/ids.js';
import { rejected } from '../domain/outcome.js';
import type { Json } from '../domain/ids.js';
import type { HostCommand } from '../domain/worker/command.js';
import type { Call } from '../domain/worker/decision.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import type { ExecutionHandle } from '../ports/execution-backend.js';
import type { Logger } from '../ports/logger.js';
import type { RuntimeLimits } from './deadlines.js';
import type { EventTurns } from './event-turns.js';
import { GenerationPublisher } from './generation-publisher.js';
import type { EventLane } from './generation-publisher.js';
import { handleOf } from './guarded-backend.js';
import type { GuardedBackend } from './guarded-backend.js';
import type { Slots } from './slots.js';

/** What a Worker's binding stands for at this host. */
export interface BoundBackend {
  readonly backend: GuardedBackend;
  /** Recoveries at start and stops that are owed: so many of each at once (R3). */
  readonly recoveries: Slots;
  readonly endings: Slots;
  readonly profile: { readonly name: string; readonly options: Json };
}

/** Where the answers go. */
export interface AnswerLane extends EventLane {
  readonly workerId: WorkerId;
  ask(command: HostCommand): Promise<unknown>;
}

export interface CallDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly limits: RuntimeLimits;
  readonly turns: EventTurns;
  readonly bound: (binding: Json) => BoundBackend | undefined;
}

/** When a stop that is owed is asked again. */
const owedDelaysMs = [1000, 2000, 5000, 10_000, 30_000] as const;

/** When a cancel that was cut off is asked again. */
const cancelAgainMs = 250;

/** A stop that is owed: asked for once, then again until it is answered. */
interface Ending {
  asked: Promise<unknown>;
  cancel: () => void;
}

type CallOf<T extends Call['type']> = Extract<Call, { type: T }>;

const none: readonly never[] = [];

/** Performs what a mailbox decided to ask of its backend, outside of the mailbox, and posts the answers to it. */
export class ExecutionCalls {
  readonly #mailbox: AnswerLane;
  readonly #dependencies: CallDependencies;
  /** One, but for what is being replaced. An idle Worker keeps no more than it needs: what few need is made then. */
  #publishers: readonly GenerationPublisher[] = none;
  #ending: Map<Generation, Ending> | undefined;
  /** Connected after they were told to end: one answer is not enough. */
  #late: Set<Generation> | undefined;
  #closed = false;

  constructor(mailbox: AnswerLane, dependencies: CallDependencies) {
    this.#mailbox = mailbox;
    this.#dependencies = dependencies;
  }

  perform(call: Exclude<Call, { type: 'remove' }>, state: WorkerState): void {
    const bound = this.#dependencies.bound(state.binding);
    if (!bound) return this.#unbound(call);
    void this.#perform(call, state, bound).catch((cause: unknown) => {
      this.#dependencies.logger.error('a call ended in a defect', { workerId: state.workerId, call: call.type, cause });
    });
  }

  /** Goes on with what the state still needs: its publisher, and the stops it owes (R5). */
  keep(state: WorkerState): void {
    const { status } = state;
    const current = 'generation' in status ? status.generation : undefined;
    const code = status.status === 'stopped' ? 'worker-stopped' : 'stale-generation';
    for (const { generation } of this.#publishers) if (generation !== current) this.#drop(generation, code);
    for (const generation of state.stopsOwed) this.endByName(generation, state);
  }

  /** Tells the backend to end an execution at once, until it answers (R5). */
  endByName(generation: Generation, state: WorkerState): void {
    if (this.#ending?.has(generation) || this.#closed) return;
    const ending: Ending = { asked: Promise.resolve(), cancel: () => undefined };
    (this.#ending ??= new Map()).set(generation, ending);
    ending.asked = this.#end(generation, state, ending, 0);
  }

  /** Ends what the state names as running, though no log says so (W19). */
  endCurrent(state: WorkerState): void {
    const { status } = state;
    if ('generation' in status && status.generation !== undefined) this.endByName(status.generation, state);
  }

  /** Nothing of any generation is taken any more. */
  refuse(code: PublishRefusalCode): void {
    for (const { generation } of this.#publishers) this.#drop(generation, code);
  }

  /** Resolves when every stop that is owed was asked for once, and answered or not. */
  async ended(): Promise<void> {
    await Promise.all([...(this.#ending?.values() ?? [])].map(({ asked }) => asked));
  }

  close(): void {
    this.#closed = true;
    this.refuse('stale-generation');
    for (const { cancel } of this.#ending?.values() ?? []) cancel();
    this.#ending = undefined;
  }

  #drop(generation: Generation, code: PublishRefusalCode): void {
    this.#publisherOf(generation)?.close(code);
    this.#publishers = this.#publishers.filter((publisher) => publisher.generation !== generation);
  }

  async #end(generation: Generation, state: WorkerState, ending: Ending, attempt: number): Promise<void> {
    const { workerId, execution } = state;
    const bound = this.#dependencies.bound(state.binding);
    // A host that does not offer its backend any more cannot ask. The stop stays owed.
    if (!bound) return void this.#ending?.delete(generation);
    const recoverState = execution?.generation === generation ? execution.recoverState : undefined;
    this.#late?.delete(generation);
    const handle = handleOf(workerId, generation, recoverState);
    const isEnded = await bound.endings.run(async () => !this.#closed && (await bound.backend.endByName(handle)));
    if (this.#closed) return;
    if (!isEnded) {
      const delayMs = owedDelaysMs[Math.min(attempt, owedDelaysMs.length - 1)] ?? 1000;
      const again = () => void this.#end(generation, state, ending, attempt + 1);
      ending.cancel = this.#dependencies.clock.after(delayMs, again);
      return;
    }
    if (this.#late?.has(generation)) return this.#end(generation, state, ending, attempt);
    this.#ending?.delete(generation);
    await this.#mailbox.ask({ type: 'owed-stop-answered', generation });
  }

  /** What connects when nobody waits for it any more is told to end, also where it was told so before it was there. */
  #endLate(generation: Generation, state: WorkerState): void {
    if (this.#closed)
      void this.#dependencies.bound(state.binding)?.backend.endByName(handleOf(state.workerId, generation, undefined));
    else if (this.#ending?.has(generation)) (this.#late ??= new Set()).add(generation);
    else this.endByName(generation, state);
  }

  #unbound(call: Exclude<Call, { type: 'remove' }>): void {
    const answer = rejected('backend-unavailable');
    const { generation } = call;
    if (call.type === 'spawn') this.#mailbox.post({ type: 'spawn-answered', generation, answer });
    else if (call.type === 'recover') this.#mailbox.post({ type: 'recover-answered', generation, answer });
    else if (call.type === 'stop')
      this.#mailbox.post({ type: 'stop-answered', generation, answer: { outcome: 'failed' } });
  }

  async #perform(call: Exclude<Call, { type: 'remove' }>, state: WorkerState, bound: BoundBackend): Promise<void> {
    const { workerId, execution } = state;
    const { backend } = bound;
    const { generation } = call;
    const handle = handleOf(workerId, generation, execution?.recoverState);
    const codes = execution?.codes ?? [];
    switch (call.type) {
      case 'spawn':
        return this.#spawn(call, state, bound);
      case 'recover':
        return this.#recover(call, state, bound);
      case 'dispatch': {
        const { inputId, parts } = call;
        const answer = await backend.dispatch(handle, { inputId, parts }, codes);
        return this.#mailbox.post({ type: 'dispatch-answered', generation, inputId, answer });
      }
      case 'answer': {
        const { questionId } = call;
        const answer = await backend.answer(handle, { questionId, answer: call.answer }, codes);
        return this.#mailbox.post({ type: 'answer-answered', generation, questionId, answer });
      }
      case 'cancel':
        return this.#cancel(call, handle, backend);
      case 'stop': {
        const end = await backend.stop(handle, call.graceMs);
        const answer = end === 'failed' ? ({ outcome: 'failed' } as const) : ({ outcome: 'accepted', end } as const);
        return this.#mailbox.post({ type: 'stop-answered', generation, answer });
      }
    }
  }

  async #spawn({ generation }: CallOf<'spawn'>, state: WorkerState, { backend, profile }: BoundBackend): Promise<void> {
    const { workerId, displayName } = state;
    const request = { workerId, generation, profile, ...(displayName !== undefined && { displayName }) };
    const publisher = this.#publisher(generation);
    const answer = await backend.spawn(request, publisher, () => this.#endLate(generation, state));
    this.#mailbox.post({ type: 'spawn-answered', generation, answer });
    if (answer.outcome === 'connected' && !this.#isCurrent(publisher)) this.#endLate(generation, state);
  }

  /**
   * A cancel that a lost connection cut off is asked again (E5): the run may not know of it. The generation ends at the
   * deadline at the latest (W11), and the asking with it.
   */
  async #cancel(call: CallOf<'cancel'>, handle: ExecutionHandle, backend: GuardedBackend): Promise<void> {
    const { clock } = this.#dependencies;
    const { generation, inputId } = call;
    const deadlineAt = clock.now() + call.deadlineMs;
    for (let { deadlineMs } = call; ; deadlineMs = Math.max(0, deadlineAt - clock.now())) {
      if (await backend.cancel(handle, { inputId, deadlineMs })) return;
      await new Promise<void>((resolve) => void clock.after(cancelAgainMs, resolve));
      if (this.#closed || !this.#publisherOf(generation)) return;
    }
  }

  async #recover(call: CallOf<'recover'>, state: WorkerState, bound: BoundBackend): Promise<void> {
    const { backend, recoveries } = bound;
    const { generation, position, inputId } = call;
    const handle = handleOf(state.workerId, generation, state.execution?.recoverState);
    const request = { handle, position, ...(inputId && { inputId }) };
    const publisher = this.#publisher(generation);
    const ask = async (): Promise<void> => {
      if (!this.#isCurrent(publisher)) return;
      const answer = await backend.recover(request, publisher, () => this.#endLate(generation, state));
      this.#mailbox.post({ type: 'recover-answered', generation, answer });
      if (answer.outcome === 'adopted' && !this.#isCurrent(publisher)) this.#endLate(generation, state);
    };
    const { status } = state;
    const isAtStart = status.status === 'connecting' && status.cause === 'recover';
    return isAtStart ? recoveries.run(ask) : ask();
  }

  #isCurrent(publisher: GenerationPublisher): boolean {
    return this.#publishers.includes(publisher);
  }

  #publisherOf(generation: Generation): GenerationPublisher | undefined {
    return this.#publishers.find((publisher) => publisher.generation === generation);
  }

  #publisher(generation: Generation): GenerationPublisher {
    this.#drop(generation, 'stale-generation');
    const lane = this.#mailbox;
    const publisher = new GenerationPublisher(lane.workerId, generation, { lane, ...this.#dependencies });
    this.#publishers = this.#publishers.concat(publisher);
    return publisher;
  }
}
