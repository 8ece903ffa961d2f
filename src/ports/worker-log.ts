/**
 * Where the logs of Workers live. The log is the only history: transcript, views, observers and recovery read it.
 *
 * An append is atomic: its observations, the head and the ledger entries become visible together or not at all.
 * Appends of one Worker come one at a time; of different Workers at any time. Reads never wait for appends.
 * Reading methods reject with the signal's reason when aborted, and with an `Error` where the store cannot be read.
 */
import type { InputId, Sequence, WorkerId } from '../domain/ids.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { LedgerEntry } from '../domain/worker/ledger.js';
import type { WorkerState } from '../domain/worker/state.js';

import type { CallContext } from './execution-backend.js';

export type { EncodedObservation, LedgerEntry };
export type WorkerHead = WorkerState;

export interface AppendBatch {
  /** Gapless from `after + 1`. May be empty: then only the head and the ledger change. */
  readonly observations: readonly EncodedObservation[];
  /** Replaces the former head as a whole. Its `revision` MUST be above the former one's. */
  readonly head: WorkerHead;
  readonly inputs?: readonly LedgerEntry[] | undefined;
}

/** Whether the observations of a batch follow `after` one by one. */
export const isGapless = (after: Sequence, { observations }: AppendBatch): boolean =>
  observations.every(({ sequence }, index) => sequence === after + 1 + index);

/**
 * `conflict`: somebody else appended; this host is not the owner. `failed`: nothing of it was written.
 * `unknown`: it cannot be told; the caller reads the head again.
 */
export type AppendResult = 'appended' | 'conflict' | 'failed' | 'unknown';

export interface LogPage {
  /** The first and last retained sequence; `first` is `last + 1` where nothing is retained. */
  readonly first: Sequence;
  readonly last: Sequence;
  /** Ascending and gapless. Starts later than asked where the prefix was trimmed. */
  readonly observations: readonly EncodedObservation[];
}

/** How long a page is at most, in characters of JSON; one larger observation goes alone. Bounds what one read can cost. */
export const pageLength = 1024 * 1024;

export interface WorkerLog extends AsyncDisposable {
  /** What `appended` means: on disk, on disk soon, or in memory. */
  readonly durability: 'sync' | 'interval' | 'none';

  /**
   * Known once it is open: whether the end of any Worker's log may be missing although it was seen. Then each of them
   * gets an epoch of its own from the next sequence on (P5). Absent: it may not, with the durability `sync`.
   */
  readonly isTailInDoubt?: boolean;

  /**
   * Opens what it keeps the logs in, so that a host fails at its start and says why. Every other method opens it, too.
   * Idempotent. Rejects where it cannot be used.
   */
  open?(): Promise<void>;

  /**
   * Appends after `after`, the Worker's last sequence (0 for none). MUST answer; MUST NOT throw.
   * `conflict` where the last sequence is another, where the head's revision is not below the batch's (so that of two
   * hosts that change the head alone one learns of the other), and where there is a tombstone, which takes no
   * observations.
   * `failed` where the observations do not follow `after` without a gap.
   */
  append(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<AppendResult>;

  /**
   * At most `limit` observations after `after`, and no more than `pageLength` holds. A Worker without a log reads as
   * empty, `last` 0.
   */
  read(workerId: WorkerId, after: Sequence, limit: number, call: CallContext): Promise<LogPage>;

  /**
   * What is there after `after`, then what is appended, by whichever host. Ends when the log is removed, at once where
   * there is none. Never yields an empty page, nor one longer than `pageLength`. `return` and abort release everything, also
   * while a page is awaited.
   */
  follow(workerId: WorkerId, after: Sequence, call: CallContext): AsyncIterable<LogPage>;

  head(workerId: WorkerId, call: CallContext): Promise<WorkerHead | undefined>;

  /** Every head, tombstones included. O(1) memory a Worker. */
  heads(call: CallContext): AsyncIterable<WorkerHead>;

  /** What became of an input. O(1); kept as long as the Worker. */
  input(workerId: WorkerId, inputId: InputId, call: CallContext): Promise<LedgerEntry | undefined>;

  /**
   * Removes the observations before `before`. Head and ledger stay. Idempotent. Rejects where the store cannot be
   * written: a part of the prefix may be gone then, and what is left has no gap.
   */
  trim(workerId: WorkerId, before: Sequence): Promise<void>;

  /**
   * Removes a Worker atomically, leaving `tombstone` as its head where one is given: nothing else of it is left, and
   * nothing but that head can be changed. A second call replaces the tombstone, or removes it. Idempotent. Rejects
   * where it is not known to be written; `head` tells then.
   */
  remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void>;
}
