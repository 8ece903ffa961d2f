import type { ErroredCode, RejectedCode } from './codes.js';
import type { CorrelationId, InputId } from './ids.js';

/** What an operation is called in an `unsupported` answer. */
export const operations = ['create', 'input', 'answer', 'cancel', 'reconnect', 'stop', 'delete'] as const;
export type Operation = (typeof operations)[number];

export interface Busy {
  readonly outcome: 'busy';
  /** The input that is open or undecided, where it is known. */
  readonly inputId?: InputId | undefined;
}
export interface Rejected {
  readonly outcome: 'rejected';
  readonly code: RejectedCode;
  /** The backend's own code, where its execution declared it (B5). */
  readonly backendCode?: string | undefined;
  /** The limit that was passed, where one was. */
  readonly limit?: number | undefined;
}
export interface Unsupported {
  readonly outcome: 'unsupported';
  readonly operation: Operation;
}
export interface Errored {
  readonly outcome: 'errored';
  readonly code: ErroredCode;
  /** `no`: nothing ran. `unknown`: it may have run, and asking again with the same id is the way to learn it. */
  readonly executed: 'no' | 'unknown';
  /** The cause stands in the operator log under this id, and nowhere else (B2). */
  readonly correlationId: CorrelationId;
  readonly backendCode?: string | undefined;
}

/** Every way in which an operation is not accepted. */
export type Refusal = Busy | Rejected | Unsupported | Errored;

/** The closed algebra of results: nothing that the domain can foresee is thrown. */
export type Outcome<Accepted extends object = object> =
  ({ readonly outcome: 'accepted' } & Readonly<Accepted>) | Refusal;

export const rejected = (code: RejectedCode): Rejected => ({ outcome: 'rejected', code });
export const unsupported = (operation: Operation): Unsupported => ({ outcome: 'unsupported', operation });
