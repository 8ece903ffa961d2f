import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import type { Standing } from './standing.js';
import type { LogStream } from './stream.js';
import type { Subjects } from './subjects.js';

const recordHeader = 'Workport-Of';
const attempts = 5;
const knownAtMost = 10_000;

/**
 * A message of its own for each input, so that one is found without its record. Copies: the newest record is the truth
 * of what it says, and only it may be without them.
 */
export class InputIndex {
  readonly #stream: LogStream;
  readonly #subjects: Subjects;
  /** Where the entries are that this host wrote last: each is changed once or twice. */
  readonly #sequences = new Map<string, number>();

  constructor(stream: LogStream, subjects: Subjects) {
    this.#stream = stream;
    this.#subjects = subjects;
  }

  /** Sees to the entries of the newest record, once, and again where that failed. */
  async settled(workerId: WorkerId, standing: Standing): Promise<boolean> {
    if (standing.inputs.length === 0 || standing.isTombstone) return true;
    if (standing.indexed && (await standing.indexed)) return true;
    return this.begin(workerId, standing);
  }

  begin(workerId: WorkerId, standing: Standing): Promise<boolean> {
    // A create records that its first input was undecided and is accepted at once: the last says what holds.
    const last = new Map(standing.inputs.map((entry) => [entry.inputId, entry]));
    const written = [...last.values()].map((entry) => this.#write(workerId, entry, standing.sequence));
    standing.indexed = Promise.all(written).then((results) => results.every(Boolean));
    return standing.indexed;
  }

  async read(workerId: WorkerId, inputId: InputId): Promise<LedgerEntry | undefined> {
    const message = await this.#stream.last(this.#subjects.input(workerId, inputId));
    return message && (JSON.parse(new TextDecoder().decode(message.data)) as LedgerEntry);
  }

  /** Never over the entry of a later record: what a host sent long ago may come late. */
  async #write(workerId: WorkerId, entry: LedgerEntry, record: number): Promise<boolean> {
    const subject = this.#subjects.input(workerId, entry.inputId);
    let expected = this.#sequences.get(subject) ?? 0;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      const headers = {
        'Nats-Expected-Last-Subject-Sequence': String(expected),
        [recordHeader]: String(record),
      };
      const published = await this.#stream.publish(subject, JSON.stringify(entry), headers);
      if (published.outcome === 'stored') {
        this.#remember(subject, published.sequence);
        return true;
      }
      if (published.outcome !== 'wrong-last') return false;
      try {
        const found = await this.#stream.last(subject);
        if (found && Number(found.header(recordHeader)) >= record) return true;
        expected = found?.sequence ?? 0;
      } catch {
        return false;
      }
    }
    return false;
  }

  #remember(subject: string, sequence: number): void {
    this.#sequences.delete(subject);
    this.#sequences.set(subject, sequence);
    for (const oldest of this.#sequences.keys()) {
      if (this.#sequences.size <= knownAtMost) break;
      this.#sequences.delete(oldest);
    }
  }
}
