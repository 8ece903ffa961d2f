import { Sequence } from '../../../domain/ids.js';
import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import { damaged } from '../../../domain/worker/state.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import { pageLength } from '../../../ports/worker-log.js';
import type {
  AppendBatch,
  AppendResult,
  EncodedObservation,
  LogPage,
  WorkerHead,
  WorkerLog,
} from '../../../ports/worker-log.js';
import { chunkOf, chunksAfter } from './chunk.js';
import type { Engine, Operation } from './engine.js';
import { follow } from './follow.js';
import { Followers } from './followers.js';
import { GroupCommit } from './group-commit.js';
import { headPut, headRecordOf, rebuiltHead } from './head-record.js';
import {
  everyChunkOf,
  everyHead,
  everyInputOf,
  everyRemoval,
  headKey,
  inputKey,
  removalKey,
  workerOfHead,
  workerOfRemoval,
} from './keys.js';
import type { Durability } from './options.js';
import { Damage, sealed, unsealed } from './sealed.js';
import type { Store } from './store.js';
import { Sweeps } from './sweeps.js';
import type { Tail } from './tail.js';
import { absentTail, lastChunkEnd, Tails, tombstoneTail } from './tail.js';
import { trimOperations } from './trimmed.js';

const followLimit = 1_000;
const nothing: LogPage = { first: Sequence(1), last: Sequence(0), observations: [] };

const isGapless = (after: Sequence, { observations }: AppendBatch): boolean =>
  observations.every(({ sequence }, index) => sequence === after + 1 + index);

/** Why a batch may not follow what is there. */
function refusal(tail: Tail, after: Sequence, batch: AppendBatch): 'conflict' | 'failed' | undefined {
  if (after !== tail.claimedLast || tail.revision >= batch.head.revision) return 'conflict';
  if (tail.isTombstone && batch.observations.length > 0) return 'conflict';
  return isGapless(after, batch) ? undefined : 'failed';
}

export class EmbeddedWorkerLog implements WorkerLog {
  readonly durability: Durability;
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #tails: Tails;
  readonly #followers = new Followers();
  /** Those whose removal is on its way: they are read as they were, and nothing is appended to them. */
  readonly #leaving = new Set<WorkerId>();
  readonly #sweeps = new Sweeps();

  constructor(store: Store) {
    this.durability = store.durability;
    this.#store = store;
    this.#commits = new GroupCommit(store);
    this.#tails = new Tails(store);
  }

  async append(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<AppendResult> {
    let tail: Tail;
    try {
      await this.#sweeps.ended(workerId);
      tail = await this.#tails.of(workerId);
    } catch {
      return 'failed';
    }
    const refused = this.#leaving.has(workerId) ? 'conflict' : refusal(tail, after, batch);
    if (refused) return refused;
    if (!tail.exists) {
      tail = { ...tail, exists: true };
      this.#tails.set(workerId, tail);
    }
    tail.claimedLast = after + batch.observations.length;
    tail.revision = batch.head.revision;
    const operations = operationsOf(workerId, batch, tail.isTombstone);
    const committed = await this.#commits.commit(operations, this.#store.openings);
    if (committed !== 'committed') {
      this.#tails.forget(workerId);
      return committed;
    }
    tail.last = Math.max(tail.last, after + batch.observations.length);
    if (batch.observations.length > 0) this.#followers.wake(workerId);
    return 'appended';
  }

  async read(workerId: WorkerId, after: Sequence, limit: number, { signal }: CallContext): Promise<LogPage> {
    signal.throwIfAborted();
    const tail = await this.#tails.of(workerId);
    signal.throwIfAborted();
    const page = await this.#page(workerId, tail, after, limit);
    signal.throwIfAborted();
    return page;
  }

  async #page(workerId: WorkerId, tail: Tail, after: Sequence, limit: number): Promise<LogPage> {
    if (!tail.exists || tail.isTombstone) return nothing;
    const { first, last } = tail;
    const named = { first: Sequence(first), last: Sequence(last) };
    if (after >= last || limit <= 0) return { ...named, observations: [] };
    const engine = await this.#store.engine();
    try {
      const observations = await gathered(chunksAfter(engine, workerId, { after, last }), limit);
      return (await this.#isGone(workerId)) ? nothing : { ...named, observations };
    } catch (cause) {
      if (await this.#isGone(workerId)) return nothing;
      throw cause;
    }
  }

  /** Whether it was removed, so that what was just read may be what the sweep had left. */
  async #isGone(workerId: WorkerId): Promise<boolean> {
    const { exists, isTombstone } = await this.#tails.of(workerId);
    return !exists || isTombstone;
  }

  follow(workerId: WorkerId, after: Sequence, { signal }: CallContext): AsyncIterable<LogPage> {
    const page = async (position: Sequence): Promise<LogPage | undefined> => {
      const tail = await this.#tails.of(workerId);
      if (!tail.exists || tail.isTombstone) return undefined;
      return this.#page(workerId, tail, position, followLimit);
    };
    const watch = this.#followers.add.bind(this.#followers, workerId);
    return { [Symbol.asyncIterator]: () => follow({ after, signal, page, watch }) };
  }

  async head(workerId: WorkerId, { signal }: CallContext): Promise<WorkerHead | undefined> {
    signal.throwIfAborted();
    const engine = await this.#store.engine();
    const value = await engine.get(headKey(workerId));
    signal.throwIfAborted();
    return value && headOf(engine, workerId, value);
  }

  async *heads({ signal }: CallContext): AsyncIterable<WorkerHead> {
    const engine = await this.#store.engine();
    for await (const [key, value] of engine.entries(everyHead)) {
      signal.throwIfAborted();
      yield await headOf(engine, workerOfHead(key), value);
    }
  }

  async input(workerId: WorkerId, inputId: InputId, { signal }: CallContext): Promise<LedgerEntry | undefined> {
    signal.throwIfAborted();
    const tail = await this.#tails.of(workerId);
    if (!tail.exists || tail.isTombstone) return undefined;
    const engine = await this.#store.engine();
    const value = await engine.get(inputKey(workerId, inputId));
    signal.throwIfAborted();
    return value && (JSON.parse(unsealed(value)) as LedgerEntry);
  }

  async trim(workerId: WorkerId, before: Sequence): Promise<void> {
    const tail = await this.#tails.of(workerId);
    if (!tail.exists || tail.isTombstone) return;
    const engine = await this.#store.engine();
    for await (const { operations, first } of trimOperations(engine, workerId, Math.min(before, tail.last + 1))) {
      await this.#committed(operations);
      tail.first = Math.max(tail.first, first);
    }
  }

  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    const engine = await this.#store.engine();
    const removal: Operation = { type: 'put', key: removalKey(workerId), value: sealed('') };
    const head: Operation = tombstone
      ? headPut(workerId, { head: tombstone, isTombstone: true })
      : { type: 'del', key: headKey(workerId) };
    this.#leaving.add(workerId);
    try {
      await this.#committed([removal, head]);
      this.#tails.set(workerId, tombstone ? tombstoneTail(tombstone) : absentTail());
    } catch (cause) {
      this.#tails.forget(workerId);
      throw cause;
    } finally {
      this.#leaving.delete(workerId);
    }
    if (!tombstone) this.#tails.forget(workerId);
    this.#followers.end(workerId);
    this.#sweeps.begin(workerId, () => this.#sweep(engine, workerId));
  }

  /** Ends the removals that an earlier life began, too. */
  async open(): Promise<void> {
    const engine = await this.#store.engine();
    for await (const key of engine.keys(everyRemoval)) await this.#sweep(engine, workerOfRemoval(key));
  }

  async #sweep(engine: Engine, workerId: WorkerId): Promise<void> {
    await engine.clear(everyChunkOf(workerId));
    await engine.clear(everyInputOf(workerId));
    await this.#committed([{ type: 'del', key: removalKey(workerId) }]);
  }

  async #committed(operations: readonly Operation[]): Promise<void> {
    const committed = await this.#commits.commit(operations);
    if (committed !== 'committed') throw new Error('the log could not be written');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.endAll();
    await this.#sweeps.allEnded();
    await this.#store.close();
  }
}

function operationsOf(workerId: WorkerId, batch: AppendBatch, isTombstone: boolean): readonly Operation[] {
  const chunk = chunkOf(workerId, batch.observations);
  const inputs = (batch.inputs ?? []).map((entry): Operation => ({
    type: 'put',
    key: inputKey(workerId, entry.inputId),
    value: sealed(JSON.stringify(entry)),
  }));
  return [...(chunk ? [chunk] : []), headPut(workerId, { head: batch.head, isTombstone }), ...inputs];
}

/** At most `limit` observations, and no more than a page holds. What comes after damage is not read. */
async function gathered(
  chunks: AsyncIterable<readonly EncodedObservation[]>,
  limit: number,
): Promise<readonly EncodedObservation[]> {
  const page: EncodedObservation[] = [];
  let length = 0;
  try {
    for await (const observations of chunks) {
      for (const observation of observations) {
        length += observation.json.length;
        if (page.length === limit || (length > pageLength && page.length > 0)) return page;
        page.push(observation);
      }
    }
  } catch (cause) {
    if (!(cause instanceof Damage) || page.length === 0) throw cause;
  }
  return page;
}

/** The head as it was written; where it or the end of its log is not what was written, a damaged one. */
async function headOf(engine: Engine, workerId: WorkerId, value: Buffer): Promise<WorkerHead> {
  try {
    const { head, isTombstone } = headRecordOf(value);
    if (isTombstone) return head;
    if (engine.leftOut.length === 0) return head;
    const end = await lastChunkEnd(engine, workerId);
    return end === undefined || end === head.sequence ? head : damaged(head);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    return rebuiltHead(engine, workerId);
  }
}
