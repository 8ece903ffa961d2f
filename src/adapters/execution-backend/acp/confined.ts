import type { FileHandle } from 'node:fs/promises';
import { open, readlink, realpath, stat } from 'node:fs/promises';
import { constants } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

const { O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK, O_RDONLY } = constants;
const outside = (path: string): Error => new Error(`${path} is not in the Worker's folder`);

function isWithin(root: string, path: string): boolean {
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

/** The path of a folder that is in `root`, wherever links lead. Rejects for any other. */
export async function confinedFolder(root: string, path: string): Promise<string> {
  const [realRoot, real] = await Promise.all([realpath(root), realpath(path)]);
  if (!isWithin(realRoot, real)) throw outside(path);
  return real;
}

/** Where links have led to, and the file need not be there yet. */
async function target(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
    return join(await realpath(dirname(path)), basename(path));
  }
}

/** Whether an open folder has a path of its own, below which nothing can be put in the way. */
const hasOpenPaths = process.platform === 'linux';

/**
 * Opens a file that is in `root`, wherever links lead. On Linux by its folder, which is opened and looked at first: a
 * link that is put in the way meanwhile leads nowhere. Elsewhere what was opened is looked at again, which leaves a
 * moment. Rejects with words that an agent understands.
 */
export async function openConfined(root: string, path: string, flags: number): Promise<FileHandle> {
  if (!isAbsolute(path)) throw new Error(`${path} is not an absolute path`);
  const [realRoot, real] = await Promise.all([realpath(root), target(resolve(path))]);
  if (!isWithin(realRoot, real)) throw outside(path);
  const openAt = hasOpenPaths ? openInFolder : openAndLook;
  const handle = await openAt(realRoot, real, flags | O_NOFOLLOW | O_NONBLOCK);
  try {
    if (!handle) throw outside(path);
    if (!(await handle.stat()).isFile()) throw new Error(`${path} is no file`);
    return handle;
  } catch (cause) {
    await handle?.close();
    throw cause;
  }
}

async function openInFolder(realRoot: string, real: string, flags: number): Promise<FileHandle | undefined> {
  const folder = await open(dirname(real), O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
  try {
    const here = `/proc/self/fd/${folder.fd}`;
    return isWithin(realRoot, await readlink(here)) ? await open(join(here, basename(real)), flags) : undefined;
  } finally {
    await folder.close();
  }
}

async function openAndLook(realRoot: string, real: string, flags: number): Promise<FileHandle | undefined> {
  const handle = await open(real, flags);
  try {
    const there = await realpath(real);
    const [opened, found] = await Promise.all([handle.stat(), stat(there)]);
    if (isWithin(realRoot, there) && found.ino === opened.ino && found.dev === opened.dev) return handle;
  } catch (cause) {
    await handle.close();
    throw cause;
  }
  await handle.close();
  return undefined;
}
