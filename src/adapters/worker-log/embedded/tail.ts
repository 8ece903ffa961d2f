import type { WorkerId } from '../../../domain/ids.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { chunkNameOf, everyChunkOf, headKey } from './keys.js';
import type { Engine } from './engine.js';
import { headRecordOf } from './head-record.js';
import type { Store } from './store.js';

/** What an append has to know of a Worker, without reading it. */
export interface Tail {
  /** What is written, and shown. */
  last: number;
  first: number;
  /** What the latest append that was begun will have written. */
  claimedLast: number;
  revision: number;
  readonly exists: boolean;
  readonly isTombstone: boolean;
}

async function firstChunk(engine: Engine, workerId: WorkerId): Promise<number | undefined> {
  for await (const key of engine.keys({ ...everyChunkOf(workerId), limit: 1 })) return chunkNameOf(key).first;
  return undefined;
}

/** The last sequence that there are observations of. */
export async function lastChunkEnd(engine: Engine, workerId: WorkerId): Promise<number | undefined> {
  const range = { ...everyChunkOf(workerId), reverse: true, limit: 1 };
  for await (const key of engine.keys(range)) return chunkNameOf(key).last;
  return undefined;
}

export const absentTail = (): Tail => ({
  last: 0,
  first: 1,
  claimedLast: 0,
  revision: -Infinity,
  exists: false,
  isTombstone: false,
});

export const tombstoneTail = ({ revision }: WorkerHead): Tail => ({
  ...absentTail(),
  revision,
  exists: true,
  isTombstone: true,
});

/** Throws `Damage` where the head cannot be read. */
export async function readTail(engine: Engine, workerId: WorkerId): Promise<Tail> {
  const value = await engine.get(headKey(workerId));
  if (value === undefined) return absentTail();
  const { head, isTombstone } = headRecordOf(value);
  if (isTombstone) return tombstoneTail(head);
  const { sequence: last, revision } = head;
  const first = (await firstChunk(engine, workerId)) ?? last + 1;
  return { last, first, claimedLast: last, revision, exists: true, isTombstone: false };
}

/** The tails of the Workers that somebody has asked for, as long as the engine that told them is open. */
export class Tails {
  readonly #store: Store;
  readonly #tails = new Map<WorkerId, Promise<Tail>>();
  #openings = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** Rejects where the store cannot be opened, and with `Damage`. */
  async of(workerId: WorkerId): Promise<Tail> {
    const engine = await this.#store.engine();
    if (this.#openings !== this.#store.openings) {
      this.#tails.clear();
      this.#openings = this.#store.openings;
    }
    const known = this.#tails.get(workerId);
    if (known) return known;
    const reading = readTail(engine, workerId);
    this.#tails.set(workerId, reading);
    reading.then(
      ({ exists }) => !exists && this.forget(workerId),
      () => this.forget(workerId),
    );
    return reading;
  }

  set(workerId: WorkerId, tail: Tail): void {
    this.#tails.set(workerId, Promise.resolve(tail));
  }

  forget(workerId: WorkerId): void {
    this.#tails.delete(workerId);
  }
}
