/**
 * The browser-facing port: three methods over data. A local Runtime, the registry, `scoped` and the HTTP client are
 * implementations of it. Nothing of a backend can be expressed in its types (B2, B3).
 *
 * No method throws, but for an aborted `signal`, with its reason. Abort means *stop waiting*: what was asked goes on.
 */
import type { StreamEndCode } from '../domain/codes.js';
import type { InputId, QuestionId, RuntimeId, Sequence, WorkerId } from '../domain/ids.js';
import type { Cursor } from '../domain/observation/cursor.js';
import type { Answer, Observation, Part } from '../domain/observation/event.js';
import type { TranscriptEntry } from '../domain/observation/transcript.js';
import type { ProfileView, PublicStatus, RuntimeView, WorkerView } from '../domain/observation/view.js';
import type { Errored, Outcome, Rejected } from '../domain/outcome.js';
import type { Principal } from './authenticator.js';

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  /** Set by `scoped` only; never read from a wire. */
  readonly principal?: Principal | undefined;
}

export interface WorkerRef {
  readonly runtimeId: RuntimeId;
  readonly workerId: WorkerId;
}

export interface CreateCommand {
  readonly type: 'create';
  readonly runtimeId: RuntimeId;
  readonly profile: string;
  readonly displayName?: string | undefined;
  readonly input?: { readonly inputId?: InputId | undefined; readonly parts: readonly Part[] } | undefined;
  /** The same key of the same principal with the same content gives the same Worker, for 24 h. */
  readonly idempotencyKey?: string | undefined;
}
export interface InputCommand {
  readonly type: 'input';
  readonly worker: WorkerRef;
  /** Chosen by the caller it is the idempotency key (W8). */
  readonly inputId?: InputId | undefined;
  readonly parts: readonly Part[];
}
export interface AnswerCommand {
  readonly type: 'answer';
  readonly worker: WorkerRef;
  readonly questionId: QuestionId;
  readonly answer: Answer;
}
export interface CancelCommand {
  readonly type: 'cancel';
  readonly worker: WorkerRef;
  readonly inputId: InputId;
  /** 0 … 60,000 milliseconds; the profile's own where absent. */
  readonly deadlineMs?: number | undefined;
}
export interface ReconnectCommand {
  readonly type: 'reconnect';
  readonly worker: WorkerRef;
}
export interface StopCommand {
  readonly type: 'stop';
  readonly worker: WorkerRef;
  /** 0 … 60,000 milliseconds; the profile's own where absent. */
  readonly graceMs?: number | undefined;
}
export interface DeleteCommand {
  readonly type: 'delete';
  readonly worker: WorkerRef;
}
export type Command =
  CreateCommand | InputCommand | AnswerCommand | CancelCommand | ReconnectCommand | StopCommand | DeleteCommand;

interface AcceptedBy {
  /** `created` is false where an idempotency key found the Worker of an earlier call. */
  create: { worker: WorkerView; created: boolean; inputId?: InputId; cursor?: Cursor };
  input: { inputId: InputId; cursor: Cursor };
  answer: object;
  /** `escalated`: its generation was closed (W11). */
  cancel: { end: 'quiesced' | 'escalated' };
  reconnect: { worker: WorkerView };
  stop: { worker: WorkerView; end: 'stopped' | 'killed' };
  delete: object;
}
export type OutcomeOf<C extends Command> = Outcome<AcceptedBy[C['type']]>;

export type Query =
  | {
      readonly type: 'runtimes';
      /** That one alone: no other is asked for it. One that is not there is `runtime-unknown`. */
      readonly runtimeId?: RuntimeId | undefined;
    }
  | { readonly type: 'profiles'; readonly runtimeId: RuntimeId }
  | {
      readonly type: 'workers';
      readonly runtimeId: RuntimeId;
      readonly status?: PublicStatus | undefined;
      /** The `next` of the page before. */
      readonly after?: WorkerId | undefined;
      /** 1 … 200; 50. */
      readonly limit?: number | undefined;
    }
  | { readonly type: 'worker'; readonly worker: WorkerRef }
  | {
      readonly type: 'transcript';
      readonly worker: WorkerRef;
      /** Entries whose first event comes after it. */
      readonly after?: Sequence | undefined;
      /** 1 … 500; 100. */
      readonly limit?: number | undefined;
    }
  | {
      readonly type: 'observations';
      readonly worker: WorkerRef;
      /** A cursor, or `start`, as where it is absent. As it came in: a malformed one is answered `cursor-invalid`. */
      readonly after?: string | undefined;
      /** 1 … 500; 100. */
      readonly limit?: number | undefined;
    };

/** Sequences that retention has removed. */
export interface Gap {
  readonly from: Sequence;
  readonly to: Sequence;
}

interface AnsweredBy {
  runtimes: { runtimes: readonly RuntimeView[] };
  profiles: { profiles: readonly ProfileView[] };
  workers: { workers: readonly WorkerView[]; next?: WorkerId };
  worker: { worker: WorkerView };
  transcript: { entries: readonly TranscriptEntry[]; next?: Sequence; gap?: Gap };
  observations: { observations: readonly Observation[]; next?: Cursor; gap?: Gap };
}
export type AnswerOf<Q extends Query> =
  ({ readonly outcome: 'answered' } & Readonly<AnsweredBy[Q['type']]>) | Rejected | Errored;

export type Frame =
  | {
      readonly type: 'snapshot';
      readonly worker: WorkerView;
      /** The last entries, at most 50, folded up to exactly `cursor`. */
      readonly transcript: readonly TranscriptEntry[];
      readonly cursor: Cursor;
    }
  | { readonly type: 'events'; readonly observations: readonly Observation[] }
  | ({ readonly type: 'gap' } & Gap)
  | { readonly type: 'end'; readonly code: StreamEndCode }
  /** The first and only frame, where the request is refused. */
  | { readonly type: 'problem'; readonly problem: Rejected | Errored };

export interface BrowserGateway {
  execute<C extends Command>(command: C, call?: CallOptions): Promise<OutcomeOf<C>>;
  read<Q extends Query>(query: Q, call?: CallOptions): Promise<AnswerOf<Q>>;
  /**
   * Without `from`: a snapshot, then events from exactly the next sequence. With a cursor or `start`: events after it.
   * Behind retention: a gap, then a fresh snapshot. `break` releases everything. A slow reader only falls behind (P3).
   */
  observe(worker: WorkerRef, from?: string, call?: CallOptions): AsyncIterable<Frame>;
}
