import { realpath } from 'node:fs/promises';

import { LogFolderError } from './log-folder-error.js';

/** By their real paths: a folder may have several names. */
const held = new Set<string>();

/**
 * Keeps this process from opening a folder twice: the engine's lock is one of the process, and another handle of its
 * file, once that is closed, takes it away and lets other processes in. Rejects with `in-use`.
 */
export async function holdFolder(folder: string): Promise<{ readonly path: string; readonly release: () => void }> {
  const path = await realpath(folder);
  if (held.has(path)) throw new LogFolderError('in-use', `${folder} is in use by another host`);
  held.add(path);
  let isHeld = true;
  const release = (): void => {
    if (isHeld) held.delete(path);
    isHeld = false;
  };
  return { path, release };
}
