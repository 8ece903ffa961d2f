import type { Sequence, WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';
import { isGapless } from '../../../ports/worker-log.js';
import type { AppendBatch, AppendResult } from '../../../ports/worker-log.js';
import type { InputIndex } from './input-index.js';
import type { RecordName } from './record.js';
import { headersOf, nameOf, payloadOf } from './record.js';
import type { Removals } from './removals.js';
import type { Standing, Standings } from './standing.js';
import type { LogStream, Published } from './stream.js';
import type { Subjects } from './subjects.js';

/** Room for headers in a message, beside what it holds. */
const headerBytes = 4_096;
const requestMs = 2_000;
const pauseMs = 50;
const expectedHeader = 'Nats-Expected-Last-Subject-Sequence';

/** Why a batch may not follow what is there. */
function refusal(standing: Standing, after: Sequence, batch: AppendBatch): 'conflict' | undefined {
  if (after !== standing.last || standing.revision >= batch.head.revision) return 'conflict';
  return standing.isTombstone && batch.observations.length > 0 ? 'conflict' : undefined;
}

interface AppendsDependencies {
  readonly stream: LogStream;
  readonly subjects: Subjects;
  readonly standings: Standings;
  readonly index: InputIndex;
  readonly removals: Removals;
  readonly logger: Logger;
}

/** One record, stored behind the one that is expected or not at all. */
interface Write {
  readonly workerId: WorkerId;
  readonly name: RecordName;
  readonly data: Uint8Array;
  readonly expected: number;
  readonly endAt: number;
}

type Written =
  { readonly result: 'appended'; readonly sequence: number } | { readonly result: Exclude<AppendResult, 'appended'> };

/** Appends to one Worker come one after the other. Each is answered by its `endAt`, or a question later. */
export class Appends {
  readonly #of: AppendsDependencies;

  constructor(dependencies: AppendsDependencies) {
    this.#of = dependencies;
  }

  async append(workerId: WorkerId, after: Sequence, batch: AppendBatch, endAt: number): Promise<AppendResult> {
    const { standings } = this.#of;
    try {
      const standing = await this.#standing(workerId, after, batch);
      const refused = refusal(standing, after, batch);
      if (refused) return refused;
      if (!isGapless(after, batch) || this.#of.stream.clock.now() >= endAt) return 'failed';
      if (!(await this.#of.index.settled(workerId, standing))) return 'failed';
      return await this.#append(workerId, standing, batch, endAt);
    } catch (cause) {
      standings.forget(workerId);
      this.#of.logger.error('the log could not be written', { workerId, cause });
      return 'failed';
    }
  }

  /** What is known may be old: who says something else is believed where the server says so, too. */
  async #standing(workerId: WorkerId, after: Sequence, batch: AppendBatch): Promise<Standing> {
    const { standings, removals } = this.#of;
    const known = standings.known(workerId);
    if (known && !refusal(known, after, batch)) return known;
    const standing = await standings.read(workerId);
    if (standing.exists || standing.sequence === 0) return standing;
    await removals.sweep(workerId, standing.sequence, { isWhole: true });
    return standings.read(workerId);
  }

  async #append(workerId: WorkerId, standing: Standing, batch: AppendBatch, endAt: number): Promise<AppendResult> {
    const { standings, index, stream } = this.#of;
    const { revision } = batch.head;
    const last = standing.last + batch.observations.length;
    const split = await this.#pieces(workerId, payloadOf(batch));
    if (!split) return 'failed';
    const name: RecordName = {
      kind: standing.isTombstone ? 'tombstone' : 'record',
      first: standing.last + 1,
      last,
      revision,
      id: stream.connection.newId(),
      pieces: split.pieces,
    };
    const written = await this.#write({ workerId, name, data: split.beginning, expected: standing.sequence, endAt });
    if (written.result !== 'appended') {
      standings.forget(workerId);
      return written.result;
    }
    const next: Standing = {
      sequence: written.sequence,
      id: name.id,
      exists: true,
      isTombstone: standing.isTombstone,
      last,
      revision,
      inputs: batch.inputs ?? [],
    };
    standings.set(workerId, next);
    if (next.inputs.length > 0 && !next.isTombstone) void index.begin(workerId, next);
    return 'appended';
  }

  /** Stores what does not go into one message. Nobody sees it before the record that names it. */
  async #pieces(workerId: WorkerId, payload: Uint8Array) {
    const { stream, subjects, logger } = this.#of;
    const most = stream.connection.maxPayload - headerBytes;
    const pieces: number[] = [];
    for (let from = most; from < payload.length; from += most) {
      const published = await stream.publish(subjects.piece(workerId), payload.subarray(from, from + most), {});
      if (published.outcome !== 'stored') {
        logger.warn('a piece of a record could not be written', { workerId, outcome: published.outcome });
        return undefined;
      }
      pieces.push(published.sequence);
    }
    return { pieces, beginning: payload.subarray(0, most) };
  }

  async #write(write: Write): Promise<Written> {
    const { stream, subjects, logger } = this.#of;
    const { workerId, name, data, expected, endAt } = write;
    const headers = { ...headersOf(name), [expectedHeader]: String(expected) };
    let isInDoubt = false;
    do {
      const leftMs = Math.max(1, Math.min(requestMs, endAt - stream.clock.now()));
      const published: Published = await stream.publish(subjects.log(workerId), data, headers, leftMs);
      switch (published.outcome) {
        case 'stored':
          if (isInDoubt) this.#nudge(workerId);
          return { result: 'appended', sequence: published.sequence };
        case 'wrong-last': {
          if (!isInDoubt) return { result: 'conflict' };
          const found = await this.#lookBack(write);
          // It may still be on its way between the servers.
          if (found.result !== 'unknown') return found;
          break;
        }
        case 'refused':
          logger.error('the log could not be written', { workerId, reason: published.description });
          return isInDoubt ? this.#lookBack(write) : { result: 'failed' };
        case 'in-doubt':
          isInDoubt = true;
          break;
        case 'not-done':
          break;
      }
      await stream.pause(pauseMs);
    } while (stream.clock.now() < endAt && !stream.connection.isClosed);
    return isInDoubt ? this.#lookBack(write) : { result: 'failed' };
  }

  /** What is behind the expected record: ours, somebody else's, or nothing yet. */
  async #lookBack({ workerId, name, expected }: Write): Promise<Written> {
    const { stream, subjects } = this.#of;
    try {
      const found = await stream.surelyNext(subjects.log(workerId), expected + 1, requestMs);
      if (!found) return { result: 'unknown' };
      if (nameOf(found.header).id !== name.id) return { result: 'conflict' };
      this.#nudge(workerId);
      return { result: 'appended', sequence: found.sequence };
    } catch {
      return { result: 'unknown' };
    }
  }

  /** A leader that went may have told nobody of what it stored. */
  #nudge(workerId: WorkerId): void {
    const { stream, subjects } = this.#of;
    stream.connection.publish(subjects.said(workerId));
  }
}
