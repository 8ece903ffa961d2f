import { Sequence } from '../../../domain/ids.js';
import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import { isGapless, pageLength } from '../../../ports/worker-log.js';
import type {
  AppendBatch,
  AppendResult,
  EncodedObservation,
  LogPage,
  WorkerHead,
  WorkerLog,
} from '../../../ports/worker-log.js';
import { chunkOf, chunksAfter } from './chunk.js';
import { Damage } from './damage.js';
import { doubtEnds, Doubt } from './doubt.js';
import type { Operation } from './engine.js';
import { firstRetained } from './first-retained.js';
import { follow } from './follow.js';
import { Followers } from './followers.js';
import { GroupCommit } from './group-commit.js';
import { headPut } from './head-record.js';
import { Heads } from './heads.js';
import { inputKey } from './keys.js';
import type { Durability } from './options.js';
import { Removals } from './removals.js';
import { sealed, unsealed } from './sealed.js';
import type { Store } from './store.js';
import type { Standing } from './standing.js';
import { Standings } from './standing.js';
import { trimOperations } from './trim.js';

const followLimit = 1_000;
const nothing: LogPage = { first: Sequence(1), last: Sequence(0), observations: [] };

/** Why a batch may not follow what is there. */
function refusal(standing: Standing, after: Sequence, batch: AppendBatch): 'conflict' | 'failed' | undefined {
  if (after !== standing.claimedLast || standing.revision >= batch.head.revision) return 'conflict';
  if (standing.isTombstone && batch.observations.length > 0) return 'conflict';
  if (standing.isUnswept) return 'failed';
  if (standing.isDamaged && batch.observations.length > 0) return 'failed';
  return isGapless(after, batch) ? undefined : 'failed';
}

export class EmbeddedWorkerLog implements WorkerLog {
  readonly durability: Durability;
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #standings: Standings;
  readonly #followers = new Followers();
  readonly #removals: Removals;
  readonly #heads: Heads;
  readonly #doubt = new Doubt();

  constructor(store: Store) {
    this.durability = store.durability;
    this.#store = store;
    this.#commits = new GroupCommit(store);
    this.#standings = new Standings(store);
    this.#removals = new Removals(store, this.#commits, this.#standings);
    this.#heads = new Heads(store, this.#standings);
  }

  get isTailInDoubt(): boolean {
    return this.#store.isTailInDoubt;
  }

  async append(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<AppendResult> {
    let standing: Standing;
    try {
      await this.#removals.swept(workerId);
      standing = await this.#standings.of(workerId);
    } catch {
      return 'failed';
    }
    const refused = this.#removals.isLeaving(workerId) ? 'conflict' : refusal(standing, after, batch);
    if (refused) return refused;
    if (!standing.exists) {
      standing = { ...standing, exists: true };
      this.#standings.set(workerId, standing);
    }
    standing.claimedLast = after + batch.observations.length;
    standing.revision = batch.head.revision;
    const operations = operationsOf(workerId, batch, standing.isTombstone);
    const committed = await this.#commits.commit(operations, this.#store.openings);
    if (committed !== 'committed') {
      this.#standings.forget(workerId);
      return committed;
    }
    standing.last = Math.max(standing.last, after + batch.observations.length);
    if (batch.observations.length > 0) this.#followers.wake(workerId);
    if (this.#doubt.settle(workerId)) void this.#endDoubt();
    return 'appended';
  }

  async read(workerId: WorkerId, after: Sequence, limit: number, { signal }: CallContext): Promise<LogPage> {
    signal.throwIfAborted();
    const standing = await this.#standings.readable(workerId);
    signal.throwIfAborted();
    const page = await this.#page(workerId, standing, after, limit);
    signal.throwIfAborted();
    return page;
  }

  async #page(workerId: WorkerId, standing: Standing, after: Sequence, limit: number): Promise<LogPage> {
    if (!standing.exists || standing.isTombstone) return nothing;
    const { first, last } = standing;
    const named = { first: Sequence(first), last: Sequence(last) };
    if (after >= last || limit <= 0) return { ...named, observations: [] };
    const engine = await this.#store.readable();
    try {
      const observations = await gathered(chunksAfter(engine, workerId, { after, last, first }), limit);
      return (await this.#isGone(workerId)) ? nothing : { ...named, observations };
    } catch (cause) {
      if (await this.#isGone(workerId)) return nothing;
      const { first: retained } = await firstRetained(engine, workerId);
      // What is missing may have been trimmed meanwhile.
      if (retained > first) return this.#page(workerId, { ...standing, first: retained }, after, limit);
      throw cause;
    }
  }

  /** Whether it was removed, so that what was just read may be what the sweep had left. */
  async #isGone(workerId: WorkerId): Promise<boolean> {
    const { exists, isTombstone } = await this.#standings.readable(workerId);
    return !exists || isTombstone;
  }

  follow(workerId: WorkerId, after: Sequence, { signal }: CallContext): AsyncIterable<LogPage> {
    const page = async (position: Sequence): Promise<LogPage | undefined> => {
      const standing = await this.#standings.readable(workerId);
      if (!standing.exists || standing.isTombstone) return undefined;
      return this.#page(workerId, standing, position, followLimit);
    };
    const watch = this.#followers.add.bind(this.#followers, workerId);
    return { [Symbol.asyncIterator]: () => follow({ after, signal, page, watch }) };
  }

  async head(workerId: WorkerId, { signal }: CallContext): Promise<WorkerHead | undefined> {
    signal.throwIfAborted();
    const head = await this.#heads.of(workerId);
    signal.throwIfAborted();
    return head;
  }

  async *heads({ signal }: CallContext): AsyncIterable<WorkerHead> {
    for await (const head of this.#heads.every()) {
      signal.throwIfAborted();
      if (this.isTailInDoubt) this.#doubt.add(head);
      yield head;
    }
    if (this.isTailInDoubt && this.#doubt.complete()) await this.#endDoubt();
  }

  /** Each log has an epoch of its own from its end on, or none that was seen. */
  async #endDoubt(): Promise<void> {
    if ((await this.#commits.commit([doubtEnds])) === 'committed') this.#store.undoubted();
  }

  async input(workerId: WorkerId, inputId: InputId, { signal }: CallContext): Promise<LedgerEntry | undefined> {
    signal.throwIfAborted();
    const standing = await this.#standings.of(workerId);
    if (!standing.exists || standing.isTombstone) return undefined;
    const engine = await this.#store.engine();
    const key = inputKey(workerId, inputId);
    const value = await engine.get(key);
    signal.throwIfAborted();
    return value && (JSON.parse(unsealed(key, value)) as LedgerEntry);
  }

  async trim(workerId: WorkerId, before: Sequence): Promise<void> {
    const standing = await this.#standings.of(workerId);
    if (!standing.exists || standing.isTombstone) return;
    const engine = await this.#store.engine();
    for await (const { operations, first } of trimOperations(engine, workerId, Math.min(before, standing.last + 1))) {
      const current = await this.#standings.of(workerId);
      // What was written of one that goes would outlive it.
      if (!current.exists || current.isTombstone || this.#removals.isLeaving(workerId)) return;
      await this.#commits.mustCommit(operations);
      current.first = Math.max(current.first, first);
    }
  }

  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    await this.#removals.remove(workerId, tombstone);
    this.#followers.end(workerId);
  }

  async open(): Promise<void> {
    await this.#removals.resume();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#followers.endAll();
    await this.#removals.end();
    await this.#store.close();
  }
}

function operationsOf(workerId: WorkerId, batch: AppendBatch, isTombstone: boolean): readonly Operation[] {
  const chunk = chunkOf(workerId, batch.observations);
  const inputs = (batch.inputs ?? []).map((entry): Operation => {
    const key = inputKey(workerId, entry.inputId);
    return { type: 'put', key, value: sealed(key, JSON.stringify(entry)) };
  });
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
