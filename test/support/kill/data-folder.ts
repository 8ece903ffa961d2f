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

/** What the programs keep in a folder. */
async function programsFolder(cwd: string): Promise<Folder> {
  const account = join(cwd, 'account');
  const journals = join(cwd, 'journals');
  await mkdir(journals, { recursive: true });
  return { cwd, account, env: { KILL_ACCOUNT: account, KILL_JOURNALS: journals } };
}

function profileOf(program: Program, form: Form, { cwd, env }: Folder) {
  const piped = {
    type: 'subprocess',
    isolation: 'backend',
    command: process.execPath,
    args: [programPath('serves-on-stdio.mjs'), program.module],
    env: { ...env, [markVariable]: { fromEnv: markVariable } },
  };
  const served = { type: 'remote-socket', address: addressOf(cwd, program), keyFile: keyFileOf(cwd, program) };
  return { label: program.label, backend: form === 'piped' ? piped : served };
}

const configOf = (folder: Folder, log: object, formOf: (program: Program) => Form): string =>
  JSON.stringify({
    profiles: Object.fromEntries(
      programs.map((program) => [program.profile, profileOf(program, formOf(program), folder)]),
    ),
    log,
    limits: { inputsPerMinute: 1_000_000, streams: 1_000 },
  });

const writeKey = (cwd: string, program: Program): Promise<void> =>
  writeFile(keyFileOf(cwd, program), randomBytes(32).toString('hex'), { mode: 0o600 });

/** A folder that hosts are started in: its configuration, and what the programs keep. */
export async function prepareFolder(cwd: string, durability: Durability, form: Form): Promise<Folder> {
  const folder = await programsFolder(cwd);
  await writeFile(
    join(cwd, 'workport.config.json'),
    configOf(folder, { type: 'embedded', durability }, () => form),
  );
  for (const program of form === 'served' ? programs : []) await writeKey(cwd, program);
  return folder;
}

/** A folder for several hosts, each with a log of its own way: what loses nothing is behind a socket that they share. */
export async function prepareSharedFolder(cwd: string, logs: readonly object[]): Promise<Folder> {
  const folder = await programsFolder(cwd);
  for (const program of programs.filter(isShared)) await writeKey(cwd, program);
  for (const [index, log] of logs.entries()) {
    await mkdir(hostFolder(folder, index));
    const file = join(hostFolder(folder, index), 'workport.config.json');
    await writeFile(
      file,
      configOf(folder, log, (program) => (isShared(program) ? 'served' : 'piped')),
    );
  }
  return folder;
}

export const isShared = ({ profile }: Program): boolean => profile === 'keeper';
export const hostFolder = ({ cwd }: Folder, index: number): string => join(cwd, `host-${index}`);
