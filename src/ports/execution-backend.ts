/**
 * The port to whatever really executes Workers. `docs/writing-a-backend.md` is its guide; rule ids are those of `docs/rules.md`.
 *
 * An implementation is a plain object. The Runtime guards it: deadlines, throws and answers of a wrong shape are the
 * guard's work (W16, W18), so an author writes the easy half. What holds for every method:
 *
 * - Answers are values. A method MUST NOT throw for anything that can be foreseen; a throw is recorded as
 *   `backend-fault` and its text goes to the operator log only (B2).
 * - `call.signal` aborts when the Runtime stops waiting. It means *nobody waits for this answer any more*, never
 *   *cancel the run* or *end the execution*: those are `cancel` and `stop`.
 * - An answer MUST NOT overtake the events that were published before it (E4): await or start their `publish` first.
 * - Requests of a generation lower than the highest one seen for a Worker MUST answer `errored` / `stale-generation`
 *   and do nothing (E6).
 * - Methods for different Workers run concurrently. For one Worker, `cancel`, `answer` and `stop` may come while
 *   `dispatch` is unanswered.
 */
import type { ReasonCode } from '../domain/codes.js';
import type { BackendId, Generation, InputId, Json, QuestionId, WorkerId } from '../domain/ids.js';
import type { Answer, Part } from '../domain/observation/event.js';
import type { Capabilities, Position } from '../domain/worker/state.js';
import type { ObservationPublisher } from './observation-publisher.js';

export type { Capabilities, Position };

/** Implementors always get a signal. */
export interface CallContext {
  readonly signal: AbortSignal;
}

/** Names an execution. Made by the Runtime; holds ids and the backend's own state, never a process, path or credential. */
export interface ExecutionHandle {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  /** What the backend asked to be kept when it connected: its own JSON, at most 64 KiB, never shown. */
  readonly recoverState?: Json | undefined;
}

export interface SpawnRequest {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  readonly profile: { readonly name: string; readonly options: Json };
  readonly displayName?: string | undefined;
}

export interface RecoverRequest {
  /** The generation under which the execution is to go on. Equal to `position.generation`: resumption. Higher: take-over. */
  readonly handle: ExecutionHandle;
  /** The last event of the earlier life that is in the log. */
  readonly position: Position;
  /** The input that was open or undecided. */
  readonly inputId?: InputId | undefined;
  /** Milliseconds until nobody waits any more. */
  readonly deadlineMs: number;
}

export interface ExecutionInput {
  readonly inputId: InputId;
  readonly parts: readonly Part[];
}

export interface QuestionAnswer {
  readonly questionId: QuestionId;
  readonly answer: Answer;
}

export interface CancelRequest {
  readonly inputId: InputId;
  /** Milliseconds until the Runtime closes the generation instead. */
  readonly deadlineMs: number;
}

export interface StopRequest {
  /** Milliseconds to end politely; 0: at once. */
  readonly graceMs: number;
}

/**
 * Nothing was executed. `code` is one of ours (`backend-unavailable`, `stale-generation`, `question-unknown`, …) or
 * one of the backend's own, which crosses to browsers only if the execution declared it (B5).
 * `detail` may be anything; it goes to the operator log and nowhere else.
 */
export type Refused =
  | { readonly outcome: 'rejected' | 'errored'; readonly code?: ReasonCode | undefined; readonly detail?: unknown }
  | { readonly outcome: 'unsupported' };

/** The facts of one execution: what it can do, and which codes of its own it may show. */
export interface ExecutionFacts {
  readonly capabilities: Capabilities;
  /** At most 64, kebab-case, at most 64 characters each (B5). */
  readonly codes?: readonly string[] | undefined;
  readonly recoverState?: Json | undefined;
}

/** `busy`: no slot is free. */
export type SpawnOutcome =
  ({ readonly outcome: 'connected' } & ExecutionFacts) | { readonly outcome: 'busy' } | Refused;

export type RecoverOutcome =
  /** Nothing after `position` is missing. `taken`: whether `inputId` was taken; MUST be there when one was given. */
  | ({ readonly outcome: 'adopted'; readonly taken?: boolean | undefined } & ExecutionFacts)
  | { readonly outcome: 'lost' }
  | Refused;

/** `unknown`: it was sent, then the connection was lost; the input stays undecided (W8). A refusal always means that it did not run. */
export type DispatchOutcome =
  { readonly outcome: 'accepted' } | { readonly outcome: 'busy' } | { readonly outcome: 'unknown' } | Refused;

export type ControlOutcome = { readonly outcome: 'accepted' } | Refused;
export type CancelOutcome = ControlOutcome;
export type StopOutcome = { readonly outcome: 'accepted'; readonly end: 'stopped' | 'killed' } | Refused;

export interface ExecutionBackend extends AsyncDisposable {
  /** The version of this contract. The Runtime refuses any other. */
  readonly specification: 'execution-backend/1';
  readonly id: BackendId;

  /**
   * Begins the execution of a Worker. Events may be published from the first moment on; they are held until the
   * answer is recorded (W9). Asked again with the same Worker and generation it MUST answer the same execution; with
   * a higher generation it MUST first end what is there (E6). Refused: nothing of it may go on running.
   */
  spawn(request: SpawnRequest, publisher: ObservationPublisher, call: CallContext): Promise<SpawnOutcome>;

  /**
   * Finds an execution again. `adopted` promises that no event after `position` is missing: they MUST be published
   * again, in order, through `publisher`. Who cannot promise that answers `lost`. An input is never run again by it.
   */
  recover(request: RecoverRequest, publisher: ObservationPublisher, call: CallContext): Promise<RecoverOutcome>;

  /**
   * Hands over an input. Resolves at acceptance, not at the end: from `accepted` on the run is certain to end in one
   * `run-ended`. The same `inputId` again MUST answer `accepted` and run nothing (W8). While a run is open: `busy`.
   */
  dispatch(handle: ExecutionHandle, input: ExecutionInput, call: CallContext): Promise<DispatchOutcome>;

  /**
   * Answers a question of the open input. MUST answer before it publishes what the answer causes.
   * `rejected` with `question-unknown` or `question-closed` where it cannot be taken any more.
   */
  answer(handle: ExecutionHandle, answer: QuestionAnswer, call: CallContext): Promise<ControlOutcome>;

  /**
   * Ends the run of `inputId` and no other. MUST resolve `accepted` only after its `run-ended` was published;
   * `rejected` / `input-not-open` where it is not open (any more). The execution stays and takes the next input.
   */
  cancel(handle: ExecutionHandle, request: CancelRequest, call: CallContext): Promise<CancelOutcome>;

  /**
   * Ends an execution by its name. Idempotent; an execution it does not know is `accepted` / `stopped` (R5).
   * Resolves when nothing of it runs any more. It also ends every lower generation of that Worker.
   */
  stop(handle: ExecutionHandle, request: StopRequest, call: CallContext): Promise<StopOutcome>;
}
