import assert from 'node:assert/strict';

import { Generation, InputId, type QuestionId, WorkerId } from '../../domain/ids.js';
import type { Answer, BackendEvent, Part } from '../../domain/observation/event.js';
import type {
  CancelOutcome,
  ControlOutcome,
  DispatchOutcome,
  ExecutionBackend,
  ExecutionFacts,
  ExecutionHandle,
  RecoverOutcome,
  RecoverRequest,
  SpawnOutcome,
  StopOutcome,
} from '../../ports/execution-backend.js';
import type { CaseCall } from '../contract-case.js';
import { messageOf } from '../message-of.js';
import { RecordingPublisher, type RecordingOptions } from '../recording-publisher.js';
import { type Note, traced } from '../trace.js';
import { turns } from '../turn.js';
import { within } from '../within.js';
import { defaultProfile, type ExecutionBackendHarness, type HarnessInputs } from './harness.js';

export const newWorkerId = (): WorkerId => WorkerId(crypto.randomUUID());
export const newInputId = (): InputId => InputId(crypto.randomUUID());

export type RunEnded = Extract<BackendEvent, { readonly type: 'run-ended' }>;

export interface SpawnOptions extends Partial<Omit<RecordingOptions, 'generation'>> {
  readonly generation?: number | undefined;
  readonly profile?: ExecutionBackendHarness['profile'];
}

/** The inputs of a harness; one that is missing fails the case that asks for it. */
export function inputsOf({ inputs }: ExecutionBackendHarness): Required<HarnessInputs> {
  const missing = (): never => assert.fail('the harness has no such input');
  return {
    streams: missing,
    runsUntilCancelled: missing,
    asks: missing,
    withdraws: missing,
    fails: missing,
    ...inputs,
  };
}

/** One backend under test, for one case. */
export class Stage {
  readonly backend: ExecutionBackend;
  readonly harness: ExecutionBackendHarness;
  readonly inputs: Required<HarnessInputs>;

  /** The backend as its harness made it: what the harness knows it by. */
  readonly #subject: ExecutionBackend;
  readonly #note: Note;
  readonly #signal: AbortSignal;

  constructor(backend: ExecutionBackend, harness: ExecutionBackendHarness, { signal, note }: CaseCall) {
    this.#subject = backend;
    this.#note = note;
    this.backend = traced(backend, note);
    this.harness = harness;
    this.#signal = signal;
    this.inputs = inputsOf(harness);
  }

  /** Whose answers come with nothing in between, for who asks what was said by then. */
  get untraced(): ExecutionBackend {
    return this.#subject;
  }

  /** Aborts with its case. A signal of its own for each who asks: of one alone Node counts who listens, and warns. */
  get signal(): AbortSignal {
    return AbortSignal.any([this.#signal]);
  }

  /** Milliseconds that the backend gets for what has a deadline of its own. */
  get deadlineMs(): number {
    return 2_000 * (this.harness.timing ?? 1);
  }

  /** The answer of a method. That it throws, or does not answer, is a failure that names it. */
  async answered<T>(method: string, call: () => Promise<T>): Promise<T> {
    const answer = (async () => call())().catch((cause: unknown) =>
      assert.fail(`${method} threw: ${messageOf(cause)}`),
    );
    return within(this.signal, `the answer of ${method}`, answer);
  }

  publisher({ workerId = newWorkerId(), generation = 1, ...options }: SpawnOptions = {}): RecordingPublisher {
    return new RecordingPublisher({ ...options, workerId, generation: Generation(generation), note: this.#note });
  }

  /** Ends what executes this Worker the way a crash does. */
  async crash(handle: ExecutionHandle): Promise<void> {
    this.#note('! crash');
    await this.harness.crash?.(this.#subject, handle);
  }

  /** Cuts the connection; it comes back by itself. */
  async cut(): Promise<void> {
    this.#note('! cut');
    await this.harness.cut?.(this.#subject);
  }

  /** What of the backend still runs, once it is disposed. */
  async leftovers(): Promise<readonly string[]> {
    return (await this.harness.leftovers?.(this.#subject)) ?? [];
  }

  /** Asks until the connection that was cut is back. */
  async untilBack<T extends { readonly outcome: string }>(call: () => Promise<T>): Promise<T> {
    for (;;) {
      const answer = await call();
      const isBack = !('code' in answer) || answer.code !== 'backend-disconnected';
      if (isBack || this.signal.aborted) return answer;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** Lets so much time pass for the backend. */
  async elapse(ms: number): Promise<void> {
    this.#note(`! ${ms} ms pass`);
    await this.harness.elapse?.(this.#subject, ms);
  }

  spawn(publisher: RecordingPublisher, profile = this.harness.profile, signal = this.signal): Promise<SpawnOutcome> {
    const { workerId, generation } = publisher;
    const request = { workerId, generation, profile: profile ?? defaultProfile };
    return this.answered('spawn', () => this.backend.spawn(request, publisher, { signal }));
  }

  /** An execution that is connected. */
  async execution(options: SpawnOptions = {}): Promise<StagedExecution> {
    const publisher = this.publisher(options);
    const answer = await this.spawn(publisher);
    assert.equal(answer.outcome, 'connected', 'spawn answers connected');
    return new StagedExecution(this, publisher, answer);
  }

  /**
   * Another Worker lives meanwhile: it completes, streams, and is cancelled. What this one was about to say, wrongly,
   * it has said by then.
   */
  async meanwhile(): Promise<void> {
    const { streams, runsUntilCancelled } = this.harness.inputs;
    const other = await this.execution();
    await other.completes();
    if (streams) await other.run(streams(512));
    if (runsUntilCancelled && this.harness.capabilities?.cancel) {
      const inputId = await other.running(runsUntilCancelled());
      await other.cancel(inputId);
      await other.ended(inputId);
    }
    await turns(4);
  }

  recover(
    publisher: RecordingPublisher,
    request: Omit<RecoverRequest, 'deadlineMs'>,
    { deadlineMs = this.deadlineMs, signal = this.signal }: RecoverCall = {},
  ): Promise<RecoverOutcome> {
    return this.answered('recover', () => this.backend.recover({ ...request, deadlineMs }, publisher, { signal }));
  }

  /** An execution that was taken over, or found again, from `former`. */
  async adopted(former: StagedExecution, request: Takeover): Promise<AdoptedExecution> {
    const publisher = this.publisher({ ...request.publishing, ...former.named(request.generation) });
    const answer = await this.recover(publisher, recoverRequest(former, request));
    assert.equal(answer.outcome, 'adopted', 'recover answers adopted');
    const facts = answer as ExecutionFacts & { readonly taken?: boolean };
    return { execution: new StagedExecution(this, publisher, facts), taken: facts.taken };
  }
}

export interface Takeover {
  readonly generation: number;
  /** The last event of `former` that its host has recorded. */
  readonly sequence: number;
  readonly inputId?: InputId | undefined;
  readonly publishing?: SpawnOptions | undefined;
}

export interface RecoverCall {
  /** Milliseconds that the backend is told it has. */
  readonly deadlineMs?: number;
  readonly signal?: AbortSignal;
}

/** How a host asks for what `former` has said behind `sequence`. */
export function recoverRequest(
  former: StagedExecution,
  { generation, sequence, inputId }: Omit<Takeover, 'publishing'>,
): Omit<RecoverRequest, 'deadlineMs'> {
  const handle = { ...former.named(generation), recoverState: former.facts.recoverState };
  return { handle, position: { generation: former.handle.generation, sequence }, inputId };
}

export interface AdoptedExecution {
  readonly execution: StagedExecution;
  readonly taken: boolean | undefined;
}

/** An execution of the backend under test, called by its name. */
export class StagedExecution {
  readonly stage: Stage;
  readonly publisher: RecordingPublisher;
  readonly facts: ExecutionFacts;

  constructor(stage: Stage, publisher: RecordingPublisher, facts: ExecutionFacts) {
    this.stage = stage;
    this.publisher = publisher;
    this.facts = facts;
  }

  get handle(): ExecutionHandle {
    return { ...this.named(this.publisher.generation), recoverState: this.facts.recoverState };
  }

  /** This Worker under some generation. */
  named(generation: number): { readonly workerId: WorkerId; readonly generation: Generation } {
    return { workerId: this.publisher.workerId, generation: Generation(generation) };
  }

  dispatch(parts: readonly Part[], inputId = newInputId(), signal = this.stage.signal): Promise<DispatchOutcome> {
    const { backend } = this.stage;
    return this.stage.answered('dispatch', () => backend.dispatch(this.handle, { inputId, parts }, { signal }));
  }

  /** Dispatches what is to be accepted. */
  async begin(parts: readonly Part[], inputId = newInputId()): Promise<InputId> {
    const answer = await this.dispatch(parts, inputId);
    assert.equal(answer.outcome, 'accepted', 'dispatch answers accepted');
    return inputId;
  }

  /** Dispatches and waits for its first event. */
  async running(parts: readonly Part[]): Promise<InputId> {
    const inputId = await this.begin(parts);
    await this.first((event) => event.inputId === inputId, 'the first event of a run');
    return inputId;
  }

  /** Waits for the end of a run. */
  async ended(inputId: InputId): Promise<RunEnded> {
    const isEnd = (event: BackendEvent): boolean => event.type === 'run-ended' && event.inputId === inputId;
    return (await this.first(isEnd, 'run-ended')) as RunEnded;
  }

  /** The first event of all that fits. */
  first(fits: (event: BackendEvent) => boolean, what: string): Promise<BackendEvent> {
    return this.publisher.first(fits, this.stage.signal, what);
  }

  /** Runs an input to its end. */
  async run(parts: readonly Part[]): Promise<RunEnded> {
    return this.ended(await this.begin(parts));
  }

  /** Runs an input that completes: what came before it has then been published, too. */
  async completes(): Promise<void> {
    const { end } = await this.run(this.stage.inputs.completes());
    assert.equal(end, 'completed', 'the execution takes an input and completes it');
  }

  cancel(inputId: InputId, signal = this.stage.signal): Promise<CancelOutcome> {
    const { backend, deadlineMs } = this.stage;
    return this.stage.answered('cancel', () => backend.cancel(this.handle, { inputId, deadlineMs }, { signal }));
  }

  answer(questionId: QuestionId, answer: Answer, signal = this.stage.signal): Promise<ControlOutcome> {
    const { backend } = this.stage;
    return this.stage.answered('answer', () => backend.answer(this.handle, { questionId, answer }, { signal }));
  }

  stop(graceMs = this.stage.deadlineMs, signal = this.stage.signal): Promise<StopOutcome> {
    const { backend } = this.stage;
    return this.stage.answered('stop', () => backend.stop(this.handle, { graceMs }, { signal }));
  }

  eventsOf(inputId: InputId): readonly BackendEvent[] {
    return this.publisher.events.filter((event) => event.inputId === inputId);
  }

  endsOf(inputId: InputId): readonly RunEnded[] {
    return this.eventsOf(inputId).filter((event) => event.type === 'run-ended');
  }
}
