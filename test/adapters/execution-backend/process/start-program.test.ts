import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { Worker } from 'node:worker_threads';
import { spawn } from 'node:child_process';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { ProgramDependencies, ProgramOptions } from '../../../../src/adapters/execution-backend/process/index.js';
import { programEnvironment, startProgram } from '../../../../src/adapters/execution-backend/process/index.js';
import { killGroup } from '../../../../src/adapters/execution-backend/process/kill-group.js';
import { processIdentity } from '../../../../src/adapters/execution-backend/process/process-identity.js';
import { firstLine, isRunning, programPath, textOf } from '../../../support/programs.js';
import { recordingLogger } from '../../../support/recording-logger.js';

const environment = programEnvironment({});
const start = (name: string, options: Partial<ProgramOptions> = {}, dependencies: ProgramDependencies = {}) =>
  startProgram({ command: process.execPath, args: [programPath(name)], environment, ...options }, dependencies);
const pidsOf = async (line: Promise<string>): Promise<number[]> => (JSON.parse(await line) as { pids: number[] }).pids;

test('a program that exits by itself ends with its code', async () => {
  expect(await start('exits-7.mjs').ended).toEqual({
    exit: { kind: 'code', value: 7 },
    cause: 'exited',
    killed: false,
  });
});

test('a program that dies by a signal ends with its name', async () => {
  const program = start('', { command: 'sh', args: ['-c', 'kill -SEGV $$'] });
  expect((await program.ended).exit).toEqual({ kind: 'signal', value: 'SIGSEGV' });
});

test('a program whose guard is killed alone ends whole, with that signal', async () => {
  const program = start('', { command: 'sh', args: ['-c', 'echo $PPID $$; exec sleep 1000'] });
  const [guard, pid] = (await firstLine(program.output)).split(' ').map(Number) as [number, number];
  process.kill(guard, 'SIGKILL');
  expect((await program.ended).exit).toEqual({ kind: 'signal', value: 'SIGKILL' });
  await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
});

test('a command that is not found has the shape of a program that died at once, and the log says which', async () => {
  const logger = recordingLogger();
  const program = start('', { command: 'no-such-command' }, { logger });
  expect(await program.ended).toEqual({ exit: { kind: 'code', value: 127 }, cause: 'exited', killed: false });
  expect(JSON.stringify(logger.lines)).toContain('no-such-command: not found');
});

test('a builtin of the shell is not a command', async () => {
  expect((await start('', { command: 'exit', args: ['3'] }).ended).exit).toEqual({ kind: 'code', value: 127 });
});

test('a folder that is not there has the shape of a program that died at once', async () => {
  const logger = recordingLogger();
  const program = start('exits-7.mjs', { cwd: '/no/such/folder' }, { logger });
  program.input.write('lost');
  expect(await textOf(program.output)).toBe('');
  expect(await program.ended).toEqual({ exit: { kind: 'unknown' }, cause: 'not-started', killed: false });
  expect(await program.end('stop', 0)).toMatchObject({ cause: 'not-started' });
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ level: 'error', message: 'program cannot be started' }),
  );
});

test('arguments that no system takes have the shape of a program that died at once', async () => {
  expect((await start('', { args: ['nul \0 inside'] }).ended).cause).toBe('not-started');
});

test('a program is never started from a worker thread', async () => {
  const url = new URL('../../../../dist/adapters/execution-backend/process/index.js', import.meta.url);
  const source = `
    import { parentPort } from 'node:worker_threads';
    import { startProgram } from ${JSON.stringify(url.href)};
    startProgram({ command: 'true', environment: {} }).ended.then((ending) => parentPort.postMessage(ending));`;
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`));
  const ending = await new Promise((resolve, reject) => worker.once('message', resolve).once('error', reject));
  await worker.terminate();
  expect(ending).toMatchObject({ cause: 'not-started' });
});

test('a program gets the allow-list of the environment, what is named for it, and nothing else', async () => {
  const host = {
    PATH: process.env['PATH'],
    HOME: '/h',
    LANG: 'C',
    TZ: 'UTC',
    TMPDIR: '/t',
    SECRET: 'canary',
    LC_ALL: 'C',
  };
  const named = programEnvironment({ NAMED: 'canary-named', TZ: 'Asia/Tokyo' }, host);
  const program = start('prints-environment.mjs', { environment: named, cwd: tmpdir() });
  const told = JSON.parse(await firstLine(program.output)) as { environment: object; argv: string[]; cwd: string };
  expect(told.environment).toEqual({
    PATH: process.env['PATH'],
    HOME: '/h',
    LANG: 'C',
    TZ: 'Asia/Tokyo',
    TMPDIR: '/t',
    NAMED: 'canary-named',
  });
  expect(told.cwd).toBe(tmpdir());
});

test.runIf(process.platform === 'linux')('nothing of the environment stands in an argument list', async () => {
  const named = programEnvironment({ API_KEY: 'canary' });
  const program = start('ignores-stdin-eof.mjs', {
    environment: named,
    command: 'sh',
    args: ['-c', 'echo $PPID $$; exec sleep 1000'],
  });
  const pids = (await firstLine(program.output)).split(' ');
  for (const pid of pids) expect(await readFile(`/proc/${pid}/cmdline`, 'utf8')).not.toContain('canary');
  await program.end('stop', 0);
});

test('a program on fd3 reads and writes there; its stdin is empty and its stdout goes to the log', async () => {
  const logger = recordingLogger();
  const program = start('echoes-on-fd3.mjs', { channel: 'fd3' }, { logger });
  program.input.write('frame\n');
  expect(await firstLine(program.output)).toBe('frame');
  expect(await program.end('stop', 5000)).toEqual({ exit: { kind: 'code', value: 0 }, cause: 'stop', killed: false });
  expect(logger.lines).toContainEqual(expect.objectContaining({ fields: { line: 'talk on stdout' } }));
});

test('a program that reads its stdin to the end is ended by closing it', async () => {
  const program = start('exits-at-stdin-eof.mjs');
  await firstLine(program.output);
  expect(await program.end('stop', 60_000)).toEqual({ exit: { kind: 'code', value: 0 }, cause: 'stop', killed: false });
});

test('a program that ignores stdin EOF is ended by SIGTERM', async () => {
  const program = start('ignores-stdin-eof.mjs');
  await firstLine(program.output);
  const ending = await program.end('stop', 500);
  expect(ending).toEqual({ exit: { kind: 'signal', value: 'SIGTERM' }, cause: 'stop', killed: false });
});

test('a program that ignores SIGTERM is killed after the grace, after SIGTERM was heard', async () => {
  const logger = recordingLogger();
  const program = start('ignores-sigterm.mjs', {}, { logger });
  await firstLine(program.output);
  const ending = await program.end('stop', 300);
  expect(ending).toEqual({ exit: { kind: 'signal', value: 'SIGKILL' }, cause: 'stop', killed: true });
  expect(logger.lines).toContainEqual(expect.objectContaining({ fields: { line: 'SIGTERM ignored' } }));
});

test('of several causes the first is told, and the shortest grace counts', async () => {
  const program = start('ignores-sigterm.mjs');
  await firstLine(program.output);
  void program.end('stop', 60_000);
  expect(await program.end('protocol-violation', 0)).toMatchObject({ cause: 'stop', killed: true });
});

test('end() of a program that has exited tells its exit, not the end that came too late', async () => {
  const program = start('exits-7.mjs');
  await program.ended;
  expect(await program.end('stop', 0)).toEqual({ exit: { kind: 'code', value: 7 }, cause: 'exited', killed: false });
});

test.each([
  ['exits politely', 5000],
  ['is killed', 0],
])('a grandchild is gone when its program %s', async (_how, graceMs) => {
  const program = start('forks-a-grandchild.mjs');
  const pids = await pidsOf(firstLine(program.output));
  expect(pids).toHaveLength(2);
  await program.end('stop', graceMs);
  for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
});

test('after the host was killed with SIGKILL nothing of the tree is left', async () => {
  const host = spawn(process.execPath, [programPath('hosts-a-tree.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = await pidsOf(firstLine(host.stdout));
  for (const pid of pids) expect(await isRunning(pid)).toBe(true);
  host.kill('SIGKILL');
  for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), 10_000);
});

test.runIf(process.platform === 'linux')(
  'after the host was killed nothing of the tree is left, also where the program exits before the guard wakes',
  async () => {
    const host = spawn(process.execPath, [programPath('hosts-a-tree.mjs')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [program, grandchild] = (await pidsOf(firstLine(host.stdout))) as [number, number];
    const { group: leader } = (await processIdentity(program)) ?? { group: 0 };
    const children = (await readFile(`/proc/${leader}/task/${leader}/children`, 'utf8')).trim().split(' ').map(Number);
    for (const guard of children.filter((pid) => pid !== program)) process.kill(guard, 'SIGSTOP');
    onTestFinished(() => void killGroup(leader, 'SIGKILL'));
    host.kill('SIGKILL');
    await vi.waitFor(async () => expect(await isRunning(leader)).toBe(false), 10_000);

    await vi.waitFor(async () => expect(await isRunning(grandchild)).toBe(false), 2000);
  },
);

// Not promised: docs/security.md begins with it.
test('a process that makes a session of its own is out of reach and survives', async () => {
  const script = `
    const { spawn } = require('node:child_process');
    const { pid } = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    process.stdout.write(pid + '\\n');
    setInterval(() => undefined, 1000);`;
  const program = startProgram({ command: process.execPath, args: ['-e', script], environment });
  const pid = Number(await firstLine(program.output));
  onTestFinished(() => void process.kill(pid, 'SIGKILL'));
  await program.end('stop', 0);
  expect(await isRunning(pid)).toBe(true);
});

test('a program that floods stderr is not blocked, and its log stays bounded', async () => {
  const logger = recordingLogger();
  const program = start('floods-stderr.mjs', {}, { logger });
  expect(await firstLine(program.output)).toBe('done');
  await program.ended;
  const told = logger.lines.filter(({ message }) => message === 'program stderr');
  const dropped = logger.lines
    .filter(({ message }) => message === 'program stderr lines dropped')
    .reduce((sum, { fields }) => sum + Number(fields['lines']), 0);
  expect(told[0]?.fields).toEqual({ line: 'x'.repeat(4096), truncated: true });
  expect(told.length + dropped).toBe(2 + 56 * 1024);
  expect(told.length).toBeLessThan(5000);
});
