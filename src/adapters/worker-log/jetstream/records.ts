import type { WorkerId } from '../../../domain/ids.js';
import { nameOf } from './record.js';
import { Gone } from './record-reader.js';
import type { StoredRecord } from './record-reader.js';
import { openStretch } from './stretch.js';
import type { LogStream, StoredMessage } from './stream.js';
import type { Positions } from './positions.js';
import type { Subjects } from './subjects.js';

/** So many records are asked for one by one before the rest is asked for together. */
const singles = 4;
const batchCount = 256;
/** Records without observations that a hint may be behind. */
const hintSteps = 8;

const recordOf = (message: StoredMessage): StoredRecord => ({ name: nameOf(message.header), message });

/** What stands behind the newest one took its place meanwhile: the log was removed. Throws `Gone` then. */
function upTo(end: number, record: StoredRecord): StoredRecord {
  if (record.message.sequence > end) throw new Gone('the records are gone');
  return record;
}

/** The records of Workers, found by the sequences of their observations. */
export class Records {
  readonly #stream: LogStream;
  readonly #subjects: Subjects;
  readonly #positions: Positions;

  constructor(stream: LogStream, subjects: Subjects, positions: Positions) {
    this.#stream = stream;
    this.#subjects = subjects;
    this.#positions = positions;
  }

  async newest(workerId: WorkerId): Promise<StoredRecord | undefined> {
    const message = await this.#stream.last(this.#subjects.log(workerId));
    return message && recordOf(message);
  }

  async #next(workerId: WorkerId, from: number): Promise<StoredRecord | undefined> {
    const message = await this.#stream.next(this.#subjects.log(workerId), from);
    return message && recordOf(message);
  }

  /** The records from the one that holds `sequence` up to `newest`. Throws `Gone` where one is missing. */
  async *from(workerId: WorkerId, sequence: number, newest: StoredRecord): AsyncGenerator<StoredRecord, void, void> {
    const end = newest.message.sequence;
    let record = await this.find(workerId, sequence, newest);
    let asked = 0;
    for (;;) {
      yield record;
      if (record.message.sequence >= end) return;
      if (asked >= singles) {
        for await (const each of this.#together(workerId, record.message.sequence + 1)) {
          record = upTo(end, each);
          yield record;
          if (record.message.sequence >= end) return;
        }
        asked = 0;
      }
      const next = await this.#next(workerId, record.message.sequence + 1);
      if (!next) throw new Gone('a record is gone');
      record = upTo(end, next);
      asked += 1;
    }
  }

  /** As far as the server tells them together. */
  async *#together(workerId: WorkerId, from: number): AsyncGenerator<StoredRecord, void, void> {
    const stretch = await openStretch(this.#stream, this.#subjects.log(workerId), { seq: from });
    if (!stretch) return;
    try {
      for (;;) {
        const batch = await stretch.batch(batchCount);
        if (!batch) return;
        for (const message of batch.messages) yield recordOf(message);
        if (batch.isAtEnd) return;
      }
    } finally {
      stretch.close();
    }
  }

  /** The record that holds a retained sequence. Throws `Gone` where there is none. */
  async find(workerId: WorkerId, sequence: number, newest: StoredRecord): Promise<StoredRecord> {
    if (newest.name.first <= sequence) return newest;
    const hinted = await this.#hinted(workerId, sequence);
    if (hinted) return hinted;
    let low = 1;
    let high = newest.message.sequence;
    // The oldest one is asked for first: most who read from afar read from the beginning.
    for (let middle = low; low < high; middle = Math.floor((low + high) / 2)) {
      const found = await this.#next(workerId, middle);
      if (!found) throw new Gone('a record is gone');
      if (found.message.sequence >= high) high = middle;
      else if (found.name.last < sequence) low = found.message.sequence + 1;
      else if (found.name.first > sequence) high = middle;
      else return found;
    }
    throw new Gone('a record is gone');
  }

  async #hinted(workerId: WorkerId, sequence: number): Promise<StoredRecord | undefined> {
    let place = this.#positions.of(workerId, sequence);
    for (let step = 0; step < hintSteps && place !== undefined; step += 1) {
      const found = await this.#next(workerId, place);
      if (!found || found.name.first > sequence) return undefined;
      if (found.name.last >= sequence) return found;
      place = found.message.sequence + 1;
    }
    return undefined;
  }
}
