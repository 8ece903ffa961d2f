import type { WorkerId } from '../../../domain/ids.js';
import type { Operation } from './engine.js';
import type { Entry } from './journal-record.js';
import { journalKey, placedKey } from './keys.js';
import { PendingWorker } from './pending-worker.js';
import { sealed } from './sealed.js';

export function placedPut(record: number): Operation {
  return { type: 'put', key: placedKey, value: sealed(placedKey, String(record)) };
}

/** What the journal holds: written, and not in its place yet. */
export class Pending {
  readonly #workers = new Map<WorkerId, PendingWorker>();
  readonly #records: number[] = [];
  #bytes = 0;

  /** How much its records hold. */
  get bytes(): number {
    return this.#bytes;
  }

  /** One that lies in the journal; what it holds is told by `add`. */
  addRecord(record: number, bytes: number): void {
    this.#records.push(record);
    this.#bytes += bytes;
  }

  add(entry: Entry): void {
    const { workerId } = entry;
    const worker = this.#workers.get(workerId) ?? new PendingWorker(workerId);
    this.#workers.set(workerId, worker);
    worker.add(entry);
  }

  of(workerId: WorkerId): PendingWorker | undefined {
    return this.#workers.get(workerId);
  }

  workers(): ReadonlyMap<WorkerId, PendingWorker> {
    return new Map(this.#workers);
  }

  /** Puts all of it in its place, and takes it out of the journal. Sorted, as the engine likes it best. */
  operations(): readonly Operation[] {
    const last = this.#records.at(-1);
    const workers = [...this.#workers].sort(([one], [other]) => (one < other ? -1 : 1));
    return [
      ...workers.flatMap(([, worker]) => worker.operations()),
      ...this.#records.map((record): Operation => ({ type: 'del', key: journalKey(record) })),
      ...(last === undefined ? [] : [placedPut(last)]),
    ];
  }

  /** It is in its place. */
  clear(): void {
    this.#workers.clear();
    this.#records.length = 0;
    this.#bytes = 0;
  }
}
