import type { BackendId, Generation, InputId, WorkerId } from '../../../../src/domain/ids.js';
import {
  BackendId as toBackendId,
  Generation as toGeneration,
  InputId as toInputId,
  WorkerId as toWorkerId,
} from '../../../../src/domain/ids.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { Clock } from '../../../../src/ports/clock.js';
import type {
  CallContext,
  ExecutionBackend,
  ExecutionHandle,
  SpawnRequest,
} from '../../../../src/ports/execution-backend.js';
import type { Logger, LogFields } from '../../../../src/ports/logger.js';
import type {
  ExecutionExit,
  ObservationPublisher,
  PublishResult,
  Recorded,
} from '../../../../src/ports/observation-publisher.js';

export const worker1: WorkerId = toWorkerId('01900000-0000-7000-8000-000000000001');
export const worker2: WorkerId = toWorkerId('01900000-0000-7000-8000-000000000002');
export const generation = (value: number): Generation => toGeneration(value);
export const inputId = (value: number): InputId =>
  toInputId(`02900000-0000-7000-8000-${String(value).padStart(12, '0')}`);
export const call = (): CallContext => ({ signal: new AbortController().signal });
export const handle = (workerId: WorkerId = worker1, of = 1): ExecutionHandle => ({
  workerId,
  generation: generation(of),
});
export const spawnRequest = (workerId: WorkerId = worker1, of = 1): SpawnRequest => ({
  workerId,
  generation: generation(of),
  profile: { name: 'test', options: {} },
});
export const text = (value: string, of?: InputId): BackendEvent => ({
  type: 'text-delta',
  messageId: 'm',
  text: value,
  ...(of ? { inputId: of } : {}),
});
export const runEnded = (of: InputId): BackendEvent => ({ type: 'run-ended', end: 'completed', inputId: of });

/** A publisher that keeps what it got; `recordAll` acts as an append of all of it, `isRecording` does so by itself. */
export class RecordingPublisher implements ObservationPublisher {
  readonly events: BackendEvent[] = [];
  readonly exits: ExecutionExit[] = [];
  readonly decisions: { inputId: InputId; taken: boolean }[] = [];
  readonly log: string[] = [];
  readonly workerId: WorkerId;
  readonly generation: Generation;
  isRecording: boolean;
  answerWith: PublishResult = { outcome: 'taken' };
  #listeners: ((upTo: Recorded) => void)[] = [];
  #recorded: number;
  readonly #base: number;

  constructor(workerId: WorkerId = worker1, of = 1, { isRecording = true, position = 0 } = {}) {
    this.workerId = workerId;
    this.generation = generation(of);
    this.isRecording = isRecording;
    this.#base = position;
    this.#recorded = position;
  }

  get texts(): string[] {
    return this.events.map((event) => ('text' in event ? event.text : event.type));
  }

  async publish(event: BackendEvent): Promise<PublishResult> {
    this.events.push(event);
    this.log.push(event.type);
    if (this.isRecording) queueMicrotask(() => this.recordAll());
    return this.answerWith;
  }

  async disconnect(exit: ExecutionExit): Promise<void> {
    this.exits.push(exit);
    this.log.push(`exit ${exit.kind}`);
  }

  onRecorded(listener: (upTo: Recorded) => void): void {
    this.#listeners.push(listener);
  }

  async decide(of: InputId, taken: boolean): Promise<void> {
    this.decisions.push({ inputId: of, taken });
  }

  recordAll(): void {
    this.record(this.#base + this.events.length);
  }

  record(sequence: number, refused?: Recorded['refused']): void {
    if (sequence <= this.#recorded) return;
    this.#recorded = sequence;
    for (const listener of this.#listeners) listener({ sequence, refused });
  }
}

export const allCapabilities = { cancel: true, stop: true, recover: false, questions: true };

export type Overrides = { -readonly [Key in keyof ExecutionBackend]?: ExecutionBackend[Key] };

/** A backend that takes everything, publishes nothing by itself, and keeps the calls it got. */
export class ScriptedBackend implements ExecutionBackend {
  readonly specification = 'execution-backend/1';
  readonly id: BackendId = toBackendId('scripted');
  readonly calls: string[] = [];
  readonly publishers: ObservationPublisher[] = [];
  readonly inputs: InputId[] = [];
  readonly #overrides: Overrides;

  constructor(overrides: Overrides = {}) {
    this.#overrides = overrides;
  }

  get publisher(): ObservationPublisher {
    const publisher = this.publishers.at(-1);
    if (!publisher) throw new Error('nothing was spawned');
    return publisher;
  }

  spawn: ExecutionBackend['spawn'] = (request, publisher, context) => {
    this.calls.push(`spawn ${request.generation}`);
    this.publishers.push(publisher);
    return (
      this.#overrides.spawn?.(request, publisher, context) ??
      Promise.resolve({ outcome: 'connected', capabilities: allCapabilities })
    );
  };

  recover: ExecutionBackend['recover'] = (request, publisher, context) => {
    this.calls.push(`recover ${request.handle.generation}`);
    this.publishers.push(publisher);
    return this.#overrides.recover?.(request, publisher, context) ?? Promise.resolve({ outcome: 'unsupported' });
  };

  dispatch: ExecutionBackend['dispatch'] = (to, input, context) => {
    this.calls.push(`dispatch ${to.generation}`);
    this.inputs.push(input.inputId);
    return this.#overrides.dispatch?.(to, input, context) ?? Promise.resolve({ outcome: 'accepted' });
  };

  answer: ExecutionBackend['answer'] = (to, answer, context) => {
    this.calls.push(`answer ${answer.questionId}`);
    return this.#overrides.answer?.(to, answer, context) ?? Promise.resolve({ outcome: 'accepted' });
  };

  cancel: ExecutionBackend['cancel'] = (to, request, context) => {
    this.calls.push(`cancel ${request.inputId.slice(-2)}`);
    return this.#overrides.cancel?.(to, request, context) ?? Promise.resolve({ outcome: 'accepted' });
  };

  stop: ExecutionBackend['stop'] = (to, request, context) => {
    this.calls.push(`stop ${to.generation}`);
    return this.#overrides.stop?.(to, request, context) ?? Promise.resolve({ outcome: 'accepted', end: 'stopped' });
  };

  async [Symbol.asyncDispose](): Promise<void> {
    this.calls.push('dispose');
  }
}

/** Time that passes when a test says so. */
export class TestClock implements Clock {
  #now = 0;
  #timers: { at: number; run: () => void }[] = [];

  now(): number {
    return this.#now;
  }

  after(delayMs: number, run: () => void): () => void {
    const timer = { at: this.#now + delayMs, run };
    this.#timers.push(timer);
    return () => (this.#timers = this.#timers.filter((one) => one !== timer));
  }

  get pending(): number {
    return this.#timers.length;
  }

  pass(delayMs: number): void {
    this.#now += delayMs;
    const due = this.#timers.filter(({ at }) => at <= this.#now);
    this.#timers = this.#timers.filter(({ at }) => at > this.#now);
    for (const { run } of due) run();
  }
}

export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

export class RecordingLogger implements Logger {
  readonly lines: LogLine[] = [];
  trace = (message: string, fields: LogFields = {}): void => this.#add('trace', message, fields);
  debug = (message: string, fields: LogFields = {}): void => this.#add('debug', message, fields);
  info = (message: string, fields: LogFields = {}): void => this.#add('info', message, fields);
  warn = (message: string, fields: LogFields = {}): void => this.#add('warn', message, fields);
  error = (message: string, fields: LogFields = {}): void => this.#add('error', message, fields);
  child = (): Logger => this;

  #add(level: string, message: string, fields: LogFields): void {
    this.lines.push({ level, message, fields });
  }
}
