import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import {
  processRegister,
  programEnvironment,
  startProgram,
} from '../../../../src/adapters/execution-backend/process/index.js';
import { processIdentity } from '../../../../src/adapters/execution-backend/process/process-identity.js';
import { firstLine, isRunning, programPath } from '../../../support/programs.js';

let folder = '';
let leader: ChildProcess & { pid: number };
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'workport-register-'));
  leader = spawn('sleep', ['1000'], { detached: true, stdio: 'ignore' }) as typeof leader;
});
afterEach(async () => {
  leader.kill('SIGKILL');
  await rm(folder, { recursive: true });
});

const deadHost = { pid: 999_999_999, group: 999_999_999, startTime: 'never' };
async function note(changes: object, host: object = deadHost): Promise<void> {
  const identity = { ...(await processIdentity(leader.pid)), ...changes };
  await writeFile(join(folder, `${leader.pid}.json`), JSON.stringify({ process: identity, host }));
}

test('a program is noted while it runs and forgotten when it was reaped', async () => {
  const register = processRegister({ folder });
  const environment = programEnvironment({});
  const program = startProgram({ command: 'sh', args: ['-c', 'echo $PPID; cat'], environment }, { register });
  const pid = Number(await firstLine(program.output));
  await vi.waitFor(async () => expect(await readdir(folder)).toEqual([`${pid}.json`]));
  const entry = JSON.parse(await readFile(join(folder, `${pid}.json`), 'utf8')) as unknown;
  expect(entry).toEqual({ process: await processIdentity(pid), host: await processIdentity(process.pid) });
  await program.end('stop', 5000);
  expect(await readdir(folder)).toEqual([]);
});

test('a group that a dead host left behind is killed by the sweep', async () => {
  await note({});
  const exit = once(leader, 'exit');
  expect(await processRegister({ folder }).sweep()).toBe(1);
  expect(await exit).toEqual([null, 'SIGKILL']);
  expect(await readdir(folder)).toEqual([]);
});

test.each([
  ['another start time', { startTime: 'another' }],
  ['another group', { group: 1 }],
])('a process that has the noted number and %s is not killed by the sweep', async (_what, changes) => {
  await note(changes);
  expect(await processRegister({ folder }).sweep()).toBe(0);
  expect(await isRunning(leader.pid)).toBe(true);
  expect(await readdir(folder)).toEqual([]);
});

test('a process of a host that lives is left alone, and so is its note', async () => {
  await note({}, (await processIdentity(process.pid)) ?? {});
  expect(await processRegister({ folder }).sweep()).toBe(0);
  expect(await isRunning(leader.pid)).toBe(true);
  expect(await readdir(folder)).toEqual([`${leader.pid}.json`]);
});

test('a note that cannot be read is removed, one that is missing its folder sweeps nothing', async () => {
  await writeFile(join(folder, '1.json'), '{"process":');
  expect(await processRegister({ folder }).sweep()).toBe(0);
  expect(await readdir(folder)).toEqual([]);
  expect(await processRegister({ folder: join(folder, 'missing') }).sweep()).toBe(0);
});

test('a folder that cannot be written keeps no program from running', async () => {
  const register = processRegister({ folder: join(programPath('exits-7.mjs'), 'below-a-file') });
  const options = {
    command: process.execPath,
    args: [programPath('exits-7.mjs')],
    environment: programEnvironment({}),
  };
  expect((await startProgram(options, { register }).ended).exit).toEqual({ kind: 'code', value: 7 });
});

test('a sweep passes over what is no file: a pipe does not keep the host from starting', async () => {
  await note({});
  execFileSync('mkfifo', [join(folder, '1.json')]);
  const writer = spawn('sh', ['-c', 'sleep 2; exec 3<>"$0"', join(folder, '1.json')], { stdio: 'ignore' });
  const swept = await Promise.race([processRegister({ folder }).sweep(), once(writer, 'exit')]);
  writer.kill('SIGKILL');
  expect(swept).toBe(1);
  expect(await readdir(folder)).toEqual(['1.json']);
});
