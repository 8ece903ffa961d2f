import type { Sequence, WorkerId } from '../domain/ids.js';
import { linkedSignal } from '../ports/abort.js';
import type { Clock } from '../ports/clock.js';
import type { CallContext } from '../ports/execution-backend.js';
import type { LogPage, WorkerLog } from '../ports/worker-log.js';
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

  read(workerId: WorkerId, after: Sequence, limit: number, signal: AbortSignal): Promise<LogPage> {
    // Not `AbortSignal.any`: what it makes stays with a signal that lives as long as its observer.
    const read = async (deadline: CallContext): Promise<LogPage> => {
      const ended = linkedSignal([signal, deadline.signal]);
      try {
        return await this.#log.read(workerId, after, limit, { signal: ended.signal });
      } finally {
        ended.release();
      }
    };
    return this.#ask(signal, read);
  }

  trim(workerId: WorkerId, before: Sequence): Promise<void> {
    return this.#ask(undefined, () => this.#log.trim(workerId, before));
  }

  /** Waits for what comes next as long as it takes. What it throws is to be told by `unreadable`. */
  follow(workerId: WorkerId, after: Sequence, signal: AbortSignal): AsyncIterable<LogPage> {
    return this.#log.follow(workerId, after, { signal });
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
