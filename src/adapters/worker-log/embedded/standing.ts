import type { WorkerId } from '../../../domain/ids.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import { everyChunkOf, firstKey, headKey, removalKey, workerOf } from './keys.js';
import type { Engine } from './engine.js';
import { everyFirstRetained, firstRetained } from './first-retained.js';
import type { HeadRecord } from './head-record.js';
import { headRecordOf } from './head-record.js';
import { rebuiltHead } from './rebuilt-head.js';
import type { Store } from './store.js';

/** Where a Worker's log stands: what an append has to know of it, without reading it. */
export interface Standing {
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

export const absentStanding = (): Standing => ({
  last: 0,
  first: 1,
  claimedLast: 0,
  revision: -Infinity,
  exists: false,
  isTombstone: false,
  isUnswept: false,
  isDamaged: false,
});

export const tombstoneStanding = ({ revision }: WorkerHead): Standing => ({
  ...absentStanding(),
  revision,
  exists: true,
  isTombstone: true,
});

/** The standing of a Worker whose head is damaged or lost: up to what can be read. */
async function damagedStanding(engine: Engine, workerId: WorkerId): Promise<Standing> {
  const { sequence: last, revision } = await rebuiltHead(engine, workerId);
  const { first } = await firstRetained(engine, workerId);
  const begin = Math.min(first, last + 1);
  return { ...absentStanding(), last, first: begin, claimedLast: last, revision, exists: true, isDamaged: true };
}

/** Of a Worker without a head: removed, or it was lost, or there never was one. */
async function headlessStanding(engine: Engine, workerId: WorkerId): Promise<Standing> {
  if ((await engine.get(removalKey(workerId))) !== undefined) return { ...absentStanding(), isUnswept: true };
  return (await hasChunks(engine, workerId)) ? damagedStanding(engine, workerId) : absentStanding();
}

const standingOf = ({ head, isTombstone }: HeadRecord, first: number): Standing => {
  if (isTombstone) return tombstoneStanding(head);
  const { sequence: last, revision } = head;
  return { ...absentStanding(), last, first, claimedLast: last, revision, exists: true };
};

async function readStanding(engine: Engine, workerId: WorkerId): Promise<Standing> {
  try {
    const key = headKey(workerId);
    const value = await engine.get(key);
    if (value === undefined) return await headlessStanding(engine, workerId);
    const record = headRecordOf(key, value);
    const { first, isKnown } = await firstRetained(engine, workerId);
    return isKnown || record.isTombstone ? standingOf(record, first) : await damagedStanding(engine, workerId);
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
    return damagedStanding(engine, workerId);
  }
}

/** The standings of the Workers that somebody has asked for, as long as the engine that told them is open. */
export class Standings {
  readonly #store: Store;
  readonly #standings = new Map<WorkerId, Promise<Standing>>();
  #openings = 0;
  /** Grows when what is known is replaced: what was read before may be older than it. */
  #replaced = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** As the store tells it, opened for writing where it has to be. Rejects where it cannot be. */
  async of(workerId: WorkerId): Promise<Standing> {
    return this.#standing(workerId, await this.#store.engine());
  }

  /** As far as it can be read. */
  async readable(workerId: WorkerId): Promise<Standing> {
    return this.#standing(workerId, await this.#store.readable());
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
      if (!firsts || this.#replaced !== replaced || this.#standings.has(workerId)) return;
      this.#standings.set(workerId, Promise.resolve(standingOf(record, firsts.get(firstKey(workerId)) ?? 1)));
    };
  }

  #standing(workerId: WorkerId, engine: Engine): Promise<Standing> {
    this.#forgetOlder();
    const known = this.#standings.get(workerId);
    if (known) return known;
    const reading = readStanding(engine, workerId);
    this.#standings.set(workerId, reading);
    reading.then(
      ({ exists }) => !exists && this.forget(workerId),
      () => this.forget(workerId),
    );
    return reading;
  }

  /** What an engine told that is not open any more. */
  #forgetOlder(): void {
    if (this.#openings === this.#store.openings) return;
    this.#standings.clear();
    this.#replaced += 1;
    this.#openings = this.#store.openings;
  }

  set(workerId: WorkerId, standing: Standing): void {
    this.#replaced += 1;
    this.#standings.set(workerId, Promise.resolve(standing));
  }

  forget(workerId: WorkerId): void {
    this.#replaced += 1;
    this.#standings.delete(workerId);
  }
}
