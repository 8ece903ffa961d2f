import { readKeyFile } from '../socket/key-file.js';
import type { SharedKey } from '../wire/challenge.js';
import { DialError, problems } from './dial-error.js';
import type { RemoteSocketOptions } from './options.js';

/**
 * The key that options lead to: of their file the one of their id; without an id the only one, else the one that is
 * called `default`. `undefined`: they name no file. Rejects with a `KeyFileError`, or a `DialError` where it has no such
 * key.
 */
export async function chosenKey({ keyFile, keyId }: RemoteSocketOptions): Promise<SharedKey | undefined> {
  if (keyFile === undefined) return undefined;
  const keys = await readKeyFile(keyFile);
  const [first, ...others] = keys;
  if (first && others.length === 0 && keyId === undefined) return first;
  const wanted = keyId ?? 'default';
  const chosen = keys.find(({ id }) => id === wanted);
  if (!chosen) throw new DialError({ ...problems.keyId, sign: `${keyFile} has no key ${wanted}` });
  return chosen;
}
