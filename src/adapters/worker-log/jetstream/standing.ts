import type { WorkerId } from '../../../domain/ids.js';
import type { LedgerEntry } from '../../../domain/worker/ledger.js';
import { nameOf } from './record.js';
import type { RecordReader } from './record-reader.js';
import type { LogStream } from './stream.js';
import type { Subjects } from './subjects.js';

/** Where a Worker's log stands: what an append has to know of it. */
export interface Standing {
  /** The newest record, in the stream: the next one is stored behind it, or not at all. 0 for none. */
  readonly sequence: number;
  /** Of the append that made it; '' for none. */
  readonly id: string;
  readonly exists: boolean;
  readonly isTombstone: boolean;
  readonly last: number;
  readonly revision: number;
  /** What the newest record says of inputs. */
  readonly inputs: readonly LedgerEntry[];
  /** Whether each of them has its own message; absent as long as nobody has seen to it. Never rejects. */
  indexed?: Promise<boolean>;
}

const absent = (sequence: number, id: string): Standing => ({
  sequence,
  id,
  exists: false,
  isTombstone: false,
  last: 0,
  revision: -Infinity,
  inputs: [],
});

const knownAtMost = 20_000;

/** The standings of Workers that this host appended to last. Another host may have appended since: the server finds out. */
export class Standings {
  readonly #stream: LogStream;
  readonly #subjects: Subjects;
  readonly #reader: RecordReader;
  readonly #known = new Map<WorkerId, Standing>();

  constructor(stream: LogStream, subjects: Subjects, reader: RecordReader) {
    this.#stream = stream;
    this.#subjects = subjects;
    this.#reader = reader;
  }

  known(workerId: WorkerId): Standing | undefined {
    return this.#known.get(workerId);
  }

  /** As the server tells it. */
  async read(workerId: WorkerId): Promise<Standing> {
    const message = await this.#stream.last(this.#subjects.log(workerId));
    if (!message) return absent(0, '');
    const name = nameOf(message.header);
    if (name.kind === 'removed') return absent(message.sequence, name.id);
    const inputs = await this.#reader.inputs({ name, message });
    return {
      sequence: message.sequence,
      id: name.id,
      exists: true,
      isTombstone: name.kind === 'tombstone',
      last: name.last,
      revision: name.revision,
      inputs,
    };
  }

  set(workerId: WorkerId, standing: Standing): void {
    this.#known.delete(workerId);
    this.#known.set(workerId, standing);
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= knownAtMost) break;
      this.#known.delete(oldest);
    }
  }

  forget(workerId: WorkerId): void {
    this.#known.delete(workerId);
  }
}
