import { readKeyFile } from '../socket/key-file.js';
import type { SharedKey } from '../wire/challenge.js';
import { DialError, problems } from './dial-error.js';

/** The key of a file that has this id; without one the only key, else the one that is called `default`. */
export async function chosenKey(file: string, keyId: string | undefined): Promise<SharedKey> {
  const keys = await readKeyFile(file);
  const [first, ...others] = keys;
  if (first && others.length === 0 && keyId === undefined) return first;
  const wanted = keyId ?? 'default';
  const chosen = keys.find(({ id }) => id === wanted);
  if (!chosen) throw new DialError({ ...problems.keyId, sign: `${file} has no key ${wanted}` });
  return chosen;
}
