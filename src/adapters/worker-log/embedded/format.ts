import type { Operation } from './engine.js';
import { formatKey } from './keys.js';
import { LogFolderError } from './log-folder-error.js';
import { sealed, unsealed } from './sealed.js';

const format = '1';

/** Makes a new folder one of ours. */
export const formatPut = { type: 'put', key: formatKey, value: sealed(formatKey, format) } as const satisfies Operation;

/** Throws a `LogFolderError` where a later version wrote the folder, and `Damage`. */
export function checkFormat(folder: string, found: Buffer): void {
  const written = unsealed(formatKey, found);
  if (written === format) return;
  const message = `${folder} was written by a later version (format ${written}; this version knows ${format})`;
  throw new LogFolderError('newer-format', message);
}
