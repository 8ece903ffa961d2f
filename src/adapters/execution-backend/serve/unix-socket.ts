import { lstat, stat, unlink } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname } from 'node:path';

import { ListenError } from './listen-error.js';

const probeMs = 2000;

/** The socket is going to be in a folder that is there, and, without keys, that nobody else can enter. */
export async function checkFolder(path: string, hasKeys: boolean): Promise<void> {
  const folder = dirname(path);
  const stats = await stat(folder).catch((cause: unknown) => {
    throw new ListenError('configuration', `there is no folder ${folder}: mkdir -m 700 ${folder}`, { cause });
  });
  if (!stats.isDirectory()) throw new ListenError('configuration', `${folder} is no folder`);
  if (hasKeys) return;
  if (stats.uid !== process.getuid?.()) {
    throw new ListenError(
      'configuration',
      `the folder ${folder} belongs to somebody else: without a key file, a socket is in a folder of one's own`,
    );
  }
  if ((stats.mode & 0o077) !== 0) {
    throw new ListenError(
      'configuration',
      `others can enter the folder ${folder}: chmod 700 ${folder}, or name a key file`,
    );
  }
}

/** Takes away what a server left that is dead. Rejects where one lives, or where it is something else. */
export async function removeStale(path: string): Promise<void> {
  const found = await lstatOf(path);
  if (!found) return;
  if (!found.isSocket()) {
    throw new ListenError('in-use', `${path} is there, and is no socket: name another path`);
  }
  if (await isAlive(path)) {
    throw new ListenError('in-use', `a server listens on ${path} already: end it, or name another path`);
  }
  // Somebody else who found it dead may have put a living one there meanwhile.
  const now = await lstatOf(path);
  if (now && now.ino === found.ino && now.ctimeMs === found.ctimeMs) await unlink(path);
}

const lstatOf = (path: string) => lstat(path).catch(() => undefined);

/** Whether somebody answers there; whoever answers nothing may live. */
function isAlive(path: string): Promise<boolean> {
  return new Promise((settled) => {
    const socket = connect(path);
    const settle = (alive: boolean): void => {
      socket.destroy();
      settled(alive);
    };
    socket.setTimeout(probeMs, () => settle(true));
    socket.once('connect', () => settle(true));
    socket.once('error', ({ code }: NodeJS.ErrnoException) => settle(code !== 'ECONNREFUSED' && code !== 'ENOENT'));
  });
}
