import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import type { EncodedObservation, WorkerHead } from '../../../ports/worker-log.js';
import type { RecordName } from './record.js';
import { beginningOf, headIn, inputsIn, observationsIn } from './record.js';
import type { LogStream, StoredMessage } from './stream.js';

/** What was to be read is not there any more: it was trimmed or removed meanwhile. */
export class Gone extends Error {}

export interface StoredRecord {
  readonly name: RecordName;
  readonly message: StoredMessage;
}

/** Reads what a record holds, and its pieces where it has some. Rejects with `Gone` where one is missing. */
export class RecordReader {
  readonly #stream: LogStream;

  constructor(stream: LogStream) {
    this.#stream = stream;
  }

  async head(record: StoredRecord): Promise<WorkerHead> {
    return headIn(await this.#beginning(record));
  }

  async inputs(record: StoredRecord): Promise<readonly LedgerEntry[]> {
    return inputsIn(await this.#beginning(record));
  }

  async observations(record: StoredRecord): Promise<readonly EncodedObservation[]> {
    return observationsIn(await this.#whole(record), record.name);
  }

  async #beginning(record: StoredRecord): Promise<Uint8Array> {
    return beginningOf(record.message.data) ?? (await this.#whole(record));
  }

  async #whole({ name, message }: StoredRecord): Promise<Uint8Array> {
    if (name.pieces.length === 0) return message.data;
    const pieces = await Promise.all(name.pieces.map((sequence) => this.#stream.at(sequence)));
    const parts = pieces.map((piece) => {
      if (!piece) throw new Gone('a piece of a record is gone');
      return piece.data;
    });
    return Buffer.concat([message.data, ...parts]);
  }
}
