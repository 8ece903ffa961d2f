import type { InputId, QuestionId, RuntimeId, WorkerId } from '../../../domain/ids.js';
import type { Answer, Part } from '../../../domain/observation/event.js';
import type { Refusal } from '../../../domain/outcome.js';
import type {
  AnswerCommand,
  BrowserGateway,
  CallOptions,
  CancelCommand,
  CreateCommand,
  DeleteCommand,
  Frame,
  InputCommand,
  OutcomeOf,
  ReconnectCommand,
  StopCommand,
  WorkerRef,
} from '../../../ports/browser-gateway.js';

type Accepted<C extends Parameters<BrowserGateway['execute']>[0]> = Extract<
  OutcomeOf<C>,
  { readonly outcome: 'accepted' }
>;

/** One Worker, and what can be asked of it. Every answer is that of the gateway. */
export interface WorkerHandle {
  readonly ref: WorkerRef;
  /** A text is short for one text part. */
  input(
    content: string | readonly Part[],
    options?: CallOptions & { readonly inputId?: string | undefined },
  ): Promise<OutcomeOf<InputCommand>>;
  /** Without an id: of the input that is open when it is asked; `input-not-open` where there is none. */
  cancel(
    inputId?: string,
    options?: CallOptions & { readonly deadlineMs?: number | undefined },
  ): Promise<OutcomeOf<CancelCommand>>;
  /** A text is short for `{ text }`; a question with options takes `{ optionId }`. */
  answer(questionId: string, answer: string | Answer, options?: CallOptions): Promise<OutcomeOf<AnswerCommand>>;
  reconnect(options?: CallOptions): Promise<OutcomeOf<ReconnectCommand>>;
  stop(options?: CallOptions & { readonly graceMs?: number | undefined }): Promise<OutcomeOf<StopCommand>>;
  delete(options?: CallOptions): Promise<OutcomeOf<DeleteCommand>>;
  /** Without `from`: a snapshot, then events. With a cursor or `start`: events after it. */
  observe(from?: string, options?: CallOptions): AsyncIterable<Frame>;
}

export interface WorkerRequest {
  readonly runtimeId: string;
  readonly profile: string;
  readonly displayName?: string | undefined;
  /** A text is short for one text part. */
  readonly input?: string | readonly Part[] | undefined;
  readonly idempotencyKey?: string | undefined;
}

export interface Workers {
  /** Accepted, it brings a `handle` of the Worker. */
  create(
    request: WorkerRequest,
    options?: CallOptions,
  ): Promise<(Accepted<CreateCommand> & { readonly handle: WorkerHandle }) | Refusal>;
  /** Nothing is asked: whether there is such a Worker is told by whatever is asked first. */
  open(ref: { readonly runtimeId: string; readonly workerId: string }): WorkerHandle;
}

const partsOf = (content: string | readonly Part[]): readonly Part[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : content;

function handleOf(gateway: BrowserGateway, worker: WorkerRef): WorkerHandle {
  async function cancelOpen(deadlineMs: number | undefined, call: CallOptions): Promise<OutcomeOf<CancelCommand>> {
    const found = await gateway.read({ type: 'worker', worker }, call);
    if (found.outcome !== 'answered') return found;
    const { openInput } = found.worker;
    if (!openInput) return { outcome: 'rejected', code: 'input-not-open' };
    return gateway.execute({ type: 'cancel', worker, inputId: openInput.inputId, deadlineMs }, call);
  }

  return {
    ref: worker,
    input: (content, { inputId, ...call } = {}) =>
      gateway.execute(
        { type: 'input', worker, inputId: inputId as InputId | undefined, parts: partsOf(content) },
        call,
      ),
    cancel: (inputId, { deadlineMs, ...call } = {}) =>
      inputId === undefined
        ? cancelOpen(deadlineMs, call)
        : gateway.execute({ type: 'cancel', worker, inputId: inputId as InputId, deadlineMs }, call),
    answer(questionId, given, call) {
      const answer = typeof given === 'string' ? { text: given } : given;
      return gateway.execute({ type: 'answer', worker, questionId: questionId as QuestionId, answer }, call);
    },
    reconnect: (call) => gateway.execute({ type: 'reconnect', worker }, call),
    stop: ({ graceMs, ...call } = {}) => gateway.execute({ type: 'stop', worker, graceMs }, call),
    delete: (call) => gateway.execute({ type: 'delete', worker }, call),
    observe: (from, call) => gateway.observe(worker, from, call),
  };
}

/** Workers as objects, over any gateway. */
export const workers = (gateway: BrowserGateway): Workers => ({
  async create({ runtimeId, profile, displayName, input, idempotencyKey }, call) {
    const first = input === undefined ? undefined : { parts: partsOf(input) };
    const at = runtimeId as RuntimeId;
    const outcome = await gateway.execute(
      { type: 'create', runtimeId: at, profile, displayName, input: first, idempotencyKey },
      call,
    );
    if (outcome.outcome !== 'accepted') return outcome;
    return { ...outcome, handle: handleOf(gateway, { runtimeId: at, workerId: outcome.worker.workerId }) };
  },
  open: ({ runtimeId, workerId }) =>
    handleOf(gateway, { runtimeId: runtimeId as RuntimeId, workerId: workerId as WorkerId }),
});
