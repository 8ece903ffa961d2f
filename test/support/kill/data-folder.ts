import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { markVariable } from '../../../src/cli/check/marked-processes.js';
import type { Durability } from '../../../src/adapters/worker-log/embedded/index.js';
import { programPath } from '../programs.js';

/** What executes the Workers of a profile: a module of the programs, which says all of it to its account. */
export interface Program {
  readonly profile: 'plain' | 'keeper';
  readonly label: string;
  readonly module: string;
}

export const programs: readonly Program[] = [
  { profile: 'plain', label: 'Loses everything', module: programPath('loses-everything.mjs') },
  { profile: 'keeper', label: 'Loses nothing', module: programPath('loses-nothing.mjs') },
];

export interface Folder {
  readonly cwd: string;
  /** What the programs have done, by their own account. */
  readonly account: string;
  /** What the programs are told by their environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** `piped`: the host starts the programs. `served`: they are behind sockets, and the host only connects to them. */
export type Form = 'piped' | 'served';

/** Where a program listens, and the key that it asks for. */
export const addressOf = (cwd: string, { profile }: Program): string => `unix:${join(cwd, `${profile}.sock`)}`;
export const keyFileOf = (cwd: string, { profile }: Program): string => join(cwd, `${profile}.key`);

/** A folder that hosts are started in: its configuration, and what the programs keep. */
export async function prepareFolder(cwd: string, durability: Durability, form: Form): Promise<Folder> {
  const account = join(cwd, 'account');
  const journals = join(cwd, 'journals');
  await mkdir(journals, { recursive: true });
  const env = { KILL_ACCOUNT: account, KILL_JOURNALS: journals };
  const piped = ({ module }: Program) => ({
    type: 'subprocess',
    isolation: 'backend',
    command: process.execPath,
    args: [programPath('serves-on-stdio.mjs'), module],
    env: { ...env, [markVariable]: { fromEnv: markVariable } },
  });
  const served = (program: Program) => ({
    type: 'remote-socket',
    address: addressOf(cwd, program),
    keyFile: keyFileOf(cwd, program),
  });
  const profileOf = (program: Program) => ({
    label: program.label,
    backend: form === 'piped' ? piped(program) : served(program),
  });
  const config = {
    profiles: Object.fromEntries(programs.map((program) => [program.profile, profileOf(program)])),
    log: { type: 'embedded', durability },
    limits: { inputsPerMinute: 1_000_000, streams: 1_000 },
  };
  await writeFile(join(cwd, 'workport.config.json'), JSON.stringify(config));
  for (const program of form === 'served' ? programs : []) {
    await writeFile(keyFileOf(cwd, program), randomBytes(32).toString('hex'), { mode: 0o600 });
  }
  return { cwd, account, env };
}
