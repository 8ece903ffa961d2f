import type { Sequence, WorkerId } from '../domain/ids.js';
import { linkedSignal } from '../ports/abort.js';
import type { Clock } from '../ports/clock.js';
import type { CallContext } from '../ports/execution-backend.js';
import type { LogPage, WorkerHead, WorkerLog } from '../ports/worker-log.js';
import { late, withDeadline } from './deadline.js';

/** The log cannot be read now. What its store said is the `cause`. */
export class LogUnreadable extends Error {}

/** The Worker was deleted while its log was read. */
export class LogRemoved extends Error {}

/** What a log threw; throws the reason of `signal` where nobody looks any more. */
export function unreadable(cause: unknown, signal: AbortSignal | undefined): LogUnreadable {
  signal?.throwIfAborted();
  return new LogUnreadable('the log cannot be read', { cause });
}

/** The log for those who read it: a store that hangs or throws is one that cannot be read (W18). */
export class LogReader {
  readonly #log: WorkerLog;
  readonly #clock: Clock;
  readonly #deadlineMs: number;

  constructor({ log, clock, deadlineMs }: { log: WorkerLog; clock: Clock; deadlineMs: number }) {
    this.#log = log;
    this.#clock = clock;
    this.#deadlineMs = deadlineMs;
  }

  head(workerId: WorkerId, signal: AbortSignal): Promise<WorkerHead | undefined> {
    return this.#linked(signal, (call) => this.#log.head(workerId, call));
  }

  read(workerId: WorkerId, after: Sequence, limit: number, signal: AbortSignal): Promise<LogPage> {
    return this.#linked(signal, (call) => this.#log.read(workerId, after, limit, call));
  }

  trim(workerId: WorkerId, before: Sequence): Promise<void> {
    return this.#ask(undefined, () => this.#log.trim(workerId, before));
  }

  /** Waits for what comes next as long as it takes. What it throws is to be told by `unreadable`. */
  follow(workerId: WorkerId, after: Sequence, signal: AbortSignal): AsyncIterable<LogPage> {
    return this.#log.follow(workerId, after, { signal });
  }

  #linked<T>(signal: AbortSignal, operation: (call: CallContext) => Promise<T>): Promise<T> {
    // Not `AbortSignal.any`: what it makes stays with a signal that lives as long as its observer.
    return this.#ask(signal, async (deadline) => {
      const ended = linkedSignal([signal, deadline.signal]);
      try {
        return await operation({ signal: ended.signal });
      } finally {
        ended.release();
      }
    });
  }

  async #ask<T>(signal: AbortSignal | undefined, operation: (call: CallContext) => Promise<T>): Promise<T> {
    try {
      const answer = await withDeadline(this.#clock, this.#deadlineMs, operation);
      if (answer !== late) return answer;
    } catch (cause) {
      throw unreadable(cause, signal);
    }
    throw new LogUnreadable(`the log did not answer within ${String(this.#deadlineMs)} ms`);
  }
}
