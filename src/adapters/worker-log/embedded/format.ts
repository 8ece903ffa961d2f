import type { Operation } from './engine.js';
import { formatKey } from './keys.js';
import { LogFolderError } from './log-folder-error.js';
import { sealed, unsealed } from './sealed.js';

const format = '1';
/** In place of the format, as long as a folder is being made of another one. */
const unfinished = 'unfinished';

/** Makes a new folder one of ours. */
export const formatPut = { type: 'put', key: formatKey, value: sealed(formatKey, format) } as const satisfies Operation;

/** Marks a folder that is not whole yet. */
export const unfinishedPut = {
  type: 'put',
  key: formatKey,
  value: sealed(formatKey, unfinished),
} as const satisfies Operation;

/** Throws `Damage`. */
export const isUnfinished = (found: Buffer): boolean => unsealed(formatKey, found) === unfinished;

/** Throws a `LogFolderError` where a later version wrote the folder, and `Damage`. */
export function checkFormat(folder: string, found: Buffer): void {
  const written = unsealed(formatKey, found);
  if (written === format) return;
  if (written === unfinished) throw new LogFolderError('damaged', `${folder} is a copy that was not finished`);
  const message = `${folder} was written by a later version (format ${written}; this version knows ${format})`;
  throw new LogFolderError('newer-format', message);
}
