import { Sequence } from '../../../domain/ids.js';
import type { WorkerId } from '../../../domain/ids.js';
import type { EncodedObservation } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import type { Engine, Operation } from './engine.js';
import { chunkKey, chunkNameOf, chunksBefore, everyChunkOf } from './keys.js';
import { sealed, unsealed } from './sealed.js';

/** What one append added. JSON holds no line feed: lines need no lengths. */
export function chunkOf(workerId: WorkerId, observations: readonly EncodedObservation[]): Operation | undefined {
  const [first, last] = [observations[0]?.sequence, observations.at(-1)?.sequence];
  if (first === undefined || last === undefined) return undefined;
  const lines = observations.map(({ json }) => json).join('\n');
  const key = chunkKey(workerId, { first, last });
  return { type: 'put', key, value: sealed(key, lines) };
}

/** The observations of a chunk. Throws `Damage`. */
export function observationsOf(key: string, value: Buffer): readonly EncodedObservation[] {
  const { first, last } = chunkNameOf(key);
  const lines = unsealed(key, value).split('\n');
  if (lines.length !== last - first + 1) throw new Damage('a chunk has not what its key says');
  return lines.map((json, index) => ({ sequence: Sequence(first + index), json }));
}

/** The key of the chunk that holds `sequence`, or of the last one before it. */
async function keyUpTo(engine: Engine, workerId: WorkerId, sequence: number): Promise<string | undefined> {
  const range = { ...chunksBefore(workerId, sequence + 1), reverse: true, limit: 1 };
  for await (const key of engine.keys(range)) return key;
  return undefined;
}

interface Stretch {
  readonly after: number;
  readonly last: number;
  /** The first retained sequence. */
  readonly first: number;
}

/**
 * What is retained after `after`, up to `last`, chunk by chunk. Throws `Damage` where what comes next is not to be
 * read, or is missing.
 */
export async function* chunksAfter(
  engine: Engine,
  workerId: WorkerId,
  { after, last, first: retained }: Stretch,
): AsyncGenerator<readonly EncodedObservation[], void, void> {
  const from = await keyUpTo(engine, workerId, after + 1);
  const every = everyChunkOf(workerId);
  let expected = Math.max(retained, after + 1);
  let isBegun = false;
  for await (const [key, value] of engine.entries({ ...every, gte: from ?? every.gte })) {
    const { first } = chunkNameOf(key);
    if (first > last) break;
    if (isBegun ? first !== expected : first > expected) throw new Damage(`sequence ${String(expected)} is missing`);
    isBegun = true;
    const observations = observationsOf(key, value);
    expected = first + observations.length;
    const wanted = observations.filter(({ sequence }) => sequence > after && sequence <= last);
    if (wanted.length > 0) yield wanted;
  }
  if (expected <= last && last < Infinity) throw new Damage(`sequence ${String(expected)} is missing`);
}
