import { Sequence } from '../../../domain/ids.js';
import type { InputId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import { pageLength } from '../../../ports/worker-log.js';
import type { AppendBatch, EncodedObservation, LogPage, WorkerHead } from '../../../ports/worker-log.js';

/** The log of one Worker. Small as long as the Worker is idle: what few need is made when it is needed. */
export class WorkerRecord {
  head: WorkerHead;
  /** Nothing is left of this Worker but its head. */
  readonly isTombstone: boolean;
  #era = 0;
  #last = 0;
  /** The retained ones, after `#trimmed` empty places. */
  #places: (EncodedObservation | undefined)[] = [];
  #trimmed = 0;
  /** No observation that was ever here is longer, in characters of JSON. */
  #longest = 0;
  #inputs: Map<InputId, LedgerEntry> | undefined;
  #watchers: Set<() => void> | undefined;
  /** The page that was read last, as long as nothing has changed. */
  #latest: { readonly after: Sequence; readonly limit: number; readonly page: LogPage } | undefined;

  constructor(head: WorkerHead, isTombstone: boolean) {
    this.head = head;
    this.isTombstone = isTombstone;
  }

  get last(): Sequence {
    return Sequence(this.#last);
  }
  /** Changes when those who follow are sent away. */
  get era(): number {
    return this.#era;
  }

  append({ observations, head, inputs }: AppendBatch): void {
    for (const observation of observations) {
      this.#places.push(observation);
      this.#longest = Math.max(this.#longest, observation.json.length);
    }
    this.#last += observations.length;
    this.#latest = undefined;
    this.head = head;
    if (inputs) for (const entry of inputs) (this.#inputs ??= new Map()).set(entry.inputId, entry);
    if (observations.length > 0) this.#wake();
  }

  /** The same page to everybody who comes to the same place: what many observers read is made once. */
  page(after: Sequence, limit: number): LogPage {
    const latest = this.#latest;
    if (latest?.after === after && latest.limit === limit) return latest.page;
    const page = this.#page(after, limit);
    this.#latest = { after, limit, page };
    return page;
  }

  #page(after: Sequence, limit: number): LogPage {
    const retained = this.#places.length - this.#trimmed;
    const first = this.#last - retained + 1;
    const from = this.#trimmed + Math.max(0, after + 1 - first);
    const observations = this.#places.slice(from, this.#end(from, limit)) as EncodedObservation[];
    return Object.freeze({ first: Sequence(first), last: this.last, observations: Object.freeze(observations) });
  }

  /** Where a page that begins at `from` ends: after `limit` observations, or before it is too long. */
  #end(from: number, limit: number): number {
    // Nothing is looked at where it cannot be too long: in a long log each look is one past the caches of the processor.
    if (limit * this.#longest <= pageLength) return Math.min(from + limit, this.#places.length);
    let length = 0;
    let end = from;
    while (end < this.#places.length && end - from < limit) {
      length += this.#places[end]?.json.length ?? 0;
      if (length > pageLength && end > from) break;
      end += 1;
    }
    return end;
  }

  input(inputId: InputId): LedgerEntry | undefined {
    return this.#inputs?.get(inputId);
  }

  trim(before: Sequence): void {
    const first = this.#last - (this.#places.length - this.#trimmed) + 1;
    const count = Math.min(before - first, this.#places.length - this.#trimmed);
    if (count <= 0) return;
    this.#latest = undefined;
    this.#places.fill(undefined, this.#trimmed, this.#trimmed + count);
    this.#trimmed += count;
    // Closing the gap copies what is retained: done when as much was trimmed, a trim costs no more than its appends.
    if (this.#trimmed * 2 < this.#places.length) return;
    this.#places = this.#places.slice(this.#trimmed);
    this.#trimmed = 0;
  }

  endFollowers(): void {
    this.#era += 1;
    this.#wake();
  }

  /** Calls `watcher` at each change, until it is taken back. */
  watch(watcher: () => void): () => void {
    const watchers = (this.#watchers ??= new Set());
    watchers.add(watcher);
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0 && this.#watchers === watchers) this.#watchers = undefined;
    };
  }

  #wake(): void {
    if (this.#watchers) for (const watcher of [...this.#watchers]) watcher();
  }
}
