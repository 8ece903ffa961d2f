import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';

import { ConfigError } from './config-error.js';
import type { FoundConfig } from './read-config.js';

/** A Runtime of another host, as the configuration has it. */
export interface HostMount {
  readonly name: string;
  readonly url: string;
  readonly remoteId?: string | undefined;
  /** Absolute. */
  readonly tokenFile?: string | undefined;
}

/** The token in a file, at the start. */
export const tokenIn = (file: string): string => readFileSync(file, 'utf8').trim();

/** The same while the host runs: asked for each request, so that a token that was replaced is used from then on. */
export const currentTokenIn = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim();

function checkedFile(name: string, file: string): string {
  try {
    if (tokenIn(file)) return file;
  } catch (cause) {
    throw new ConfigError([`runtimes.${name}.tokenFile: there is no file ${file} that can be read`], { cause });
  }
  throw new ConfigError([`runtimes.${name}.tokenFile: ${file} is empty`]);
}

/** The mounted Runtimes of the file. Throws where one has the name of the local Runtime, or a file that cannot be read. */
export function hostMounts(found: FoundConfig | undefined): readonly HostMount[] {
  const { runtimes = {}, runtimeId = 'local' } = found?.config ?? {};
  return Object.entries(runtimes).map(([name, { url, remoteId, tokenFile }]) => {
    if (name === runtimeId) {
      throw new ConfigError([`runtimes.${name}: this host's own Runtime is called so; give one of them another name`]);
    }
    const file = tokenFile === undefined ? undefined : checkedFile(name, resolve(found?.folder ?? '.', tokenFile));
    return { name, url, remoteId, tokenFile: file };
  });
}
