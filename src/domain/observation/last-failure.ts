import type { CorrelationId } from '../ids.js';

export interface LastFailure {
  /** The failure's own code, else `run-failed`, `run-refused`, `run-interrupted`, or the reason of the disconnection. */
  readonly code: string;
  readonly backendCode?: string;
  readonly correlationId?: CorrelationId;
  readonly at: string;
}
