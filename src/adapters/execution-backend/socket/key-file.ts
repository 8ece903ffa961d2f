import { open } from 'node:fs/promises';

import { keyIdPattern } from '../../../protocol/ebp.js';
import type { SharedKey } from '../wire/challenge.js';

const leastKeyBytes = 32;
const maxFileBytes = 64 * 1024;
const defaultKeyId = 'default';

/** Says what is wrong with a file of keys, and what to do about it; never what is in it. */
export class KeyFileError extends Error {
  constructor(file: string, reason: string, options?: ErrorOptions) {
    super(`the key file ${file} ${reason}`, options);
    this.name = 'KeyFileError';
  }
}

/**
 * The keys of a file that nobody but its owner can read: a line each, `ID:HEX`, or `HEX` alone for one that is called
 * `default`; at least 64 hex digits. Blank lines and those that begin with `#` are passed over. Rejects with a
 * `KeyFileError`.
 */
export async function readKeyFile(file: string): Promise<readonly SharedKey[]> {
  const lines = (await readPrivate(file)).split(/\r?\n/);
  const keys: SharedKey[] = [];
  for (const [index, text] of lines.entries()) {
    const line = text.trim();
    if (line === '' || line.startsWith('#')) continue;
    const key = readKey(line);
    if (!key)
      throw new KeyFileError(file, `has no key in line ${String(index + 1)}: ID:HEX, with at least 64 hex digits`);
    if (keys.some(({ id }) => id === key.id)) throw new KeyFileError(file, `has two keys that are called ${key.id}`);
    keys.push(key);
  }
  if (keys.length === 0) throw new KeyFileError(file, 'is empty: `openssl rand -hex 32` makes a key');
  return keys;
}

function readKey(line: string): SharedKey | undefined {
  const colon = line.indexOf(':');
  const id = colon < 0 ? defaultKeyId : line.slice(0, colon);
  const hex = line.slice(colon + 1);
  const isKey = keyIdPattern.test(id) && /^(?:[0-9a-fA-F]{2})+$/.test(hex) && hex.length >= 2 * leastKeyBytes;
  return isKey ? { id, secret: Buffer.from(hex, 'hex') } : undefined;
}

/** The file is looked at by the handle that it is read by, so that it is the same file. */
async function readPrivate(file: string): Promise<string> {
  try {
    const handle = await open(file, 'r');
    try {
      const stats = await handle.stat();
      if (!stats.isFile() || stats.size > maxFileBytes) throw new KeyFileError(file, 'is not a file of keys');
      if ((stats.mode & 0o077) !== 0) throw new KeyFileError(file, 'can be read by others: chmod 600 it');
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof KeyFileError) throw cause;
    const { code } = cause as { readonly code?: string };
    throw new KeyFileError(file, code === 'ENOENT' ? 'is not there' : `cannot be read (${code ?? 'unknown'})`, {
      cause,
    });
  }
}
