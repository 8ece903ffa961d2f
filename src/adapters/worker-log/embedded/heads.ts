import type { WorkerId } from '../../../domain/ids.js';
import { damaged } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import type { Engine } from './engine.js';
import { firstRetained } from './first-retained.js';
import type { HeadRecord } from './head-record.js';
import { headRecordOf } from './head-record.js';
import type { Range } from './keys.js';
import {
  behindWorkerOf,
  chunkNameOf,
  everyChunk,
  everyChunkOf,
  everyHead,
  headKey,
  removalKey,
  workerOf,
} from './keys.js';
import { rebuiltHead } from './rebuilt-head.js';
import type { Store } from './store.js';
import type { Standings } from './standing.js';

const readAheadBytes = 256 * 1024;

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
 * The Workers that there are keys of in a range, as far as those can be read: one question each, for nobody waits for
 * every key of a large folder.
 */
export async function workersIn(engine: Engine, range: Range): Promise<ReadonlySet<WorkerId>> {
  const workers = new Set<WorkerId>();
  try {
    for (let { gte, lt } = range; ;) {
      const key = await firstKeyIn(engine, { gte, lt });
      if (key === undefined) return workers;
      const workerId = workerOf(key);
      if (workerId !== undefined) workers.add(workerId);
      gte = workerId === undefined ? `${key}\0` : behindWorkerOf(key);
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

/** Whether every chunk is there, one after the other, up to the last sequence. Looks at keys alone. */
async function isWhole(engine: Engine, workerId: WorkerId, last: number): Promise<boolean> {
  const { first, isKnown } = await firstRetained(engine, workerId);
  let expected = first;
  try {
    for await (const key of engine.keys(everyChunkOf(workerId))) {
      const chunk = chunkNameOf(key);
      if (chunk.first !== expected) return false;
      expected = chunk.last + 1;
    }
  } catch (cause) {
    if (cause instanceof Damage) return false;
    throw cause;
  }
  return isKnown && expected === last + 1;
}

/**
 * The heads as they were written. Where one of them, or the end of its log, is not what was written, it is a damaged
 * one: found when it is read, and not written.
 */
export class Heads {
  readonly #store: Store;
  readonly #standings: Standings;

  constructor(store: Store, standings: Standings) {
    this.#store = store;
    this.#standings = standings;
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
    const learn = await this.#standings.learning(engine);
    try {
      for await (const [key, value] of engine.entries({ ...everyHead, highWaterMarkBytes: readAheadBytes })) {
        const record = recordOf(key, value);
        if (record) {
          told.add(record.head.workerId);
          learn(record);
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
    for (const workerId of await workersIn(engine, everyChunk)) {
      if (told.has(workerId) || (await isRemoved(engine, workerId))) continue;
      this.#store.logger.error('the head of a Worker was not found where it belongs', { workerId });
      yield (await this.of(workerId)) ?? (await rebuiltHead(engine, workerId));
    }
  }

  async #checked(engine: Engine, { head, isTombstone }: HeadRecord): Promise<WorkerHead> {
    if (isTombstone || (engine.leftOut.length === 0 && !this.#store.isTailInDoubt)) return head;
    return (await isWhole(engine, head.workerId, head.sequence)) ? head : damaged(head);
  }
}
