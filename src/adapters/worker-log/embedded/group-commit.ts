import { setImmediate as turn } from 'node:timers/promises';

import type { Operation } from './engine.js';
import type { Journal } from './journal.js';
import type { Entry } from './journal-record.js';
import { lengthOf } from './journal-record.js';
import type { Committed, Opening, Store } from './store.js';

interface Commit {
  readonly entry?: Entry;
  readonly operations?: readonly Operation[];
  /** The opening of the engine that it rests on, where it does. */
  readonly opening: number | undefined;
  readonly length: number;
}

interface Waiting {
  readonly commit: Commit;
  readonly resolve: (committed: Committed) => void;
}

/** How much goes into one write, but for a single commit that is larger. */
const groupLength = 4 * 1024 * 1024;

/** From so many appends in a group on they go as one record. Fewer are as fast in their place, and written once. */
const manyAppends = 24;

const valuesOf = (operations: readonly Operation[]): number =>
  operations.reduce((sum, operation) => sum + (operation.type === 'put' ? operation.value.length : 0), 0);

/**
 * Writes what many Workers have to commit in groups: while one write is under way the next group gathers, so that one
 * sync serves all of it. Commits are written in the order in which they came, each of them whole; in a group, appends
 * come first.
 */
export class GroupCommit {
  readonly #store: Store;
  readonly #journal: Journal;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(store: Store, journal: Journal) {
    this.#store = store;
    this.#journal = journal;
  }

  /** As `commit`, of an append. */
  append(entry: Entry, opening: number): Promise<Committed> {
    return this.#add({ entry, opening, length: lengthOf(entry) });
  }

  /**
   * Resolves once it is written, behind everything that was appended before, and all of that is in its place; or known
   * not to be. Never rejects. With `opening` it is `failed` where the engine was opened anew since: what it follows may
   * not be there.
   */
  commit(operations: readonly Operation[], opening?: number): Promise<Committed> {
    return this.#add({ operations, opening, length: valuesOf(operations) });
  }

  /** As `commit`, but rejects where it is not known to be written. */
  async mustCommit(operations: readonly Operation[], opening?: number): Promise<void> {
    const committed = await this.commit(operations, opening);
    if (committed !== 'committed') throw new Error('the log could not be written');
  }

  #add(commit: Commit): Promise<Committed> {
    return new Promise((resolve) => {
      this.#waiting.push({ commit, resolve });
      if (!this.#isWriting) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // What is ready in this turn goes together.
      const opened = await this.#store.opened();
      await this.#write(this.#nextGroup(), opened);
      // Who was answered may have more: else two halves of all would wait for each other's syncs.
      await turn();
    }
    this.#isWriting = false;
  }

  async #write(group: readonly Waiting[], opened: Opening | undefined): Promise<void> {
    const fitting: Waiting[] = [];
    for (const waiting of group) {
      const { opening } = waiting.commit;
      if (opened && (opening ?? opened.number) === opened.number) fitting.push(waiting);
      else waiting.resolve('failed');
    }
    if (!opened || fitting.length === 0) return;
    const committed = await this.#commit(opened, fitting);
    for (const { resolve } of fitting) resolve(committed);
    if (committed === 'committed') await this.#journal.settle(opened);
  }

  #commit(opened: Opening, group: readonly Waiting[]): Promise<Committed> {
    const appends: Entry[] = [];
    const others: Operation[] = [];
    let isAppended = true;
    for (const { commit } of group) {
      if (commit.entry) appends.push(commit.entry);
      else isAppended = false;
      if (commit.operations) others.push(...commit.operations);
    }
    return isAppended && appends.length >= manyAppends
      ? this.#journal.record(opened, appends)
      : this.#journal.writeInPlace(opened, appends, others);
  }

  #nextGroup(): readonly Waiting[] {
    let length = 0;
    const end = this.#waiting.findIndex((waiting) => (length += waiting.commit.length) > groupLength);
    const count = end < 0 ? this.#waiting.length : Math.max(1, end);
    return this.#waiting.splice(0, count);
  }
}
