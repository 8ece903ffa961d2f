import { access, link, mkdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import { holdFolder } from '../held-folders.js';
import { LogFolderError } from '../log-folder-error.js';

const inUse = (folder: string): LogFolderError => new LogFolderError('in-use', `${folder} is in use by another host`);

/** Whether a process has a lock on a file, where the system tells. */
async function isLocked(file: string): Promise<boolean> {
  const { ino } = await stat(file);
  const locks = await readFile('/proc/locks', 'utf8').catch(() => '');
  return locks.split('\n').some((line) => line.includes(`:${String(ino)} `));
}

/** Keeps hosts out of a folder without writing to it. Rejects with `in-use`. */
export async function lockFolder(folder: string, workFolder: string): Promise<() => Promise<void>> {
  const { release } = await holdFolder(folder);
  try {
    const unlock = await lockFile(folder, workFolder);
    return () => unlock().finally(release);
  } catch (cause) {
    release();
    throw cause;
  }
}

/**
 * For other processes: the engine's lock is on a file, by whichever name it is opened. Where that file cannot have another
 * name, it is only seen that nobody has it now.
 */
async function lockFile(folder: string, workFolder: string): Promise<() => Promise<void>> {
  const file = join(folder, 'LOCK');
  const isThere = await access(file).then(
    () => true,
    () => false,
  );
  if (!isThere) return () => Promise.resolve();
  const holder = join(workFolder, 'lock');
  await mkdir(holder);
  try {
    await link(file, join(holder, 'LOCK'));
  } catch {
    if (await isLocked(file)) throw inUse(folder);
    return () => Promise.resolve();
  }
  const level = new ClassicLevel(holder);
  try {
    await level.open();
  } catch (cause) {
    throw (cause as Error & { cause?: { code?: string } }).cause?.code === 'LEVEL_LOCKED' ? inUse(folder) : cause;
  }
  return () => level.close();
}
