import type { WorkerId } from '../../../domain/ids.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import { chunkNameOf, everyChunkOf, firstKey, headKey, removalKey, workerOf } from './keys.js';
import type { Engine } from './engine.js';
import { everyFirstRetained, firstRetained } from './first-retained.js';
import type { HeadRecord } from './head-record.js';
import { headRecordOf } from './head-record.js';
import { rebuiltHead } from './rebuilt-head.js';
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
  /** Nothing of it is there to be read, and what is left of it is not swept: takes nothing. */
  readonly isUnswept: boolean;
  /** Its head is not to be read: there is no telling where its log ends. Takes no observations. */
  readonly isDamaged: boolean;
}

async function hasChunks(engine: Engine, workerId: WorkerId): Promise<boolean> {
  for await (const key of engine.keys({ ...everyChunkOf(workerId), limit: 1 })) return workerOf(key) === workerId;
  return false;
}

/** Whether every chunk is there, one after the other, up to the last sequence. Looks at keys alone. */
export async function isWhole(engine: Engine, workerId: WorkerId, last: number): Promise<boolean> {
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

export const absentTail = (): Tail => ({
  last: 0,
  first: 1,
  claimedLast: 0,
  revision: -Infinity,
  exists: false,
  isTombstone: false,
  isUnswept: false,
  isDamaged: false,
});

export const tombstoneTail = ({ revision }: WorkerHead): Tail => ({
  ...absentTail(),
  revision,
  exists: true,
  isTombstone: true,
});

/** The tail of a Worker whose head is damaged or lost: up to what can be read. */
async function damagedTail(engine: Engine, workerId: WorkerId): Promise<Tail> {
  const { sequence: last, revision } = await rebuiltHead(engine, workerId);
  const { first } = await firstRetained(engine, workerId);
  const begin = Math.min(first, last + 1);
  return { ...absentTail(), last, first: begin, claimedLast: last, revision, exists: true, isDamaged: true };
}

/** Of a Worker without a head: removed, or it was lost, or there never was one. */
async function headlessTail(engine: Engine, workerId: WorkerId): Promise<Tail> {
  if ((await engine.get(removalKey(workerId))) !== undefined) return { ...absentTail(), isUnswept: true };
  return (await hasChunks(engine, workerId)) ? damagedTail(engine, workerId) : absentTail();
}

const tailOf = ({ head, isTombstone }: HeadRecord, first: number): Tail => {
  if (isTombstone) return tombstoneTail(head);
  const { sequence: last, revision } = head;
  return { ...absentTail(), last, first, claimedLast: last, revision, exists: true };
};

async function readTail(engine: Engine, workerId: WorkerId): Promise<Tail> {
  try {
    const key = headKey(workerId);
    const value = await engine.get(key);
    if (value === undefined) return await headlessTail(engine, workerId);
    const record = headRecordOf(key, value);
    const { first, isKnown } = await firstRetained(engine, workerId);
    return isKnown || record.isTombstone ? tailOf(record, first) : await damagedTail(engine, workerId);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    return damagedTail(engine, workerId);
  }
}

/** The tails of the Workers that somebody has asked for, as long as the engine that told them is open. */
export class Tails {
  readonly #store: Store;
  readonly #tails = new Map<WorkerId, Promise<Tail>>();
  #openings = 0;
  /** Grows when what is known is replaced: what was read before may be older than it. */
  #replaced = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** As the store tells it, opened for writing where it has to be. Rejects where it cannot be. */
  async of(workerId: WorkerId): Promise<Tail> {
    return this.#tail(workerId, await this.#store.engine());
  }

  /** As far as it can be read. */
  async readable(workerId: WorkerId): Promise<Tail> {
    return this.#tail(workerId, await this.#store.readable());
  }

  /**
   * Takes the heads that one pass over all of them tells, so that they are not read again one by one; asked for before
   * the pass begins. A head of a Worker that somebody asked for since, or that was replaced, is passed over.
   */
  async learning(engine: Engine): Promise<(record: HeadRecord) => void> {
    this.#forgetOlder();
    const replaced = this.#replaced;
    const firsts = await everyFirstRetained(engine).catch((cause: unknown) => {
      if (!(cause instanceof Damage)) throw cause;
      return undefined;
    });
    return (record) => {
      const { workerId } = record.head;
      if (!firsts || this.#replaced !== replaced || this.#tails.has(workerId)) return;
      this.#tails.set(workerId, Promise.resolve(tailOf(record, firsts.get(firstKey(workerId)) ?? 1)));
    };
  }

  #tail(workerId: WorkerId, engine: Engine): Promise<Tail> {
    this.#forgetOlder();
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

  /** What an engine told that is not open any more. */
  #forgetOlder(): void {
    if (this.#openings === this.#store.openings) return;
    this.#tails.clear();
    this.#replaced += 1;
    this.#openings = this.#store.openings;
  }

  set(workerId: WorkerId, tail: Tail): void {
    this.#replaced += 1;
    this.#tails.set(workerId, Promise.resolve(tail));
  }

  forget(workerId: WorkerId): void {
    this.#replaced += 1;
    this.#tails.delete(workerId);
  }
}
