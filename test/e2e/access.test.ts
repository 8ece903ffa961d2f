import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { hashToken } from '../../src/adapters/authenticator/token/index.js';
import { responseSchemas } from '../../src/protocol/browser.js';
import { startServe } from '../support/host-process.js';
import type { HostProcess } from '../support/host-process.js';
import { isOnTheMachine } from '../support/is-on-the-machine.js';
import { issuer, audience } from '../support/issuer.js';
import type { ServerSentEvent } from '../support/sse-reader.js';
import { isRunning } from '../support/programs.js';
import { sseReader } from '../support/sse-reader.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const token = (name: string, scopes: readonly string[] = ['read']) => ({ name, sha256: hashToken(name), scopes });
const as = (name: string): RequestInit => ({ headers: { authorization: `Bearer ${name}` } });

/** Leaves no moment at which the file is half written. */
async function write(file: string, content: string): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

const profiles = { javascript: { label: 'JavaScript', backend: { type: 'javascript' } } };

async function scene(config: object, name = 'workport.config.json') {
  const cwd = await temporaryFolder();
  const put = (next: string | object) => {
    const content = typeof next === 'string' ? next : JSON.stringify({ profiles, ...next });
    return write(join(cwd, name), name.endsWith('.mjs') ? `export default ${content};` : content);
  };
  await put(config);
  const host = await startServe({ cwd });
  const said = () =>
    host
      .stderr()
      .split('\n')
      .filter((line) => line.includes('configuration'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  return {
    host,
    /** Puts another configuration there, has it read, and answers the lines that the host says of that. */
    async reload(next: string | object, lines = 1) {
      const before = said().length;
      await put(next);
      host.child.kill('SIGHUP');
      await vi.waitFor(() => expect(said().length).toBeGreaterThanOrEqual(before + lines), 10_000);
      return said().slice(before);
    },
  };
}

async function watch(host: HostProcess, worker: string, name: string) {
  const response = await host.ask(`${worker}/observations/stream`, as(name));
  if (!response.body) throw new Error(`no stream: ${response.status}`);
  const reader = sseReader(response.body as ReadableStream<Uint8Array>);
  await reader.take(1);
  return reader;
}
const statusOf = async (host: HostProcess, name: string) => (await host.ask('', as(name))).status;
const isEnd = ({ data = '' }: ServerSentEvent): boolean => data.includes('"input-ended"');

describe('SIGHUP', () => {
  test('a token that is gone is let in no more and its live stream ends as revoked; another goes on', async () => {
    const { host, reload } = await scene({ auth: { tokens: [token('gone'), token('stays')] } });
    const worker = await host.create({ profile: 'javascript' });
    const [gone, stays] = [await watch(host, worker, 'gone'), await watch(host, worker, 'stays')];
    const said = await reload({ auth: { tokens: [token('stays'), token('new')] } });
    expect(said).toMatchObject([{ level: 'info', tokens: ['stays', 'new'] }]);
    expect((await gone.all()).at(-1)).toEqual({ event: 'end', data: '{"code":"revoked"}' });
    expect([await statusOf(host, 'gone'), await statusOf(host, 'new')]).toEqual([401, 200]);
    await host.post(`${worker}/inputs`, { text: '1' });
    const seen: ServerSentEvent[] = [];
    while (!seen.some(isEnd)) seen.push(...(await stays.take(1)));
    expect(seen.map(({ event }) => event)).not.toContain('end');
    await stays.cancel();
  });

  test('a file that is wrong, or gone, leaves everything as it was, and the host says what is wrong', async () => {
    const { host, reload } = await scene({ auth: { tokens: [token('stays')] } });
    expect(await reload({ auth: { tokens: [{ ...token('stays'), scops: [] }] } })).toMatchObject([
      {
        level: 'error',
        message: 'the configuration cannot be taken: who may come in stays as it was',
        problems: [expect.stringMatching(/scops: unknown key; did you mean "scopes"\?/)],
      },
    ]);
    expect(await reload('{')).toMatchObject([{ level: 'error', problems: [expect.stringMatching(/cannot be read/)] }]);
    expect(await statusOf(host, 'stays')).toBe(200);
    host.child.kill('SIGTERM');
    expect((await host.ended).code).toBe(0);
  });

  test('nothing but auth is taken, and the host says so', async () => {
    const { host, reload } = await scene({ runtimeId: 'here' });
    const said = await reload({ runtimeId: 'there', limits: { workers: 1 }, auth: { tokens: [token('new')] } }, 2);
    expect(said).toMatchObject([
      { level: 'info', tokens: ['new'] },
      { level: 'warn', keys: ['runtimeId', 'limits'] },
    ]);
    expect((await host.ask('')).status).toBe(200);
    expect(await statusOf(host, 'new')).toBe(200);
  });

  test('a module is read again, too', async () => {
    const { host, reload } = await scene({ auth: { tokens: [token('gone')] } }, 'workport.config.mjs');
    expect(await statusOf(host, 'gone')).toBe(200);
    await reload({ auth: { tokens: [token('new')] } });
    expect([await statusOf(host, 'gone'), await statusOf(host, 'new')]).toEqual([401, 200]);
  });
});

test('auth.jwt lets in whom its issuer vouches for, until SIGHUP takes it away', async () => {
  await using issued = await issuer();
  const jwt = { name: 'sso', issuer: issued.url, audience, jwksUri: issued.jwksUri };
  const { host, reload } = await scene({ auth: { jwt } });
  const [reader, nobody] = [await issued.sign({ scope: 'workport:read' }), await issued.sign({ aud: 'another' })];
  const worker = await host.create({ profile: 'javascript' });
  expect([await statusOf(host, reader), await statusOf(host, nobody)]).toEqual([200, 401]);
  const stream = await watch(host, worker, reader);
  await reload({ auth: { jwt: { ...jwt, scopePrefix: 'other:' } } });
  expect((await stream.all()).at(-1)?.data).toBe('{"code":"revoked"}');
  expect(await statusOf(host, reader)).toBe(403);
  await reload({});
  expect(await statusOf(host, reader)).toBe(401);
});

test('the operator log has a line for each control operation, with who asked for it', async () => {
  const { host } = await scene({ auth: { tokens: [token('ci')] } });
  const worker = await host.create({ profile: 'javascript', displayName: 'CANARY' });
  await host.ask(worker, { method: 'DELETE', ...as('ci') });
  const audits = () =>
    host
      .stderr()
      .split('\n')
      .filter((line) => line.includes('"audit"'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
  await vi.waitFor(() => expect(audits()).toHaveLength(2), 10_000);
  const workerId = worker.split('/').at(-1);
  expect(audits()).toMatchObject([
    { level: 'info', principal: 'access', operation: 'create', runtimeId: 'local', workerId, outcome: 'accepted' },
    { level: 'info', principal: 'ci', operation: 'delete', workerId, outcome: 'rejected', code: 'forbidden' },
  ]);
  expect(host.stderr()).not.toContain('CANARY');
});

test.skipIf(!(await isOnTheMachine('script', '--version')))(
  'a terminal is shown a link that opens a session, what stdout goes to is not; with the terminal the host ends',
  async () => {
    const cwd = await temporaryFolder();
    const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
    const command = `echo $$ > pid; exec '${process.execPath}' '${main}' serve --memory --port 0 > stdout`;
    const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd, stdio: ['pipe', 'pipe', 'inherit'] });
    const ended = once(child, 'close');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await ended;
    });
    let shown = '';
    child.stdout.on('data', (chunk: Buffer) => (shown += chunk.toString()));
    const code = () => /open http:\S+\/#code=([A-Za-z0-9_-]{22})\s/.exec(shown)?.[1];
    await vi.waitFor(() => expect(code()).toBeDefined(), 20_000);
    const stdout = await readFile(join(cwd, 'stdout'), 'utf8');
    const url = /http:\/\/127\.0\.0\.1:\d+/.exec(stdout)?.[0] ?? '';
    const exchange = () =>
      fetch(`${url}/api/v1/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ code: code() }),
      });
    const session = responseSchemas.session.parse(await (await exchange()).json());
    expect((await fetch(`${url}/api/v1/runtimes`, as(session.token))).status).toBe(200);
    expect((await exchange()).status).toBe(401);
    expect(stdout).not.toContain(code());
    const pid = Number(await readFile(join(cwd, 'pid'), 'utf8'));
    expect(await isRunning(pid)).toBe(true);
    // The terminal is closed.
    child.kill('SIGKILL');
    await expect.poll(() => isRunning(pid), { timeout: 20_000 }).toBe(false);
  },
);
