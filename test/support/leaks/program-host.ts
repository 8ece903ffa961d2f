import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { hashToken } from '../../../src/adapters/authenticator/token/index.js';
import type { HostProcess } from '../host-process.js';
import { startServe } from '../host-process.js';
import { firstLine, programPath } from '../programs.js';
import { suiteFolder } from '../temporary-folder.js';
import type { Canaries } from './canary.js';
import { secretsOf } from './secrets.js';
import type { Secrets } from './secrets.js';
import { guestToken } from './tour.js';

/** How a program that gives everything away is reached. */
export type Reach = 'subprocess' | 'remote-socket';

export interface ProgramHost {
  readonly host: HostProcess;
  readonly secret: Secrets;
  /** What the host is given by reference. */
  readonly referred: string;
  /** Ends what is left. */
  readonly end: (() => Promise<void>)[];
}

interface Place {
  readonly folder: string;
  readonly program: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly end: (() => Promise<void>)[];
}

function subprocess(canary: Canaries, { folder, program, environment }: Place): Promise<object> {
  return Promise.resolve({
    type: 'subprocess',
    command: process.execPath,
    args: [program, canary.name('argv')],
    cwd: folder,
    env: { ...environment, LITERAL: canary.text('env'), REFERRED: { fromEnv: 'LEAK_TEST_SECRET' } },
    startMs: 5000,
    graceMs: 100,
  });
}

async function remoteSocket(canary: Canaries, { folder, program, environment, end }: Place): Promise<object> {
  const path = join(folder, canary.name('socket'));
  const server = spawn(process.execPath, [program, '--listen', path], {
    env: environment,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const closed = once(server, 'close');
  end.push(async () => {
    server.kill('SIGKILL');
    await closed;
  });
  if ((await firstLine(server.stdout)) !== 'listening') throw new Error('the server does not listen');
  return { type: 'remote-socket', address: `unix:${path}`, graceMs: 1000, connectMs: 2000 };
}

const reaches = { subprocess, 'remote-socket': remoteSocket };

/** Starts a host whose profiles are ways to spawn a program that has been given secrets wherever it can be given any. */
export async function programHost(reach: Reach, canary: Canaries, spawns: readonly string[]): Promise<ProgramHost> {
  const folder = join(await suiteFolder(), canary.name('folder'));
  await mkdir(folder, { mode: 0o700 });
  const program = join(folder, 'program.mjs');
  await cp(programPath('leaks-everything.mjs'), program);
  const secret = secretsOf(canary);
  const end: (() => Promise<void>)[] = [];
  const environment = { CANARIES: JSON.stringify(secret) };
  const backend = await reaches[reach](canary, { folder, program, environment, end });
  const profileOf = (spawn: string) => ({
    label: spawn,
    backend,
    options: { spawn, secret: canary.text('options') },
    deadlines: { cancelMs: 200, stopGraceMs: 100, stopSettleMs: 100 },
  });
  const guest = {
    name: 'guest',
    sha256: hashToken(guestToken),
    scopes: ['read', 'input', 'control'],
    profiles: ['planned'],
  };
  const profiles = {
    ...Object.fromEntries(spawns.map((spawn) => [spawn, profileOf(spawn)])),
    planned: { label: 'planned', backend: null },
  };
  await writeFile(join(folder, 'workport.config.json'), JSON.stringify({ auth: { tokens: [guest] }, profiles }));
  const referred = canary.text('env-by-reference');
  const host = await startServe({
    cwd: folder,
    args: ['--data', join(folder, canary.name('data'))],
    env: { LEAK_TEST_SECRET: referred },
    onEnd: (run) => end.push(run),
  });
  return { host, secret, referred, end };
}
