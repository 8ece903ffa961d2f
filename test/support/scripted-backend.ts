import { BackendId } from '../../src/domain/ids.js';
import type { InputId, WorkerId } from '../../src/domain/ids.js';
import type { BackendEvent, BackendEventBody } from '../../src/domain/observation/event.js';
import type {
  CancelRequest,
  Capabilities,
  ExecutionBackend,
  ExecutionFacts,
  ExecutionHandle,
  ExecutionInput,
  QuestionAnswer,
  RecoverRequest,
  SpawnRequest,
  StopRequest,
} from '../../src/ports/execution-backend.js';
import type { ObservationPublisher, PublishResult } from '../../src/ports/observation-publisher.js';

/** What each method was asked. */
export interface Asked {
  spawn: SpawnRequest;
  recover: RecoverRequest;
  dispatch: ExecutionInput;
  answer: QuestionAnswer;
  cancel: CancelRequest;
  stop: StopRequest;
}
export type Method = keyof Asked;

/** One call of the Runtime, answered by the test or by a rule of it. */
export interface ScriptedCall<M extends Method = Method> {
  readonly method: M;
  readonly workerId: WorkerId;
  readonly generation: number;
  readonly handle?: ExecutionHandle;
  readonly request: Asked[M];
  /** The publisher that its Worker and generation were given. */
  readonly publisher: ObservationPublisher;
  readonly signal: AbortSignal;
  /** Anything: also what no backend may answer. */
  answer(outcome: unknown): void;
  fail(cause: unknown): void;
}

/** Answers a call at once, or leaves it to the test: `undefined`. */
export type Rule<M extends Method> = (call: ScriptedCall<M>) => unknown;

export interface ScriptedBackend extends ExecutionBackend {
  readonly calls: readonly ScriptedCall[];
  readonly disposals: number;
  /** From now on such calls are answered by `rule`; without one they wait for the test. */
  on<M extends Method>(method: M, rule?: Rule<M>): void;
  /** The next such call, in their order; each is given once. */
  next<M extends Method>(method: M): Promise<ScriptedCall<M>>;
  callsOf<M extends Method>(method: M): readonly ScriptedCall<M>[];
  /** The publisher of a Worker's latest generation; of the only Worker where none is named. */
  publisher(workerId?: WorkerId): ObservationPublisher;
}

export const able: Capabilities = { cancel: true, stop: true, recover: true, questions: true };
export const unable: Capabilities = { cancel: false, stop: false, recover: false, questions: false };
export const connected = (facts: Partial<ExecutionFacts> = {}) => ({
  outcome: 'connected' as const,
  capabilities: able,
  ...facts,
});
export const accepted = { outcome: 'accepted' } as const;
export const stopped = { outcome: 'accepted', end: 'stopped' } as const;

class Inbox {
  readonly #calls: ScriptedCall[] = [];
  readonly #takers: ((call: ScriptedCall) => void)[] = [];

  put(call: ScriptedCall): void {
    const taker = this.#takers.shift();
    if (taker) taker(call);
    else this.#calls.push(call);
  }

  take(): Promise<ScriptedCall> {
    const call = this.#calls.shift();
    return call ? Promise.resolve(call) : new Promise((resolve) => this.#takers.push(resolve));
  }
}

/**
 * A backend whose every answer and event a test gives by hand. Spawns connect and stops are accepted at once, unless
 * the test says otherwise with `on`.
 */
export function scriptedBackend(id = 'scripted'): ScriptedBackend {
  const calls: ScriptedCall[] = [];
  const publishers = new Map<string, ObservationPublisher>();
  const inboxes = new Map<Method, Inbox>();
  const rules = new Map<Method, Rule<Method> | undefined>([
    ['spawn', () => connected()],
    ['stop', () => stopped],
  ]);
  let disposals = 0;
  const inbox = (method: Method): Inbox => {
    const known = inboxes.get(method) ?? new Inbox();
    inboxes.set(method, known);
    return known;
  };

  const ask = (fields: Omit<ScriptedCall, 'answer' | 'fail' | 'publisher'>): Promise<never> =>
    new Promise((resolve, reject) => {
      const { method, workerId } = fields;
      const publisher = publishers.get(workerId);
      const call: ScriptedCall = {
        ...fields,
        publisher: publisher as ObservationPublisher,
        answer: (outcome) => resolve(outcome as never),
        fail: (cause) => reject(cause),
      };
      calls.push(call);
      inbox(method).put(call);
      const answer = rules.get(method)?.(call);
      if (answer !== undefined) call.answer(answer);
    });
  const control =
    <M extends Exclude<Method, 'spawn' | 'recover'>>(method: M) =>
    (handle: ExecutionHandle, request: Asked[M], { signal }: { signal: AbortSignal }) =>
      ask({ method, ...handle, handle, request, signal });

  return {
    specification: 'execution-backend/1',
    id: BackendId(id),
    spawn(request, publisher, { signal }) {
      publishers.set(request.workerId, publisher);
      return ask({ method: 'spawn', workerId: request.workerId, generation: request.generation, request, signal });
    },
    recover(request, publisher, { signal }) {
      publishers.set(request.handle.workerId, publisher);
      return ask({ method: 'recover', ...request.handle, handle: request.handle, request, signal });
    },
    dispatch: control('dispatch'),
    answer: control('answer'),
    cancel: control('cancel'),
    stop: control('stop'),
    [Symbol.asyncDispose]() {
      disposals += 1;
      return Promise.resolve();
    },
    calls,
    get disposals() {
      return disposals;
    },
    on: (method, rule) => void rules.set(method, rule as Rule<Method> | undefined),
    next: async <M extends Method>(method: M) => (await inbox(method).take()) as ScriptedCall<M>,
    callsOf: <M extends Method>(method: M) => calls.filter((call) => call.method === method) as ScriptedCall<M>[],
    publisher(workerId = [...publishers.keys()][0] as WorkerId) {
      const publisher = publishers.get(workerId);
      if (!publisher) throw new Error('that Worker was given no publisher');
      return publisher;
    },
  };
}

export const delta = (text = 'a', inputId?: InputId): BackendEvent =>
  say({ type: 'text-delta', messageId: 'm', text }, inputId);
export const noticed = (text: string): BackendEvent => ({ type: 'notice', level: 'info', text });
export const asking = (inputId: InputId, questionId = 'q'): BackendEvent =>
  say({ type: 'question-asked', questionId: questionId as never, prompt: 'Go on?' }, inputId);
export const runEnded = (inputId: InputId, end: 'completed' | 'cancelled' | 'failed' = 'completed'): BackendEvent =>
  say({ type: 'run-ended', end }, inputId);
export const say = (body: BackendEventBody, inputId?: InputId): BackendEvent => ({
  ...body,
  ...(inputId && { inputId }),
});

export type { PublishResult };
