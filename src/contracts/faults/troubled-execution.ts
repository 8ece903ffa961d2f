import type { InputId } from '../../domain/ids.js';
import type { BackendEvent } from '../../domain/observation/event.js';
import type { Clock } from '../../ports/clock.js';
import type { CallContext, Position } from '../../ports/execution-backend.js';
import type {
  ExecutionExit,
  ObservationPublisher,
  PublishResult,
  Recorded,
} from '../../ports/observation-publisher.js';
import type { HappenedFault } from './fault-options.js';
import type { FaultPlan } from './fault-plan.js';
import { garbageAnswer, garbageEvent } from './garbage.js';
import { Lane } from './lane.js';
import { Numbering } from './numbering.js';

const maxWaiting = 2_048;
const swapMs = 1_000;
const refused: PublishResult = { outcome: 'refused', code: 'stale-generation' };
const taken: PublishResult = { outcome: 'taken' };

interface Surroundings {
  readonly plan: FaultPlan;
  readonly clock: Clock;
  /** Ends what executes, when it is told to have died. */
  readonly end: () => void;
}

/** A call on its way to the backend, and its answer on its way back. */
export interface TroubledCall<Answer> {
  readonly method: string;
  readonly call: CallContext;
  readonly ask: () => Promise<Answer>;
  /** The answer where the connection to the execution is lost before it came. */
  readonly lost: Answer;
}

/** One generation of a Worker, and the trouble between it and its host. */
export class TroubledExecution implements ObservationPublisher {
  readonly #numbering = new Numbering();
  readonly #publisher: ObservationPublisher;
  readonly #surroundings: Surroundings;
  readonly #lane = new Lane();
  readonly #listeners: ((upTo: Recorded) => void)[] = [];
  /** What is to be settled when the execution is gone: calls that nobody will answer. */
  readonly #pending = new Set<() => void>();
  readonly #whenMended = new Set<() => void>();
  #isSilent = false;
  #isGone = false;
  #said = 0;
  #former: TroubledExecution | undefined;
  /** What the next event goes before. */
  #swapped: (() => void) | undefined;

  constructor(publisher: ObservationPublisher, surroundings: Surroundings) {
    this.#publisher = publisher;
    this.#surroundings = surroundings;
    publisher.onRecorded((upTo) => this.#tell(this.#numbering.recorded(upTo)));
  }

  get workerId(): ObservationPublisher['workerId'] {
    return this.#publisher.workerId;
  }

  get generation(): ObservationPublisher['generation'] {
    return this.#publisher.generation;
  }

  speaksThrough(publisher: ObservationPublisher): boolean {
    return publisher === this.#publisher && !this.#isGone;
  }

  takesOver(former: TroubledExecution): void {
    former.#former = undefined;
    this.#former = former;
  }

  /** What the backend calls the place that its host calls so. */
  ownSequence({ generation, sequence }: Position): number {
    const numbering = this.#former?.generation === generation ? this.#former.#numbering : undefined;
    return numbering?.settledAt(sequence) ?? sequence;
  }

  get isGone(): boolean {
    return this.#isGone;
  }

  publish(event: BackendEvent): Promise<PublishResult> {
    if (this.#isGone) return Promise.resolve(refused);
    this.#said += 1;
    if (this.#lane.waiting >= maxWaiting) this.#die({ kind: 'connection-lost' });
    return this.#happen(event, this.#said, this.#next({ of: 'event', step: `event ${event.type}` }));
  }

  disconnect(exit: ExecutionExit): Promise<void> {
    const leave = (): void => {
      this.#swapped?.();
      void this.#publisher.disconnect(exit);
    };
    this.#lane.pass({ run: leave, lost: () => undefined });
    return Promise.resolve();
  }

  onRecorded(listener: (upTo: Recorded) => void): void {
    this.#listeners.push(listener);
  }

  decide(inputId: InputId, isTaken: boolean): Promise<void> {
    this.#lane.pass({ run: () => void this.#publisher.decide(inputId, isTaken), lost: () => undefined });
    return Promise.resolve();
  }

  /** Hands a call on, and its answer back, with what happens to either. */
  call<Answer>({ method, call, ask, lost }: TroubledCall<Answer>): Promise<Answer> {
    const fault = this.#next({ of: 'call', step: method });
    return new Promise((resolve, reject) => {
      const settle = (): void => (this.#pending.delete(settle), resolve(lost));
      const answer = (give: () => void): void => {
        if (fault?.fault === 'delay') this.#delay(fault);
        this.#lane.pass({ run: () => (this.#pending.delete(settle), give()), lost: settle });
      };
      const arrive = (): void => {
        if (!this.#pending.has(settle)) return;
        begun(ask).then(
          (said) => answer(() => (fault?.fault === 'garbage' ? spoil(fault, resolve, reject) : resolve(said))),
          (cause: unknown) => answer(() => reject(cause)),
        );
      };
      this.#pending.add(settle);
      if (fault?.fault === 'kill') return this.#die(killed, method === 'spawn' ? 'silently' : 'told');
      if (!this.#isSilent) return arrive();
      this.#whenMended.add(arrive);
      onAbort(call.signal, () => (this.#whenMended.delete(arrive), settle()));
    });
  }

  /** What waits for a silent connection goes on. */
  mend(): void {
    this.#isSilent = false;
    const waiting = [...this.#whenMended];
    this.#whenMended.clear();
    for (const goOn of waiting) goOn();
  }

  /** Nothing of it comes any more: its calls are settled, its events are refused. */
  close(): void {
    this.#isGone = true;
    this.#swapped = undefined;
    this.#lane.close();
    this.#whenMended.clear();
    for (const settle of [...this.#pending]) settle();
  }

  #next(step: Parameters<FaultPlan['next']>[0]): HappenedFault | undefined {
    if (this.#isSilent || this.#isGone) return undefined;
    const fault = this.#surroundings.plan.next(step);
    if (fault?.fault === 'half-open') this.#fallSilent();
    return fault;
  }

  #happen(event: BackendEvent, sequence: number, fault: HappenedFault | undefined): Promise<PublishResult> {
    switch (fault?.fault) {
      case 'kill':
        this.#die(killed, 'told');
        return Promise.resolve(refused);
      case 'drop':
        return this.#pass(() => (this.#tell(this.#numbering.lost(sequence)), Promise.resolve(taken)));
      case 'garbage':
        return this.#pass(() => {
          void this.#give(garbageEvent(event, fault.variant) as BackendEvent, sequence);
          return Promise.resolve(taken);
        });
      case 'duplicate':
        return this.#pass(() => {
          const first = this.#give(event, sequence);
          this.#add(event);
          return first;
        });
      case 'flood':
        return this.#pass(() => {
          const first = this.#give(event, sequence);
          for (let count = 1; count <= (fault.events ?? 0); count += 1)
            this.#add({ type: 'notice', level: 'info', text: `flood ${count}` });
          return first;
        });
      case 'reorder':
        return this.#pass(() => (this.#swap(() => void this.#give(event, sequence)), Promise.resolve(taken)));
      case 'delay':
        this.#delay(fault);
        return this.#pass(() => this.#give(event, sequence));
      case 'half-open':
      case undefined:
        return this.#pass(() => this.#give(event, sequence));
    }
  }

  #pass(give: () => Promise<PublishResult>): Promise<PublishResult> {
    return new Promise((resolve, reject) => {
      this.#lane.pass({ run: () => void give().then(resolve, reject), lost: () => resolve(taken) });
    });
  }

  #give(event: BackendEvent, sequence: number): Promise<PublishResult> {
    this.#numbering.handedOn(sequence);
    const swapped = this.#swapped;
    const given = this.#publisher.publish(event);
    if (swapped) swapped();
    return given;
  }

  /** What nobody has said, and nobody waits for. */
  #add(event: BackendEvent): void {
    this.#numbering.added();
    this.#publisher.publish(event).catch(() => undefined);
  }

  #swap(give: () => void): void {
    this.#swapped?.();
    const after = (): void => {
      if (this.#swapped !== after) return;
      this.#swapped = undefined;
      takeBack();
      give();
    };
    const takeBack = this.#surroundings.clock.after(swapMs, after);
    this.#swapped = after;
  }

  #delay({ ms = 1 }: HappenedFault): void {
    this.#lane.block((open) => this.#surroundings.clock.after(ms, open));
  }

  #fallSilent(): void {
    this.#isSilent = true;
    this.#lane.block((open) => {
      this.#whenMended.add(open);
      return () => this.#whenMended.delete(open);
    });
  }

  #die(exit: ExecutionExit, way: 'told' | 'silently' = 'told'): void {
    this.close();
    if (way === 'told') void this.#publisher.disconnect(exit);
    this.#surroundings.end();
  }

  #tell(upTo: Recorded | undefined): void {
    if (upTo) for (const listener of this.#listeners) listener(upTo);
  }
}

/** A throw before the first promise is an answer like any other. */
const begun = async <T>(ask: () => Promise<T>): Promise<T> => ask();

const killed: ExecutionExit = { kind: 'signal', value: 'SIGKILL' };

function spoil(fault: HappenedFault, resolve: (answer: never) => void, reject: (cause: Error) => void): void {
  try {
    resolve(garbageAnswer(fault.variant) as never);
  } catch (cause) {
    reject(cause as Error);
  }
}

function onAbort(signal: AbortSignal, run: () => void): void {
  if (signal.aborted) run();
  else signal.addEventListener('abort', run, { once: true });
}
