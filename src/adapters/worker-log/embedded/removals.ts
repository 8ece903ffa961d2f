import type { WorkerId } from '../../../domain/ids.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import type { Engine, Operation } from './engine.js';
import type { GroupCommit } from './group-commit.js';
import { headPut } from './head-record.js';
import { everyChunkOf, everyInputOf, everyRemoval, firstKey, headKey, removalKey, workerOf } from './keys.js';
import { sealed } from './sealed.js';
import { absentStanding, tombstoneStanding } from './standing.js';
import type { Standings } from './standing.js';
import type { Store } from './store.js';
import { Sweeps } from './sweeps.js';

/** So many keys go in one write. */
const keysAtOnce = 1_000;

function removalOf(workerId: WorkerId, tombstone: WorkerHead | undefined): readonly Operation[] {
  const key = removalKey(workerId);
  const head: Operation = tombstone
    ? headPut(workerId, { head: tombstone, isTombstone: true })
    : { type: 'del', key: headKey(workerId) };
  return [{ type: 'put', key, value: sealed(key, '') }, head, { type: 'del', key: firstKey(workerId) }];
}

/** Takes away the chunks and inputs of a removed Worker, and at last its removal. */
async function* sweepOperations(engine: Engine, workerId: WorkerId): AsyncGenerator<readonly Operation[], void, void> {
  let operations: Operation[] = [];
  for (const range of [everyChunkOf(workerId), everyInputOf(workerId)]) {
    for await (const key of engine.keys(range)) {
      operations.push({ type: 'del', key });
      if (operations.length < keysAtOnce) continue;
      yield operations;
      operations = [];
    }
  }
  yield [...operations, { type: 'del', key: removalKey(workerId) }];
}

/** Logs that are removed: told as soon as that is written, and swept later, for a long log takes its time. */
export class Removals {
  readonly #store: Store;
  readonly #commits: GroupCommit;
  readonly #standings: Standings;
  readonly #leaving = new Set<WorkerId>();
  readonly #sweeps = new Sweeps();

  constructor(store: Store, commits: GroupCommit, standings: Standings) {
    this.#store = store;
    this.#commits = commits;
    this.#standings = standings;
  }

  /** Whether its removal is on its way: it is read as it was, and nothing is appended to it. */
  isLeaving(workerId: WorkerId): boolean {
    return this.#leaving.has(workerId);
  }

  /** Resolves when nothing is left of what was removed under this name, or that could not be swept. */
  swept(workerId: WorkerId): Promise<void> {
    return this.#sweeps.ended(workerId);
  }

  /** Rejects where it is not known to be written. */
  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    await this.#store.engine();
    this.#leaving.add(workerId);
    try {
      await this.#commits.mustCommit(removalOf(workerId, tombstone));
      this.#standings.set(workerId, tombstone ? tombstoneStanding(tombstone) : absentStanding());
    } catch (cause) {
      this.#standings.forget(workerId);
      throw cause;
    } finally {
      this.#leaving.delete(workerId);
    }
    if (!tombstone) this.#standings.forget(workerId);
    this.#sweeps.begin(workerId, () => this.#sweep(workerId));
  }

  /** Goes on with the removals that an earlier life began. Waits for none of them. */
  async resume(): Promise<void> {
    const engine = await this.#store.engine();
    try {
      for await (const key of engine.keys(everyRemoval)) {
        const workerId = workerOf(key);
        if (workerId !== undefined) this.#sweeps.begin(workerId, () => this.#sweep(workerId));
      }
    } catch (cause) {
      if (!(cause instanceof Damage)) throw cause;
      this.#store.logger.error('removals could not be read', { cause });
    }
  }

  async #sweep(workerId: WorkerId): Promise<void> {
    try {
      const engine = await this.#store.engine();
      const { openings } = this.#store;
      for await (const operations of sweepOperations(engine, workerId)) {
        await this.#commits.mustCommit(operations, openings);
      }
    } catch (cause) {
      // It is removed; what is left of it stays hidden until it can be swept.
      this.#store.logger.error('a removed Worker could not be swept', { workerId, cause });
    }
  }

  /** Resolves when what is being swept is done. */
  end(): Promise<void> {
    return this.#sweeps.end();
  }
}
