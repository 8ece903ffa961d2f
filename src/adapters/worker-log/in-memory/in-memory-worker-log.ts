import { Sequence } from '../../../domain/ids.js';
import { turn } from '../../../ports/clock.js';
import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import { isGapless } from '../../../ports/worker-log.js';
import type { AppendBatch, AppendResult, LogPage, WorkerHead, WorkerLog } from '../../../ports/worker-log.js';

import { follow } from './follow.js';
import type { InMemoryLogOptions } from './options.js';
import { WorkerRecord } from './worker-record.js';

const nothing: LogPage = Object.freeze({ first: Sequence(1), last: Sequence(0), observations: Object.freeze([]) });

/** Nothing here waits for a disk: after so many reads everything else gets its turn, and an abort is heard. */
const readsPerTurn = 4;

class InMemoryWorkerLog implements WorkerLog {
  readonly durability = 'none';
  readonly #records = new Map<WorkerId, WorkerRecord>();
  readonly #followLimit: number;
  #reads = 0;

  constructor({ followLimit = 1_000 }: InMemoryLogOptions) {
    this.#followLimit = followLimit;
  }

  append(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<AppendResult> {
    return Promise.resolve(this.#append(workerId, after, batch));
  }

  #append(workerId: WorkerId, after: Sequence, batch: AppendBatch): AppendResult {
    const record = this.#records.get(workerId);
    if (after !== (record?.last ?? 0)) return 'conflict';
    if (record && record.head.revision >= batch.head.revision) return 'conflict';
    if (record?.isTombstone && batch.observations.length > 0) return 'conflict';
    if (!isGapless(after, batch)) return 'failed';
    if (record) record.append(batch);
    else this.#create(workerId, batch);
    return 'appended';
  }

  #create(workerId: WorkerId, batch: AppendBatch): void {
    const record = new WorkerRecord(batch.head, false);
    record.append(batch);
    this.#records.set(workerId, record);
  }

  async read(workerId: WorkerId, after: Sequence, limit: number, { signal }: CallContext): Promise<LogPage> {
    signal.throwIfAborted();
    this.#reads += 1;
    if (this.#reads % readsPerTurn === 0) await turn();
    signal.throwIfAborted();
    return this.#records.get(workerId)?.page(after, limit) ?? nothing;
  }

  follow(workerId: WorkerId, after: Sequence, { signal }: CallContext): AsyncIterable<LogPage> {
    return {
      [Symbol.asyncIterator]: () => follow(this.#records.get(workerId), after, this.#followLimit, signal),
    };
  }

  async head(workerId: WorkerId, { signal }: CallContext): Promise<WorkerHead | undefined> {
    signal.throwIfAborted();
    return this.#records.get(workerId)?.head;
  }

  async *heads({ signal }: CallContext): AsyncIterable<WorkerHead> {
    for (const { head } of this.#records.values()) {
      signal.throwIfAborted();
      yield head;
    }
  }

  async input(workerId: WorkerId, inputId: InputId, { signal }: CallContext): Promise<LedgerEntry | undefined> {
    signal.throwIfAborted();
    return this.#records.get(workerId)?.input(inputId);
  }

  async trim(workerId: WorkerId, before: Sequence): Promise<void> {
    this.#records.get(workerId)?.trim(before);
  }

  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    this.#records.get(workerId)?.endFollowers();
    if (tombstone) this.#records.set(workerId, new WorkerRecord(tombstone, true));
    else this.#records.delete(workerId);
  }

  /** Sends every follower away. What is remembered stays as long as somebody holds the log. */
  async [Symbol.asyncDispose](): Promise<void> {
    for (const record of this.#records.values()) record.endFollowers();
  }
}

/**
 * A log in the memory of this process: appends in O(batch), reads in O(page), wakes followers without polling.
 * Several runtimes may share one; it tells them apart as a log on disk does. What it holds is bounded by `trim`.
 */
export const inMemoryLog = (options: InMemoryLogOptions = {}): WorkerLog => new InMemoryWorkerLog(options);
