import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { textOf, programPath } from '../../../support/programs.js';

const initialize = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersions: [1], host: { name: 'test', version: '0' }, limits: {}, graceMs: 0 },
};
const start = (program: string, env: NodeJS.ProcessEnv = {}) =>
  spawn(process.execPath, [programPath(program)], { env: { PATH: process.env['PATH'], ...env } });

test('a backend started by hand from a terminal says one friendly line and exits 64', async () => {
  const command = `${process.execPath} ${programPath('echo-backend.mjs')}`;
  const terminal = spawn('script', ['-qec', command, '/dev/null'], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said, [code]] = await Promise.all([textOf(terminal.stdout), once(terminal, 'exit')]);
  expect(said.trim().split('\n')).toHaveLength(1);
  expect(said).toContain('echo is a Workport backend');
  expect(code).toBe(64);
});

test('a backend says nothing before it is asked, and exits 0 when its stdin ends', async () => {
  const backend = start('echo-backend.mjs', { WORKPORT_BACKEND: '1' });
  backend.stdin.end();
  const [said, [code]] = await Promise.all([textOf(backend.stdout), once(backend, 'exit')]);
  expect(said).toBe('');
  expect(code).toBe(0);
});

test('a backend whose author left something open exits as well, and its last words are written', async () => {
  const backend = start('leaves-a-timer.mjs', { WORKPORT_BACKEND: '1' });
  backend.stdin.end(`${JSON.stringify(initialize)}\n`);
  const [said, [code]] = await Promise.all([textOf(backend.stdout), once(backend, 'exit')]);
  expect(JSON.parse(said)).toMatchObject({
    id: 1,
    result: { protocolVersion: 1, backend: { name: 'leaves-a-timer' } },
  });
  expect(code).toBe(0);
});

test('a backend that never disposes exits all the same when its stdin has ended', async () => {
  const backend = start('never-disposes.mjs', { WORKPORT_BACKEND: '1' });
  backend.stdin.end(`${JSON.stringify(initialize)}\n`);
  backend.stdout.resume();
  expect(await once(backend, 'exit')).toEqual([0, null]);
});
