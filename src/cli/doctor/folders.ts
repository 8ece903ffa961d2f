import { cp, mkdir, mkdtemp, readdir, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve, sep } from 'node:path';

import { ConfigError } from '../../composition/config/config-error.js';
import { logFolder } from '../data-folder.js';

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

export async function checkData(data: string): Promise<void> {
  if (await isFolder(logFolder(data))) return;
  throw new ConfigError([`--data ${data}: no data folder of a host (it has no folder "log")`]);
}

/** Rejects where a copy would be written over something, or into what it is a copy of. */
export async function checkCopy(data: string, copy: string): Promise<void> {
  const to = resolve(copy);
  const liesIn = (from: string): boolean => to === from || to.startsWith(from + sep);
  if ([resolve(data), await realpath(data)].some(liesIn)) {
    throw new ConfigError([`--repair ${copy}: lies in the data folder`]);
  }
  const found = await readdir(to).catch((cause: unknown) =>
    (cause as NodeJS.ErrnoException).code === 'ENOENT' ? [] : undefined,
  );
  if (found?.length !== 0) throw new ConfigError([`--repair ${copy}: is not empty; name a folder that is not there`]);
}

/** Answers where Workers go. */
export async function beginCopy(copy: string): Promise<string> {
  await mkdir(resolve(copy), { recursive: true, mode: 0o700 });
  return logFolder(copy);
}

/** Everything but Workers goes as it is. */
export async function copyOthers(data: string, copy: string): Promise<void> {
  // What has another name is copied, not its name.
  const from = await realpath(data);
  const log = logFolder(from);
  await cp(from, resolve(copy), { recursive: true, filter: (path) => path !== log });
}

/** A folder beside the data, so that files can have a second name there; elsewhere where that may not be. */
export async function workFolder(data: string): Promise<AsyncDisposable & { readonly path: string }> {
  const beside = join(dirname(resolve(data)), '.workport-doctor-');
  const path = await mkdtemp(beside).catch(() => mkdtemp(join(tmpdir(), 'workport-doctor-')));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
