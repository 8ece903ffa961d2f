import { Sequence } from '../../../domain/ids.js';
import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import { abortable } from '../../../ports/abort.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import type { AppendBatch, AppendResult, LogPage, WorkerHead, WorkerLog } from '../../../ports/worker-log.js';
import { within } from '../../nats/index.js';
import { follow } from './follow.js';
import { Lanes } from './lanes.js';
import type { OpenedLog, OpeningOptions } from './opened-log.js';
import { openLog } from './opened-log.js';
import type { JetStreamDurability } from './options.js';
import { Unanswered } from './stream.js';
import type { Watcher } from './watches.js';

const followLimit = 1_000;
const nothing: LogPage = { first: Sequence(1), last: Sequence(0), observations: [] };
/** Until an append tries no more, and until it is answered whatever it still waits for. */
const tryMs = 5_500;
const answerMs = 9_000;
/** Between two questions of who follows a log whose server does not answer. */
const askAgainMs = 500;

export class JetStreamWorkerLog implements WorkerLog {
  readonly durability: JetStreamDurability;
  readonly #options: OpeningOptions;
  readonly #lanes = new Lanes();
  #opened: Promise<OpenedLog> | undefined;
  #isClosed = false;

  constructor(options: OpeningOptions) {
    this.durability = options.durability ?? 'interval';
    this.#options = options;
  }

  #open(): Promise<OpenedLog> {
    if (this.#isClosed) return Promise.reject(new Error('the log is closed'));
    if (this.#opened) return this.#opened;
    const opening = openLog(this.#options);
    this.#opened = opening;
    opening.catch(() => {
      if (this.#opened === opening) this.#opened = undefined;
    });
    return opening;
  }

  async open(): Promise<void> {
    await this.#open();
  }

  async append(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<AppendResult> {
    const { clock, logger } = this.#options;
    const endAt = clock.now() + tryMs;
    const append = async (): Promise<AppendResult> => {
      const { appends } = await this.#open();
      return clock.now() >= endAt ? 'failed' : appends.append(workerId, after, batch, endAt);
    };
    const appending = this.#lanes.run(workerId, append).catch((cause: unknown): AppendResult => {
      if (!this.#isClosed) logger.error('the log could not be opened', { cause });
      return 'failed';
    });
    return within(clock, answerMs, appending, () => new Error('late')).catch((): AppendResult => 'unknown');
  }

  async read(workerId: WorkerId, after: Sequence, limit: number, { signal }: CallContext): Promise<LogPage> {
    const read = async ({ pages }: OpenedLog) => (await pages.page(workerId, after, limit)) ?? nothing;
    return this.#asked(read, signal);
  }

  async #asked<T>(ask: (log: OpenedLog) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    return abortable(this.#open().then(ask), signal);
  }

  /** Who follows a log that is closed is at its end. */
  async #ifOpen<T>(ask: (log: OpenedLog) => Promise<T>): Promise<T | undefined> {
    try {
      return this.#isClosed ? undefined : await ask(await this.#open());
    } catch (cause) {
      if (this.#isClosed) return undefined;
      throw cause;
    }
  }

  /** Who follows waits for a server that is gone for a while, as for what comes next. */
  async #whenAnswered<T>(ask: (log: OpenedLog) => Promise<T>, left: AbortSignal): Promise<T | undefined> {
    for (;;) {
      try {
        return await this.#ifOpen(ask);
      } catch (cause) {
        if (!(cause instanceof Unanswered) || left.aborted) throw cause;
      }
      await new Promise<void>((resolve) => void this.#options.clock.after(askAgainMs, resolve));
    }
  }

  follow(workerId: WorkerId, after: Sequence, { signal }: CallContext): AsyncIterable<LogPage> {
    const page = (position: Sequence, left: AbortSignal) =>
      this.#whenAnswered(({ pages }) => pages.page(workerId, position, followLimit), left);
    const watch = (watcher: Watcher) => this.#ifOpen(async ({ watches }) => watches.add(workerId, watcher));
    return {
      [Symbol.asyncIterator]: () => follow({ after, limit: followLimit, signal, page, watch }),
    };
  }

  async head(workerId: WorkerId, { signal }: CallContext): Promise<WorkerHead | undefined> {
    const read = async ({ records, reader }: OpenedLog) => {
      const newest = await records.newest(workerId);
      return newest && newest.name.kind !== 'removed' ? reader.head(newest) : undefined;
    };
    return this.#asked(read, signal);
  }

  async *heads({ signal }: CallContext): AsyncIterable<WorkerHead> {
    const { heads } = await this.#asked((log) => Promise.resolve(log), signal);
    const every = heads.every();
    try {
      for (;;) {
        signal.throwIfAborted();
        const head = await abortable(every.next(), signal);
        if (head.done) return;
        yield head.value;
      }
    } finally {
      // It may wait for the server: nobody waits for it.
      every.return().catch(() => undefined);
    }
  }

  async input(workerId: WorkerId, inputId: InputId, { signal }: CallContext): Promise<LedgerEntry | undefined> {
    const read = async ({ records, reader, index }: OpenedLog) => {
      const newest = await records.newest(workerId);
      if (newest?.name.kind !== 'record') return undefined;
      const said = (await reader.inputs(newest)).findLast((entry) => entry.inputId === inputId);
      return said ?? index.read(workerId, inputId);
    };
    return this.#asked(read, signal);
  }

  async trim(workerId: WorkerId, before: Sequence): Promise<void> {
    const { trim } = await this.#open();
    await this.#lanes.run(workerId, () => trim(workerId, before));
  }

  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    const { removals } = await this.#open();
    await this.#lanes.run(workerId, () => removals.remove(workerId, tombstone));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    const opened = await this.#opened?.catch(() => undefined);
    opened?.watches.close();
    await opened?.connection.close();
  }
}
