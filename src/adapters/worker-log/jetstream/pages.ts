import { Sequence } from '../../../domain/ids.js';
import type { WorkerId } from '../../../domain/ids.js';
import { pageLength } from '../../../ports/worker-log.js';
import type { EncodedObservation, LogPage } from '../../../ports/worker-log.js';
import type { Positions } from './positions.js';
import { Gone } from './record-reader.js';
import type { RecordReader, StoredRecord } from './record-reader.js';
import type { Records } from './records.js';
import type { LogStream } from './stream.js';
import type { Subjects } from './subjects.js';

/** A log that is trimmed again and again while it is read is given up. */
const attempts = 5;

interface PagesDependencies {
  readonly stream: LogStream;
  readonly subjects: Subjects;
  readonly records: Records;
  readonly reader: RecordReader;
  readonly positions: Positions;
}

/** Takes observations until the page is full. */
export class Gathering {
  readonly observations: EncodedObservation[] = [];
  readonly #limit: number;
  #length = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get isFull(): boolean {
    return this.observations.length >= this.#limit || this.#length >= pageLength;
  }

  /** Whether it still went in. */
  add(observation: EncodedObservation): boolean {
    const length = this.#length + observation.json.length;
    if (this.isFull || (length > pageLength && this.observations.length > 0)) return false;
    this.observations.push(observation);
    this.#length = length;
    return true;
  }
}

/** What is retained of a log, page by page. */
export class Pages {
  readonly #of: PagesDependencies;

  constructor(dependencies: PagesDependencies) {
    this.#of = dependencies;
  }

  /** The first retained sequence, as it was told by the last trim. */
  async firstRetained(workerId: WorkerId): Promise<number> {
    const { stream, subjects } = this.#of;
    const message = await stream.last(subjects.first(workerId));
    return message ? Number(new TextDecoder().decode(message.data)) : 1;
  }

  /** `undefined` where there is no log. */
  async page(workerId: WorkerId, after: number, limit: number): Promise<LogPage | undefined> {
    for (let attempt = 1; ; attempt += 1) {
      const [newest, first] = await Promise.all([this.#of.records.newest(workerId), this.firstRetained(workerId)]);
      if (newest?.name.kind !== 'record') return undefined;
      const { last } = newest.name;
      const named = { first: Sequence(Math.min(first, last + 1)), last: Sequence(last) };
      const from = Math.max(after + 1, first);
      if (from > last || limit <= 0) return { ...named, observations: [] };
      try {
        return { ...named, observations: await this.#gathered(workerId, from, limit, newest) };
      } catch (cause) {
        if (!(cause instanceof Gone) || attempt === attempts) throw cause;
      }
    }
  }

  async #gathered(
    workerId: WorkerId,
    from: number,
    limit: number,
    newest: StoredRecord,
  ): Promise<readonly EncodedObservation[]> {
    const { records, reader, positions } = this.#of;
    const gathering = new Gathering(limit);
    let expected = from;
    for await (const record of records.from(workerId, from, newest)) {
      const { first, last } = record.name;
      if (first > expected) throw new Gone('a record is gone');
      const place = record.message.sequence;
      for (const observation of last < expected ? [] : await reader.observations(record)) {
        if (observation.sequence < expected) continue;
        if (!gathering.add(observation)) {
          positions.remember(workerId, expected, place);
          return gathering.observations;
        }
        expected += 1;
      }
      positions.remember(workerId, expected, expected > last ? place + 1 : place);
      if (gathering.isFull) break;
    }
    return gathering.observations;
  }
}
