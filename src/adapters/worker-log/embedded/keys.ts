import { isUuid, WorkerId } from '../../../domain/ids.js';
import type { InputId } from '../../../domain/ids.js';

/**
 * How the log of every Worker lies in one ordered store. A chunk is what one append added; its key holds its first and
 * its last sequence, so that chunks lie one after the other as they were appended, and a missing one is seen.
 */
const width = 14;
const number = (value: number): string => value.toString(16).padStart(width, '0');

export interface Range {
  readonly gte: string;
  readonly lt: string;
}

/** The observations of one append: from its first sequence to its last. */
export interface ChunkName {
  readonly first: number;
  readonly last: number;
}

/** `;` is the character behind `:`. */
const everyKeyOf = (letter: string, workerId: WorkerId): Range => ({
  gte: `${letter}:${workerId}:`,
  lt: `${letter}:${workerId};`,
});

export const formatKey = '!format';
export const syncKey = '!synced';
/** Is there as long as the end of any Worker's log may be missing. */
export const doubtKey = '!doubt';

export const headKey = (workerId: WorkerId): string => `h:${workerId}`;
export const everyHead: Range = { gte: 'h:', lt: 'h;' };

export const chunkKey = (workerId: WorkerId, { first, last }: ChunkName): string =>
  `o:${workerId}:${number(first)}:${number(last)}`;
export const everyChunkOf = (workerId: WorkerId): Range => everyKeyOf('o', workerId);
export const everyChunk: Range = { gte: 'o:', lt: 'o;' };

/** Chunks whose first sequence is below `sequence`. */
export const chunksBefore = (workerId: WorkerId, sequence: number): Range => ({
  ...everyChunkOf(workerId),
  lt: `o:${workerId}:${number(sequence)}:`,
});
export function chunkNameOf(key: string): ChunkName {
  const [first = '', last = ''] = key.split(':').slice(-2);
  return { first: Number.parseInt(first, 16), last: Number.parseInt(last, 16) };
}

/** Where the log of a Worker begins that was trimmed. */
export const firstKey = (workerId: WorkerId): string => `f:${workerId}`;
export const everyFirst: Range = { gte: 'f:', lt: 'f;' };

export const inputKey = (workerId: WorkerId, inputId: InputId): string => `i:${workerId}:${inputId}`;
export const everyInput: Range = { gte: 'i:', lt: 'i;' };
export const everyInputOf = (workerId: WorkerId): Range => everyKeyOf('i', workerId);

/** A Worker that was removed, and whose chunks and inputs are still to be swept. */
export const removalKey = (workerId: WorkerId): string => `x:${workerId}`;
export const everyRemoval: Range = { gte: 'x:', lt: 'x;' };

const idLength = '00000000-0000-0000-0000-000000000000'.length;

/** The Worker that a key is of; `undefined` where it names none, since it is damaged. */
export function workerOf(key: string): WorkerId | undefined {
  const id = key.slice(2, 2 + idLength);
  return isUuid(id) && id === id.toLowerCase() ? WorkerId(id) : undefined;
}

/** The place behind every key of its kind that is of the same Worker. */
export const behindWorkerOf = (key: string): string => `${key.slice(0, 2 + idLength)};`;
