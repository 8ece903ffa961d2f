import type { PublishRefusalCode } from '../codes.js';
import { CorrelationId } from '../ids.js';
import type { Generation, InputId, QuestionId } from '../ids.js';
import type { Cursor } from '../observation/cursor.js';
import type { Answer, ObservedEvent, Part } from '../observation/event.js';
import type { Errored, Outcome, Rejected } from '../outcome.js';
import type { Fact } from './fact.js';
import type { LedgerEntry } from './ledger.js';
import type { Position } from './state.js';

/** What is not the domain's to know: time, randomness, and what the ledger holds of an input. */
export interface Circumstances {
  /** Milliseconds since 1970. */
  readonly now: number;
  /** A new UUID, its last 32 bits random. */
  readonly newId: () => string;
  readonly draining: boolean;
  /** The ledger's entry of the input that the command names, read with no append in between. */
  readonly ledger?: LedgerEntry | undefined;
}

/** What is to be asked of the backend once the facts are appended. */
export type Call =
  | { readonly type: 'spawn'; readonly generation: Generation }
  | {
      readonly type: 'recover';
      readonly generation: Generation;
      readonly position: Position;
      readonly inputId?: InputId | undefined;
    }
  | {
      readonly type: 'dispatch';
      readonly generation: Generation;
      readonly inputId: InputId;
      readonly parts: readonly Part[];
    }
  | {
      readonly type: 'answer';
      readonly generation: Generation;
      readonly questionId: QuestionId;
      readonly answer: Answer;
    }
  | {
      readonly type: 'cancel';
      readonly generation: Generation;
      readonly inputId: InputId;
      readonly deadlineMs: number;
    }
  | { readonly type: 'stop'; readonly generation: Generation; readonly graceMs: number }
  /** The log is to be removed; nothing comes after it. */
  | { readonly type: 'remove' };

/** What a caller waits for. The facts that answer it are known to `settle`. */
export type Waiting =
  | { readonly for: 'create'; readonly inputId?: InputId | undefined }
  | { readonly for: 'input'; readonly inputId: InputId }
  | { readonly for: 'answer'; readonly questionId: QuestionId; readonly answer: Answer }
  | { readonly for: 'cancel'; readonly inputId: InputId }
  | { readonly for: 'reconnect' }
  | { readonly for: 'stop' }
  | { readonly for: 'delete' };

export interface AcceptedFields {
  readonly inputId?: InputId;
  readonly cursor?: Cursor;
  readonly end?: 'quiesced' | 'escalated' | 'stopped' | 'killed';
}
export type Reply = Outcome<AcceptedFields>;

export interface Decision {
  /** The answer, or what answers it. Absent where nobody asked. */
  readonly reply?: Reply | { readonly outcome: 'pending'; readonly waiting: Waiting };
  readonly facts: readonly Fact[];
  readonly calls: readonly Call[];
  /** Why a published event was not taken. */
  readonly refused?: PublishRefusalCode;
  /**
   * The event waits for its cause, behind those that wait already (W9): it is decided again as soon as the status has
   * changed, within the same batch, before any newer event of its generation (P1). Facts beside it are recorded all
   * the same: the event has accepted its input.
   */
  readonly held?: true;
  /** Something came that changes nothing and is worth counting. */
  readonly ignored?: true;
}

export const nothing: Decision = { facts: [], calls: [] };
export const ignored: Decision = { facts: [], calls: [], ignored: true };
export const answer = (reply: Reply): Decision => ({ reply, facts: [], calls: [] });
export const refuse = (code: Rejected['code']): Decision => answer({ outcome: 'rejected', code });
export const pending = (waiting: Waiting, facts: readonly Fact[] = [], calls: readonly Call[] = []): Decision => ({
  reply: { outcome: 'pending', waiting },
  facts,
  calls,
});

let latest = { now: 0, text: '1970-01-01T00:00:00.000Z' };

/** RFC 3339. Many things happen within a millisecond: its text is kept until the next one is asked for. */
export function timestamp(now: number): string {
  if (now !== latest.now) latest = { now, text: new Date(now).toISOString() };
  return latest.text;
}

export const observed = ({ now }: Circumstances, event: ObservedEvent, inputId?: InputId): Fact => ({
  type: 'observed',
  at: timestamp(now),
  event,
  ...(inputId && { inputId }),
});

export const errored = (
  { newId }: Circumstances,
  code: Errored['code'],
  executed: Errored['executed'],
  correlationId: CorrelationId = CorrelationId(newId()),
): Errored => ({ outcome: 'errored', code, executed, correlationId });
