import type { WorkerId } from '../../../domain/ids.js';
import type { Operation } from './engine.js';
import type { Entry } from './journal-record.js';
import { recordPut } from './journal-record.js';
import { Pending } from './pending.js';
import type { PendingWorker } from './pending-worker.js';
import type { Committed, Opening, Store } from './store.js';

/** So much is in the journal, and in memory, before it is put in its place: what the next start has to read first. */
const placeBytes = 16 * 1024 * 1024;

/**
 * Where appends are written first: those of one group as one record, for an engine is slow with many small values. Put
 * in their place later, many of them at once, without a sync of their own: until then the journal tells them, at a
 * start, too.
 */
export class Journal {
  readonly #store: Store;
  #pending = new Pending();
  #opening = 0;
  #next = 1;

  constructor(store: Store) {
    this.#store = store;
  }

  /** What is appended of a Worker, and not in its place yet. */
  of(workerId: WorkerId): PendingWorker | undefined {
    return this.#current().of(workerId);
  }

  /** Of all Workers, as of now. */
  workers(): ReadonlyMap<WorkerId, PendingWorker> {
    return this.#current().workers();
  }

  /** With nothing else to be written: one record. */
  async record(opened: Opening, group: readonly Entry[]): Promise<Committed> {
    const pending = this.#current();
    const record = recordPut(this.#next, group);
    const committed = await opened.write([record]);
    if (committed !== 'committed') return committed;
    pending.addRecord(this.#next, record.value.length);
    this.#next += 1;
    for (const entry of group) pending.add(entry);
    return committed;
  }

  /** In one write: everything in its place, that group behind it, and at last the operations. */
  async writeInPlace(opened: Opening, group: readonly Entry[], operations: readonly Operation[]): Promise<Committed> {
    const pending = this.#current();
    const latest = new Pending();
    for (const entry of group) latest.add(entry);
    const committed = await opened.write([...pending.operations(), ...latest.operations(), ...operations]);
    if (committed === 'committed') pending.clear();
    return committed;
  }

  /** Puts everything in its place where there is much of it. */
  async settle(opened: Opening): Promise<void> {
    const pending = this.#current();
    if (pending.bytes < placeBytes) return;
    if ((await opened.place(pending.operations())) === 'committed') pending.clear();
  }

  /** What was known of an engine that is not open any more is found again by who opens it. */
  #current(): Pending {
    if (this.#opening !== this.#store.openings) {
      const { pending, last } = this.#store.journal;
      this.#opening = this.#store.openings;
      this.#pending = pending;
      this.#next = last + 1;
    }
    return this.#pending;
  }
}
