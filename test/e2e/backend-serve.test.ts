import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { certificateIn, host, keyFileOf, newKey } from '../adapters/execution-backend/serve/support.js';
import type { RawEnd } from '../adapters/execution-backend/wire/raw-end.js';
import { inputId, worker1 } from '../adapters/execution-backend/wire/support.js';
import { runWorkport } from '../support/host-process.js';
import { firstLine, isRunning } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const subject = (name: string): string => fileURLToPath(new URL(`../support/check/${name}`, import.meta.url));
const start = (...args: readonly string[]) => runWorkport(['backend', 'serve', ...args]);
const until = (isSo: () => boolean): Promise<unknown> => vi.waitFor(() => expect(isSo()).toBe(true), 10_000);

async function privateFolder(): Promise<string> {
  const folder = join(await temporaryFolder(), 'private');
  await mkdir(folder, { mode: 0o700 });
  await chmod(folder, 0o700);
  return folder;
}

interface Ready {
  readonly event: string;
  readonly address: string;
  readonly pid: number;
}

/** Starts a server on a free port, with a key, and waits until it listens. */
async function listening(module: string, ...args: readonly string[]) {
  const [folder, key] = [await temporaryFolder(), newKey()];
  const keyFile = await keyFileOf(folder, key);
  const server = start(module, '--json', '--listen', 'tcp:127.0.0.1:0', '--key-file', keyFile, ...args);
  await until(() => server.stdout().includes('\n'));
  const ready = JSON.parse(server.stdout().split('\n', 1)[0] ?? '') as Ready;
  return { ...server, key, keyFile, ready };
}

const named = { workerId: worker1, generation: 1 };
async function spawned(raw: RawEnd): Promise<void> {
  raw.send({ id: 10, method: 'worker/spawn', params: { ...named, profile: { name: 'p', options: {} } } });
  expect((await raw.answer(10)).result).toMatchObject({ outcome: 'connected' });
}
async function printed(raw: RawEnd, code: string): Promise<string> {
  const parts = [{ type: 'text', text: code }];
  raw.send({ id: 11, method: 'worker/input', params: { ...named, inputId: inputId(1), parts } });
  await raw.line(({ method, params }) => method === 'worker/events' && JSON.stringify(params).includes('run-ended'));
  return raw.raw.join('');
}

describe('workport backend serve', () => {
  test('with --json says where it listens in one line, serves a module, and ends at SIGTERM with 0', async () => {
    const { ready, key, keyFile, child, pid, ended } = await listening(subject('sound.mjs'));
    expect(ready).toEqual({
      event: 'listening',
      address: expect.stringMatching(/^tcp:127\.0\.0\.1:\d+$/) as string,
      pid,
    });
    const raw = await host(ready.address, key);
    await spawned(raw);
    child.kill('SIGTERM');
    const { code, stdout, stderr } = await ended;
    await raw.closed();
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    for (const line of stderr.trim().split('\n')) expect(() => JSON.parse(line) as unknown).not.toThrow();
    expect(stdout + stderr).not.toContain(Buffer.from(key.secret).toString('hex'));
    await expect(stat(keyFile)).resolves.toBeDefined();
  });

  test('of javascript ends the sessions with itself', async () => {
    const { ready, key, child, ended } = await listening('javascript');
    const raw = await host(ready.address, key);
    await spawned(raw);
    const pid = Number(/pid is (\d+)/.exec(await printed(raw, '`pid is ${process.pid}`'))?.[1]);
    expect(await isRunning(pid)).toBe(true);
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    expect(await isRunning(pid)).toBe(false);
  });

  test('holds what a host that is gone has begun for its grace', async () => {
    const { ready, key } = await listening(subject('sound.mjs'), '--grace', '60000');
    const first = await host(ready.address, key);
    await spawned(first);
    first.close();
    await first.closed();
    const second = await host(ready.address, key);
    const position = { generation: 1, sequence: 0 };
    const recover = { workerId: worker1, generation: 2, position, recoverState: null, deadlineMs: 5000 };
    const kept = first.lines.find(({ id, result }) => id === 10 && result)?.result?.['recoverState'];
    second.send({ id: 20, method: 'worker/recover', params: { ...recover, recoverState: kept } });
    expect((await second.answer(20)).result).toMatchObject({ outcome: 'adopted' });
  });

  test('for people says where it listens and how a host reaches it', async () => {
    const path = join(await privateFolder(), 's');
    const { stdout, child, ended } = start(subject('sound.mjs'), '--listen', `unix:${path}`);
    await until(() => stdout().includes('--profile'));
    expect(stdout()).toMatch(
      new RegExp(
        `sound\\.mjs listens on unix:${path}\na host reaches it by: workport serve --profile "NAME=unix:${path}"\n$`,
      ),
    );
    child.kill('SIGINT');
    expect((await ended).code).toBe(0);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('on tls: serves with the certificate that is named', async () => {
    const [folder, key] = [await temporaryFolder(), newKey('one')];
    const [{ certFile, keyFile: certKey }, keyFile] = [await certificateIn(folder), await keyFileOf(folder, key)];
    const { stdout } = start(
      subject('sound.mjs'),
      ...['--listen', 'tls:127.0.0.1:0', '--key-file', keyFile, '--cert', certFile, '--cert-key', certKey, '--json'],
    );
    await until(() => stdout().includes('\n'));
    const { address } = JSON.parse(stdout()) as Ready;
    await host(address, key, { rejectUnauthorized: false });
  });

  test('of what cannot be says what is wrong, and ends with 2', async () => {
    const refusals: readonly (readonly [readonly string[], string])[] = [
      [['javascript'], "workport: required option '--listen <ADDRESS>' not specified"],
      [['--listen', 'tcp:127.0.0.1:0'], "workport: missing required argument 'MODULE'"],
      [['javascript', '--listen', 'tcp:127.0.0.1:0'], 'needs a key file: openssl rand -hex 32'],
      [['./none.mjs', '--listen', 'unix:s'], 'there is no file ./none.mjs'],
      [[subject('log.mjs'), '--listen', 'unix:s'], 'exports no `backend`'],
      [['javascript', '--listen', 'tls:h:1', '--cert', 'c'], '--cert and --cert-key go together'],
      [['javascript', '--listen', 'unix:s', '--grace', '10800001'], 'A grace is 0 … 10800000 ms.'],
    ];
    await Promise.all(
      refusals.map(async ([args, message]) => {
        const { code, stdout, stderr } = await start(...args).ended;
        expect(stderr).toContain(message);
        expect({ code, stdout }, message).toEqual({ code: 2, stdout: '' });
      }),
    );
  });

  test('where another listens already says so and ends with 1', async () => {
    const { ready, keyFile } = await listening(subject('sound.mjs'));
    const { code, stderr } = await start('javascript', '--listen', ready.address, '--key-file', keyFile).ended;
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `workport: ${ready.address} is in use: end what listens there, or choose another\n`,
    });
  });

  test('--help shows what is allowed, with examples, and ends with 0', async () => {
    const { code, stdout } = await start('--help').ended;
    expect(stdout).toMatch(/--listen <ADDRESS>[\s\S]*Examples:\n {2}workport backend serve/);
    expect(code).toBe(0);
  });

  test('at a second signal ends at once, whatever the backend does', async () => {
    const file = join(await temporaryFolder(), 'clings.mjs');
    const specification = 'execution-backend/1';
    await writeFile(
      file,
      `export const backend = () => ({ specification: '${specification}', id: 'clings',
        [Symbol.asyncDispose]: () => new Promise(() => {}) });`,
    );
    const { child, ended, stderr } = await listening(file);
    child.kill('SIGTERM');
    await until(() => stderr().includes('ending'));
    child.kill('SIGTERM');
    expect((await ended).code).toBe(1);
  });
});

test('examples/greeter-server.mjs: a backend that listens is reached with the key, and ends in good order', async () => {
  const [cwd, key] = [await temporaryFolder(), newKey()];
  await keyFileOf(cwd, key);
  const example = fileURLToPath(new URL('../../examples/greeter-server.mjs', import.meta.url));
  const env = { PATH: process.env['PATH'] };
  const program = spawn(process.execPath, [example, 'tcp:127.0.0.1:0'], {
    cwd,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestFinished(() => void program.kill('SIGKILL'));
  const exited = once(program, 'exit');
  const raw = await host(/tcp:\S+/.exec(await firstLine(program.stdout))?.[0] ?? '', key);
  await spawned(raw);
  expect(await printed(raw, 'Ada')).toContain('Hello Ada, you are number 1.');
  program.kill('SIGTERM');
  expect(await exited).toEqual([0, null]);
});
