/**
 * What a backend gets to speak through: one publisher per Worker and generation. It is also the serving end of the wire.
 * None of its methods throws for anything that a backend does wrong (P1).
 */
import type { PublishRefusalCode } from '../domain/codes.js';
import type { Generation, InputId, WorkerId } from '../domain/ids.js';
import type { BackendEvent } from '../domain/observation/event.js';

export type PublishResult =
  { readonly outcome: 'taken' } | { readonly outcome: 'refused'; readonly code: PublishRefusalCode };

/**
 * How an execution ended. `value` goes to the operator log only. `connection-lost` is not an exit but its absence:
 * nobody can tell any more whether the execution lives.
 */
export type ExecutionExit =
  | { readonly kind: 'code'; readonly value?: number | undefined }
  | { readonly kind: 'signal'; readonly value?: string | undefined }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'connection-lost' };

/** One append is durable: this generation's events up to `sequence` (counted from 1) are appended or refused. */
export interface Recorded {
  readonly sequence: number;
  readonly refused?: readonly { readonly sequence: number; readonly code: PublishRefusalCode }[] | undefined;
}

export interface ObservationPublisher {
  readonly workerId: WorkerId;
  readonly generation: Generation;

  /**
   * Takes this Worker's events in the order of the calls. Resolves when there is room for the next one, not when the
   * event is in the log: awaiting it is back-pressure (P2). What is taken is appended, or its generation ends.
   * Who goes on without awaiting past twice the window has its generation closed.
   */
  publish(event: BackendEvent): Promise<PublishResult>;

  /** The execution is gone; what was published before stands before it. Later calls do nothing. */
  disconnect(exit: ExecutionExit): Promise<void>;

  /** `listener` is called once per append of this generation's events, after it is durable. */
  onRecorded(listener: (upTo: Recorded) => void): void;

  /** After a resumption only: says whether an undecided input was taken, as `recover` does (W8). */
  decide(inputId: InputId, taken: boolean): Promise<void>;
}
