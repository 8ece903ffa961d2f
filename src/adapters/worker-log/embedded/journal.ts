import type { WorkerId } from '../../../domain/ids.js';
import type { Operation } from './engine.js';
import type { Entry } from './journal-record.js';
import { recordPut } from './journal-record.js';
import { Pending } from './pending.js';
import type { PendingWorker } from './pending-worker.js';
import type { Committed, Opening, Store } from './store.js';

/** So much is in the journal, and in memory, before it is put in its place: what the next start has to read first. */
const placeLength = 4 * 1024 * 1024;

/** An append and its text in a record. */
export interface Written {
  readonly entry: Entry;
  readonly text: string;
}

/**
 * Where appends are written first: those of one group as one record, for an engine is slow with many small values. Put
 * in their place later, many of them at once, without a sync of their own: until then the journal tells them, at a
 * start, too.
 */
export class Journal {
  readonly #store: Store;
  readonly #pending = new Pending();
  #opening = 0;
  #next = 1;
  #length = 0;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is appended of a Worker, and not in its place yet. */
  of(workerId: WorkerId): PendingWorker | undefined {
    return this.#opening === this.#store.openings ? this.#pending.of(workerId) : undefined;
  }

  /** Of all Workers, as of now. */
  workers(): ReadonlyMap<WorkerId, PendingWorker> {
    return this.#opening === this.#store.openings ? this.#pending.workers() : new Map();
  }

  /** With nothing else to be written: one record. */
  async record(opened: Opening, group: readonly Written[]): Promise<Committed> {
    this.#begin(opened);
    const record = recordPut(
      this.#next,
      group.map(({ text }) => text),
    );
    const committed = await opened.write([record]);
    if (committed !== 'committed') return committed;
    this.#pending.addRecord(this.#next);
    this.#next += 1;
    for (const { entry, text } of group) {
      this.#pending.add(entry);
      this.#length += text.length;
    }
    return committed;
  }

  /** In one write: everything in its place, that group behind it, and at last the operations. */
  async writeInPlace(opened: Opening, group: readonly Written[], operations: readonly Operation[]): Promise<Committed> {
    this.#begin(opened);
    const latest = new Pending();
    for (const { entry } of group) latest.add(entry);
    const committed = await opened.write([...this.#pending.operations(), ...latest.operations(), ...operations]);
    if (committed === 'committed') this.#clear();
    return committed;
  }

  /** Puts everything in its place where there is much of it. */
  async settle(opened: Opening): Promise<void> {
    if (this.#length < placeLength) return;
    if ((await opened.place(this.#pending.operations())) === 'committed') this.#clear();
  }

  /** Whoever opens the engine puts everything in its place before. */
  #begin({ number }: Opening): void {
    if (this.#opening === number) return;
    this.#clear();
    this.#opening = number;
    this.#next = this.#store.lastRecord + 1;
  }

  #clear(): void {
    this.#pending.clear();
    this.#length = 0;
  }
}
