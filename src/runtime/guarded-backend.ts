import type { ErroredCode, RejectedCode } from '../domain/codes.js';
import type { CorrelationId } from '../domain/ids.js';
import type { Generation } from '../domain/ids.js';
import type { Operation, Refusal } from '../domain/outcome.js';
import type {
  AnswerAnswer,
  ConnectedExecution,
  DispatchAnswer,
  Faulty,
  RecoverAnswer,
  SpawnAnswer,
} from '../domain/worker/command.js';
import { LateAbort } from '../ports/abort.js';
import type { Clock } from '../ports/clock.js';
import type {
  CallContext,
  CancelRequest,
  ExecutionBackend,
  ExecutionFacts,
  ExecutionHandle,
  ExecutionInput,
  QuestionAnswer,
  RecoverRequest,
  SpawnRequest,
} from '../ports/execution-backend.js';
import type { Logger } from '../ports/logger.js';
import type { ObservationPublisher } from '../ports/observation-publisher.js';
import {
  parseControlOutcome,
  parseDispatchOutcome,
  parseRecoverOutcome,
  parseSpawnOutcome,
  parseStopOutcome,
} from '../protocol/outcomes.js';
import type { Deadlines } from './deadlines.js';
import { newCorrelationId } from './ids.js';

interface Question<Answer, Said> {
  readonly method: string;
  readonly deadlineMs: number;
  readonly call: (call: CallContext) => Promise<unknown>;
  readonly parse: (value: unknown) => Said | undefined;
  readonly answer: (said: NonNullable<Said>) => Answer;
  /** Told of an answer that comes when nobody waits any more. */
  readonly late?: ((said: NonNullable<Said>) => unknown) | undefined;
}

/** A throw before the first promise is an answer like any other. */
function start(call: () => Promise<unknown>): Promise<unknown> {
  try {
    return Promise.resolve(call());
  } catch (cause) {
    return Promise.reject(cause);
  }
}

/** A value that throws when it is looked at has the wrong shape. */
function parsed<Answer, Said>({ parse }: Question<Answer, Said>, value: unknown): NonNullable<Said> | undefined {
  try {
    return parse(value) ?? undefined;
  } catch {
    return undefined;
  }
}

type RefusedOutcome = Extract<
  ReturnType<typeof parseControlOutcome>,
  { outcome: 'rejected' | 'errored' | 'unsupported' }
>;

/** Codes of ours that a backend's refusal may carry to the caller, by the operation they belong to. */
const passedOn: Readonly<Record<Operation, readonly RejectedCode[]>> = {
  create: ['backend-unavailable', 'backend-unauthenticated'],
  reconnect: ['backend-unavailable', 'backend-unauthenticated'],
  input: ['input-invalid', 'input-too-large'],
  answer: ['question-unknown', 'question-closed', 'answer-invalid'],
  cancel: ['input-not-open'],
  stop: [],
  delete: [],
};

const faults: Readonly<Record<string, ErroredCode>> = {
  'backend-disconnected': 'backend-disconnected',
  'backend-timeout': 'backend-timeout',
  'stale-generation': 'worker-moved',
};

const isDisconnected = <T extends { readonly outcome: string }>(
  answer: T,
): answer is Extract<T, { outcome: 'errored' }> =>
  answer.outcome === 'errored' && 'code' in answer && answer.code === 'backend-disconnected';

interface GuardDependencies {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly deadlines: Deadlines;
}

/**
 * Whatever is plugged in, made safe to call: deadlines, throws and answers of a wrong shape become typed answers
 * (W16, W18), and nothing of a backend but its declared codes leaves here (B2, B5). Calls of one Worker only.
 */
export class GuardedBackend {
  readonly #backend: ExecutionBackend;
  readonly #dependencies: GuardDependencies;

  constructor(backend: ExecutionBackend, dependencies: GuardDependencies) {
    this.#backend = backend;
    this.#dependencies = dependencies;
  }

  /** `onLate` is called where it connects after all when nobody waits any more. */
  spawn(request: SpawnRequest, publisher: ObservationPublisher, onLate: () => void): Promise<SpawnAnswer> {
    const operation = request.generation === 1 ? 'create' : 'reconnect';
    return this.#ask<SpawnAnswer, ReturnType<typeof parseSpawnOutcome>>({
      method: 'spawn',
      deadlineMs: this.#dependencies.deadlines.spawnMs,
      call: (call) => this.#backend.spawn(request, publisher, call),
      parse: parseSpawnOutcome,
      answer: (said) => {
        if (said.outcome === 'connected') return { outcome: 'connected', ...execution(said) };
        return said.outcome === 'busy' ? said : this.#refusal(said, operation, []);
      },
      late: (said) => said.outcome === 'connected' && onLate(),
    });
  }

  recover(
    request: Omit<RecoverRequest, 'deadlineMs'>,
    publisher: ObservationPublisher,
    onLate: () => void,
  ): Promise<RecoverAnswer> {
    const deadlineMs = this.#dependencies.deadlines.recoverMs;
    return this.#ask<RecoverAnswer, ReturnType<typeof parseRecoverOutcome>>({
      method: 'recover',
      deadlineMs,
      call: (call) => this.#backend.recover({ ...request, deadlineMs }, publisher, call),
      parse: parseRecoverOutcome,
      answer: (said) => {
        if (said.outcome === 'adopted') return { outcome: 'adopted', taken: said.taken, ...execution(said) };
        return said.outcome === 'lost' ? said : this.#refusal(said, 'reconnect', []);
      },
      late: (said) => said.outcome === 'adopted' && onLate(),
    });
  }

  dispatch(handle: ExecutionHandle, input: ExecutionInput, codes: readonly string[]): Promise<DispatchAnswer> {
    return this.#ask<DispatchAnswer, ReturnType<typeof parseDispatchOutcome>>({
      method: 'dispatch',
      deadlineMs: this.#dependencies.deadlines.dispatchMs,
      call: (call) => this.#backend.dispatch(handle, input, call),
      parse: parseDispatchOutcome,
      answer: (said) => {
        if (said.outcome === 'accepted' || said.outcome === 'busy') return said;
        if (said.outcome !== 'unknown') return this.#refusal(said, 'input', codes);
        return { outcome: 'unknown', correlationId: this.#report('dispatch', 'the answer was lost') };
      },
    });
  }

  async answer(handle: ExecutionHandle, given: QuestionAnswer, codes: readonly string[]): Promise<AnswerAnswer> {
    const answer = await this.#ask<AnswerAnswer | Faulty, ReturnType<typeof parseControlOutcome>>({
      method: 'answer',
      deadlineMs: this.#dependencies.deadlines.answerMs,
      call: (call) => this.#backend.answer(handle, given, call),
      parse: parseControlOutcome,
      answer: (said) => (said.outcome === 'accepted' ? said : this.#refusal(said, 'answer', codes)),
    });
    // What a lost connection cut off may have arrived: no adapter can tell (E5).
    const isUnknown = answer.outcome === 'faulty' || isDisconnected(answer);
    if (!isUnknown) return answer;
    return { outcome: 'errored', code: answer.code, executed: 'unknown', correlationId: answer.correlationId };
  }

  /** The log answers a cancel (W11); what the backend says of it is for the operator. `false`: it may not have got through. */
  async cancel(handle: ExecutionHandle, request: CancelRequest): Promise<boolean> {
    type Said = NonNullable<ReturnType<typeof parseControlOutcome>>;
    const said = await this.#ask<Said, Said>({
      method: 'cancel',
      deadlineMs: request.deadlineMs,
      call: (call) => this.#backend.cancel(handle, request, call),
      parse: parseControlOutcome,
      answer: (answer) => answer,
    });
    this.#dependencies.logger.debug('cancel answered', { workerId: handle.workerId, said });
    return !isDisconnected(said);
  }

  async stop(handle: ExecutionHandle, graceMs: number): Promise<'stopped' | 'killed' | 'failed'> {
    const answer = await this.#stop(handle, graceMs);
    return answer.outcome === 'accepted' ? answer.end : 'failed';
  }

  /** Ends an execution that nobody keeps. Whether the backend has answered: if not, it is asked again (R5). */
  async endByName(handle: ExecutionHandle): Promise<boolean> {
    const answer = await this.#stop(handle, 0);
    if (answer.outcome === 'errored') return answer.code === 'stale-generation';
    return answer.outcome !== 'faulty';
  }

  #stop(handle: ExecutionHandle, graceMs: number) {
    type Said = NonNullable<ReturnType<typeof parseStopOutcome>>;
    return this.#ask<Said, Said>({
      method: 'stop',
      deadlineMs: graceMs + this.#dependencies.deadlines.stopSettleMs,
      call: (call) => this.#backend.stop(handle, { graceMs }, call),
      parse: parseStopOutcome,
      answer: (said) => said,
    });
  }

  /**
   * The answer is made in the very turn in which the backend's promise resolves: between an answer and what was
   * published around it no order is lost.
   */
  #ask<Answer, Said>(question: Question<Answer, Said>): Promise<Answer | Faulty> {
    const { method, deadlineMs, call, answer } = question;
    const abort = new LateAbort();
    let isLate = false;
    const context: CallContext = {
      get signal() {
        return abort.signal;
      },
    };
    return new Promise((resolve) => {
      const fault = (code: Faulty['code'], cause: unknown): void => {
        resolve({ outcome: 'faulty', code, correlationId: this.#report(method, cause) });
      };
      const cancel = this.#dependencies.clock.after(deadlineMs, () => {
        isLate = true;
        fault('backend-timeout', `no answer within ${String(deadlineMs)} ms`);
        abort.abort(new Error('the deadline has passed'));
      });
      start(() => call(context)).then(
        (value) => {
          cancel();
          const said = parsed(question, value);
          if (isLate) return void (said && question.late?.(said));
          if (said) resolve(answer(said));
          else fault('backend-fault', 'an answer of the wrong shape');
        },
        (cause: unknown) => {
          cancel();
          if (!isLate) fault('backend-fault', cause);
        },
      );
    });
  }

  #refusal(
    answer: RefusedOutcome,
    operation: Operation,
    codes: readonly string[],
  ): Exclude<Refusal, { outcome: 'busy' }> {
    if (answer.outcome === 'unsupported') return { outcome: 'unsupported', operation };
    const { code, detail } = answer;
    const declared = code !== undefined && codes.includes(code) ? { backendCode: code } : {};
    const correlationId = this.#report(operation, { code, detail });
    if (answer.outcome === 'rejected') {
      const own = passedOn[operation].find((known) => known === code);
      return { outcome: 'rejected', code: own ?? 'backend-rejected', ...declared };
    }
    const fault = (code !== undefined && faults[code]) || 'backend-fault';
    return { outcome: 'errored', code: fault, executed: 'no', correlationId, ...declared };
  }

  #report(method: string, cause: unknown): CorrelationId {
    const { clock, logger } = this.#dependencies;
    const correlationId = newCorrelationId(clock);
    logger.warn('backend refused or failed', { method, correlationId, cause });
    return correlationId;
  }
}

const noCodes: readonly string[] = [];

/** Field by field, and not frozen: each frozen copy has a shape of its own, which costs an idle Worker more than the copy. */
const execution = ({ capabilities, codes = noCodes, recoverState }: ExecutionFacts): ConnectedExecution => {
  const { cancel, stop, recover, questions } = capabilities;
  return { capabilities: { cancel, stop, recover, questions }, codes, recoverState };
};

/** What a handle needs to be made of. */
export const handleOf = (
  workerId: ExecutionHandle['workerId'],
  generation: Generation,
  recoverState: ExecutionHandle['recoverState'],
): ExecutionHandle => ({ workerId, generation, ...(recoverState !== undefined && { recoverState }) });
