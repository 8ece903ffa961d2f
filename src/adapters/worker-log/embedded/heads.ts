import type { WorkerId } from '../../../domain/ids.js';
import { damaged } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import type { Engine } from './engine.js';
import type { HeadRecord } from './head-record.js';
import { headRecordOf, rebuiltHead } from './head-record.js';
import type { Range } from './keys.js';
import { everyChunk, everyChunkOf, everyHead, headKey, removalKey, workerOf } from './keys.js';
import { Damage } from './sealed.js';
import type { Store } from './store.js';
import { isWhole } from './tail.js';

/** `undefined` where it cannot be read. */
function recordOf(key: string, value: Buffer): HeadRecord | undefined {
  try {
    return headRecordOf(key, value);
  } catch (cause) {
    if (cause instanceof Damage) return undefined;
    throw cause;
  }
}

async function firstKeyIn(engine: Engine, range: Range): Promise<string | undefined> {
  for await (const key of engine.keys({ ...range, limit: 1 })) return key;
  return undefined;
}

/**
 * The Workers that there are observations of, as far as the keys can be read: one question each, for nobody waits for
 * every key of a large folder.
 */
async function workersWithChunks(engine: Engine): Promise<ReadonlySet<WorkerId>> {
  const workers = new Set<WorkerId>();
  const { lt } = everyChunk;
  try {
    for (let { gte } = everyChunk; ;) {
      const key = await firstKeyIn(engine, { gte, lt });
      if (key === undefined) return workers;
      const workerId = workerOf(key);
      if (workerId !== undefined) workers.add(workerId);
      gte = workerId === undefined ? `${key}\0` : everyChunkOf(workerId).lt;
    }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    return workers;
  }
}

/** What cannot be read hides nobody. */
async function isRemoved(engine: Engine, workerId: WorkerId): Promise<boolean> {
  try {
    return (await engine.get(removalKey(workerId))) !== undefined;
  } catch (cause) {
    if (cause instanceof Damage) return false;
    throw cause;
  }
}

/**
 * The heads as they were written. Where one of them, or the end of its log, is not what was written, it is a damaged
 * one: found when it is read, and not written.
 */
export class Heads {
  readonly #store: Store;

  constructor(store: Store) {
    this.#store = store;
  }

  async of(workerId: WorkerId): Promise<WorkerHead | undefined> {
    const engine = await this.#store.engine();
    const key = headKey(workerId);
    try {
      const value = await engine.get(key);
      return value && (await this.#checked(engine, headRecordOf(key, value)));
    } catch (cause) {
      if (!(cause instanceof Damage)) throw cause;
      return rebuiltHead(engine, workerId);
    }
  }

  async *every(): AsyncGenerator<WorkerHead, void, void> {
    const engine = await this.#store.engine();
    const told = new Set<WorkerId>();
    let isMissing = engine.leftOut.length > 0;
    try {
      for await (const [key, value] of engine.entries(everyHead)) {
        const record = recordOf(key, value);
        if (record) {
          told.add(record.head.workerId);
          yield await this.#checked(engine, record);
        } else isMissing = true;
      }
    } catch (cause) {
      if (!(cause instanceof Damage)) throw cause;
      this.#store.logger.error('heads of Workers could not be read', { cause });
      isMissing = true;
    }
    if (isMissing) yield* this.#lost(engine, told);
  }

  /** Of whom there are observations and no head: a head that cannot be read hides nobody. */
  async *#lost(engine: Engine, told: ReadonlySet<WorkerId>): AsyncGenerator<WorkerHead, void, void> {
    for (const workerId of await workersWithChunks(engine)) {
      if (told.has(workerId) || (await isRemoved(engine, workerId))) continue;
      this.#store.logger.error('the head of a Worker cannot be read', { workerId });
      yield await rebuiltHead(engine, workerId);
    }
  }

  async #checked(engine: Engine, { head, isTombstone }: HeadRecord): Promise<WorkerHead> {
    if (isTombstone || (engine.leftOut.length === 0 && !this.#store.isTailInDoubt)) return head;
    return (await isWhole(engine, head.workerId, head.sequence)) ? head : damaged(head);
  }
}
