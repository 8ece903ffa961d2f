import type { Generation, InputId, Json, QuestionId, CorrelationId } from '../ids.js';
import type { Answer, BackendEvent, Part, StopCause } from '../observation/event.js';
import type { Busy, Refusal } from '../outcome.js';
import type { Capabilities, IdempotencyKey } from './state.js';

export interface ProposedInput {
  readonly inputId: InputId;
  /** Tells two contents apart. */
  readonly digest: string;
  readonly parts: readonly Part[];
  /** Its id was made for it just now: no ledger can know it. */
  readonly isNew?: true | undefined;
}

/** What somebody asks of a Worker. */
export type ClientCommand =
  | {
      readonly type: 'create';
      readonly profile: string;
      readonly displayName?: string | undefined;
      readonly creator?: string | undefined;
      readonly key?: IdempotencyKey | undefined;
      /** `null`: the profile has no backend. */
      readonly binding: Json;
      readonly input?: ProposedInput | undefined;
    }
  | ({ readonly type: 'input' } & ProposedInput)
  | { readonly type: 'answer'; readonly questionId: QuestionId; readonly answer: Answer }
  | { readonly type: 'cancel'; readonly inputId: InputId; readonly deadlineMs: number }
  /** `binding`: the profile's, for a Worker that was created without a backend (R6). */
  | { readonly type: 'reconnect'; readonly binding: Json }
  | { readonly type: 'stop'; readonly cause: StopCause; readonly graceMs: number; readonly settleMs: number }
  | { readonly type: 'delete' };

/** What the guard knows of an execution that connected. */
export interface ConnectedExecution {
  readonly capabilities: Capabilities;
  readonly codes: readonly string[];
  readonly recoverState?: Json | undefined;
}

/** An answer that broke a rule or did not come: its generation is closed (W8, W16). */
export interface Faulty {
  readonly outcome: 'faulty';
  readonly code: 'backend-fault' | 'backend-timeout';
  readonly correlationId: CorrelationId;
}

export type SpawnAnswer = ({ readonly outcome: 'connected' } & ConnectedExecution) | Refusal | Faulty;
export type RecoverAnswer =
  | ({ readonly outcome: 'adopted'; readonly taken?: boolean | undefined } & ConnectedExecution)
  | { readonly outcome: 'lost' }
  | Refusal
  | Faulty;
export type DispatchAnswer =
  | { readonly outcome: 'accepted' }
  /** Sent, then the connection was lost. */
  | { readonly outcome: 'unknown'; readonly correlationId: CorrelationId }
  | Refusal
  | Faulty;
export type AnswerAnswer = { readonly outcome: 'accepted' } | Exclude<Refusal, Busy>;
export type StopAnswer =
  { readonly outcome: 'accepted'; readonly end: 'stopped' | 'killed' } | { readonly outcome: 'failed' };

/** What comes from a backend, through its guard. */
export type BackendCommand =
  | { readonly type: 'spawn-answered'; readonly generation: Generation; readonly answer: SpawnAnswer }
  | { readonly type: 'recover-answered'; readonly generation: Generation; readonly answer: RecoverAnswer }
  | {
      readonly type: 'dispatch-answered';
      readonly generation: Generation;
      readonly inputId: InputId;
      readonly answer: DispatchAnswer;
    }
  | {
      readonly type: 'answer-answered';
      readonly generation: Generation;
      readonly questionId: QuestionId;
      readonly answer: AnswerAnswer;
    }
  | { readonly type: 'stop-answered'; readonly generation: Generation; readonly answer: StopAnswer }
  | { readonly type: 'published'; readonly generation: Generation; readonly event: BackendEvent }
  | {
      readonly type: 'disconnected';
      readonly generation: Generation;
      readonly reason: 'exited' | 'connection-lost';
      readonly correlationId: CorrelationId;
    }
  | {
      readonly type: 'input-decided';
      readonly generation: Generation;
      readonly inputId: InputId;
      readonly taken: boolean;
    }
  /** It broke a rule outside of any answer, such as the window (P2). */
  | { readonly type: 'generation-faulted'; readonly generation: Generation; readonly correlationId: CorrelationId };

/** What comes from the host itself. */
export type HostCommand =
  | { readonly type: 'deadline-passed' }
  /** At start (R2). `newEpoch`: an observed tail may be missing (P5). `canRecover`: its backend is configured. */
  | { readonly type: 'recover'; readonly newEpoch: boolean; readonly canRecover: boolean }
  /** The drain deadline has passed. */
  | { readonly type: 'host-closing' }
  /** The log takes appends again after one that failed (W19). */
  | { readonly type: 'log-restored' }
  /** A stop that was owed is answered (R5). */
  | { readonly type: 'owed-stop-answered'; readonly generation: Generation };

export type WorkerCommand = ClientCommand | BackendCommand | HostCommand;
