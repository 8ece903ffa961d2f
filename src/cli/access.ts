import { readFile } from 'node:fs/promises';

import { newToken } from '../adapters/authenticator/token/index.js';
import { ConfigError } from '../composition/config/config-error.js';

export interface Access {
  /** Absent: only the tokens of the configuration come in. */
  readonly token?: string;
  /** Nobody knows it yet: it has to be shown. */
  readonly isNew: boolean;
}

export interface AccessSources {
  readonly tokenFile?: string | undefined;
  readonly variable?: string | undefined;
  /** Whether the configuration lets anybody in, by tokens or otherwise. */
  readonly letsAnybodyIn: boolean;
  /** Whether somebody can see a token that is made. */
  readonly isTerminal: boolean;
}

/** What a header can carry. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;

function checked(token: string, source: string): string {
  if (tokenPattern.test(token)) return token;
  throw new ConfigError([`${source}: a token has letters, digits and "._~+/-" only, and at least one of them`]);
}

async function tokenOfFile(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new ConfigError([`--token-file ${file}: there is no such file that can be read`], { cause });
  });
  return checked(text.trim(), `--token-file ${file}`);
}

/** The token that opens everything: of the file, else of the variable, else a new one where somebody can see it. */
export async function accessOf({ tokenFile, variable, letsAnybodyIn, isTerminal }: AccessSources): Promise<Access> {
  if (tokenFile !== undefined) return { token: await tokenOfFile(tokenFile), isNew: false };
  if (variable) return { token: checked(variable, 'WORKPORT_TOKEN'), isNew: false };
  if (letsAnybodyIn) return { isNew: false };
  if (isTerminal) return { token: newToken(), isNew: true };
  throw new ConfigError([
    'there is no access token: set the variable WORKPORT_TOKEN, or name a file that holds one with --token-file' +
      ' (one is made only where stderr is a terminal, to show it)',
  ]);
}
