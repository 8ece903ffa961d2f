import { cp, mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';

import { beforeAll, describe, expect, test, vi } from 'vitest';

import { hashToken } from '../../src/adapters/authenticator/token/index.js';
import { accessToken, startServe } from '../support/host-process.js';
import type { Answer, HostProcess } from '../support/host-process.js';
import { canaries } from '../support/leaks/canary.js';
import { findLeaks } from '../support/leaks/find-leaks.js';
import { recorder } from '../support/leaks/recorder.js';
import type { Asked, Reply } from '../support/leaks/recorder.js';
import { keysOf, outsideOfSchema } from '../support/leaks/shape.js';
import { programPath } from '../support/programs.js';
import { suiteFolder } from '../support/temporary-folder.js';

const canary = canaries();
/** What the program is given to give away, by the place it does so. */
const secrets = {
  ...Object.fromEntries(
    [
      ['backendName', 'resultField', 'rpcError', 'rpcKind', 'eventField', 'capability', 'recoverState', 'detail'],
      ['wrongAnswer', 'notACode', 'dying', 'badId', 'otherInput', 'garbage', 'stderr', 'log'],
    ]
      .flat()
      .map((where) => [where, canary.text(where)]),
  ),
  ...Object.fromEntries(
    [
      ['spawnRejected', 'spawnErrored', 'runCode', 'inputRejected', 'inputErrored', 'eventType'],
      ['answerRejected', 'cancelErrored', 'recoverErrored'],
    ]
      .flat()
      .map((where) => [where, canary.name(where.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`))]),
  ),
} as Readonly<Record<string, string>>;
/** What the host is given and has to keep to itself. */
const referred = canary.text('env-by-reference');
const spawns = ['connected', 'rejected', 'errored', 'rpcError', 'wrong', 'codes', 'exit'] as const;
const inputs = [
  ['content', 'declared', 'undeclared', 'noCode', 'rejected', 'declaredRejected', 'errored', 'rpcError', 'wrong'],
  ['badId', 'unknownType', 'otherInput', 'garbage', 'log', 'exit', 'ask', 'hang'],
].flat();

async function configure(folder: string): Promise<void> {
  const program = join(folder, 'program.mjs');
  await cp(programPath('leaks-everything.mjs'), program);
  const backend = {
    type: 'subprocess',
    command: process.execPath,
    args: [program, canary.name('argv')],
    cwd: folder,
    env: { CANARIES: JSON.stringify(secrets), LITERAL: canary.text('env'), REFERRED: { fromEnv: 'LEAK_TEST_SECRET' } },
    startMs: 5000,
    graceMs: 100,
  };
  const profileOf = (spawn: string) => ({
    label: spawn,
    backend,
    options: { spawn, secret: canary.text('options') },
    deadlines: { cancelMs: 200, stopGraceMs: 100, stopSettleMs: 100 },
  });
  const guest = {
    name: 'guest',
    sha256: hashToken('guest-token'),
    scopes: ['read', 'input', 'control'],
    profiles: ['planned'],
  };
  const config = {
    auth: { tokens: [guest] },
    profiles: {
      ...Object.fromEntries(spawns.map((spawn) => [spawn, profileOf(spawn)])),
      planned: { label: 'planned', backend: null },
    },
  };
  await writeFile(join(folder, 'workport.config.json'), JSON.stringify(config));
}

let host: HostProcess;
let replies: readonly Reply[];
let logged: string;
const guest: Reply[] = [];
const said: Readonly<Record<string, Reply[]>> = Object.fromEntries(inputs.map((input) => [input, []]));

beforeAll(async () => {
  const cwd = join(await suiteFolder(), canary.name('folder'));
  await mkdir(cwd);
  await configure(cwd);
  const end: (() => Promise<void>)[] = [];
  host = await startServe({
    cwd,
    args: ['--data', join(cwd, canary.name('data'))],
    env: { LEAK_TEST_SECRET: referred },
    onEnd: (run) => end.push(run),
  });
  const record = recorder(host.url, accessToken);
  await askEverything(record);
  host.child.kill('SIGTERM');
  logged = (await host.ended).stderr;
  replies = record.replies;
  return async () => {
    for (const run of end) await run();
  };
}, 120_000);

const api = '/api/v1/runtimes/local';
const bodyOf = (reply: Reply): Answer => JSON.parse(reply.body || '{}') as Answer;

async function askEverything({ ask, raw }: ReturnType<typeof recorder>): Promise<void> {
  const get = (path: string, kind: string, more: Partial<Asked> = {}) => ask({ path, kind, ...more });
  const post = (path: string, kind: string, body?: unknown) => ask({ method: 'POST', path, kind, body });

  await get('/healthz', 'live');
  await get('/readyz', 'ready');
  await get('/api/v1/runtimes', 'runtimes');
  await get(api, 'runtime');
  await get(`${api}/profiles`, 'profiles');
  for (const spawn of spawns) await post(`${api}/workers`, 'create', { profile: spawn, input: { text: 'content' } });
  for (const input of inputs) said[input]?.push(...(await live(input)));
  await get(`${api}/workers`, 'workers');
  await badRequests();
  await asGuest();

  /** A Worker from its creation to its end, with two streams that see all of it. */
  async function live(input: string): Promise<readonly Reply[]> {
    const created = await post(`${api}/workers`, 'create', { profile: 'connected', displayName: 'content-marker' });
    const worker = `${api}/workers/${bodyOf(created).worker?.workerId ?? ''}`;
    const streams = [
      get(`${worker}/observations/stream`, 'stream'),
      get(`${worker}/observations/stream?after=start`, 'stream'),
    ];
    const sent = await post(`${worker}/inputs`, 'input', { text: input });
    const { inputId = '' } = bodyOf(sent);
    const busy = await post(`${worker}/inputs`, 'input', { text: 'content' });
    if (input === 'ask') await post(`${worker}/questions/q1/answer`, 'answer', { optionId: 'yes' });
    if (input === 'ask' || input === 'hang')
      await post(`${worker}/inputs/${inputId}/cancel`, 'cancel', { deadlineMs: 200 });
    await vi.waitFor(async () => {
      expect(bodyOf(await get(worker, 'worker')).worker?.status).not.toBe('busy');
    }, 10_000);
    const pages = [
      await get(`${worker}/transcript`, 'transcript'),
      await get(`${worker}/observations`, 'observations'),
    ];
    await get(`${api}/workers`, 'workers');
    await post(`${worker}/reconnect`, 'reconnect');
    await post(`${worker}/stop`, 'stop', { graceMs: 100 });
    await ask({ method: 'DELETE', path: worker, kind: 'deleted' });
    return [created, sent, busy, ...pages, ...(await Promise.all(streams))];
  }

  /** Who may see one profile alone, next to a Worker of another. */
  async function asGuest(): Promise<void> {
    const { worker } = bodyOf(
      await post(`${api}/workers`, 'create', { profile: 'connected', displayName: 'hidden-marker' }),
    );
    const path = `${api}/workers/${worker?.workerId ?? ''}`;
    const asked = (more: Partial<Asked> & { readonly path: string }) =>
      ask({ kind: 'problem', ...more, headers: { authorization: 'Bearer guest-token' } });
    const input = { method: 'POST', body: { text: 'content' } };
    guest.push(
      await asked({ path: `${api}/profiles`, kind: 'profiles' }),
      await asked({ path: `${api}/workers`, kind: 'workers' }),
      await asked({ path }),
      await asked({ path: `${path}/transcript` }),
      await asked({ path: `${path}/observations` }),
      await asked({ path: `${path}/observations/stream` }),
      await asked({ path: `${path}/inputs`, ...input }),
      await asked({ path: `${path}/stop`, method: 'POST' }),
      await asked({ path: `${api}/workers`, method: 'POST', body: { profile: 'connected' } }),
      await asked({ path, method: 'DELETE', kind: 'deleted' }),
    );
    expect((await get(path, 'worker')).status).toBe(200);
  }

  async function badRequests(): Promise<void> {
    const none = '00000000-0000-4000-8000-000000000000';
    for (const path of [
      '/',
      '/api/v1/nothing',
      `${api}/workers/x`,
      `${api}/workers/${none}`,
      `${api}/workers?limit=0`,
    ]) {
      await get(path, 'problem');
    }
    for (const body of [
      '{',
      '[]',
      '{"profile":"connected","backend":"x"}',
      '{"profile":"nobody"}',
      { profile: 'connected', input: { text: ' ' } },
    ]) {
      await post(`${api}/workers`, 'create', body);
    }
    await get(api, 'problem', { headers: { authorization: 'Bearer wrong' } });
    await get(api, 'problem', { headers: { host: 'elsewhere' } });
    await get(api, 'problem', { headers: { origin: 'https://elsewhere' } });
    await ask({ method: 'PUT', path: api, kind: 'problem' });
    await post(`${api}/workers/${none}/inputs`, 'problem', { text: 'x'.repeat(300_000) });
    await raw('no request at all\r\n\r\n');
    await raw(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
  }
}

describe('of a backend that gives its secrets away', () => {
  test('B2, B3: no canary is in any byte that left over HTTP and SSE', () => {
    const leaks = replies.flatMap(({ asked, head, body }) =>
      findLeaks(`${head}\r\n\r\n${body}`, canary.planted).map((where) => `${asked}: ${where}`),
    );
    expect(leaks).toEqual([]);
  });

  test('B2: no path, token, process or name of the machine is in any byte that left', () => {
    const machine = [
      process.execPath,
      process.cwd(),
      accessToken,
      hostname(),
      'node_modules',
      '.mjs',
      '    at ',
      'Error:',
    ];
    const found = replies.flatMap(({ asked, head, body }) =>
      machine.filter((text) => `${head}${body}`.includes(text)).map((text) => `${asked}: ${text}`),
    );
    expect(found).toEqual([]);
  });

  test('B1: every key and value that left is in the schema of the browser API', () => {
    expect(replies.flatMap(outsideOfSchema)).toEqual([]);
  });

  test('B1: a request with a key that is not in the schema is refused', () => {
    const refused = replies.filter(({ body }) => body.includes('request-invalid'));
    expect(refused.length).toBeGreaterThanOrEqual(3);
  });

  test('W4: no key says what a Worker can do', () => {
    expect(replies.flatMap(keysOf).filter((key) => /^can[A-Z]|capabilit/i.test(key))).toEqual([]);
  });

  test('B4: what somebody may not see is in no list, and is answered as what does not exist', () => {
    expect(guest.map(({ status }) => status)).toEqual([200, 200, 404, 404, 404, 404, 404, 404, 422, 204]);
    expect(bodyOf(guest[0]!).profiles?.map(({ name }) => name)).toEqual(['planned']);
    expect(bodyOf(guest[1]!)).toEqual({ workers: [] });
    expect(guest.slice(2, 9).map((reply) => bodyOf(reply).code)).toEqual([
      ...Array.from({ length: 6 }, () => 'worker-unknown'),
      'profile-unknown',
    ]);
    expect(guest.filter(({ body }) => body.includes('hidden-marker'))).toEqual([]);
  });

  test('B2: what a program says as content crosses as it is', () => {
    expect(said['content']?.at(-1)?.body).toContain('"text":"content-marker"');
    expect(said['content']?.[0]?.body).toContain('"displayName":"content-marker"');
  });

  test('B5: a code of its own crosses where it is declared, else it is in the operator log alone', () => {
    expect(said['declared']?.at(-1)?.body).toContain('"end":"failed","backendCode":"declared-code"');
    expect(bodyOf(said['declaredRejected']![1]!)).toMatchObject({
      code: 'backend-rejected',
      backendCode: 'declared-code',
    });
    expect(bodyOf(said['rejected']![1]!)).toMatchObject({ code: 'backend-rejected' });
    for (const where of ['runCode', 'inputRejected', 'inputErrored', 'spawnRejected', 'spawnErrored']) {
      expect(logged, where).toContain(secrets[where]);
    }
  });

  test('B2: every failure has a correlation id, under which its cause is in the operator log', () => {
    const ids = new Set(
      replies.flatMap(({ body }) => [...body.matchAll(/"correlationId":"([^"]+)"/g)].map(([, id]) => id ?? '')),
    );
    expect(ids.size).toBeGreaterThanOrEqual(6);
    expect([...ids].filter((id) => !logged.includes(id))).toEqual([]);
  });

  test('the operator log holds what it said, and not what was given by reference', () => {
    const log = logged.replaceAll('\\"', '"');
    for (const where of ['stderr', 'log', 'dying']) expect(log, where).toContain(secrets[where]);
    expect(findLeaks(logged, [{ where: 'env-by-reference', value: referred }])).toEqual([]);
    expect(logged).not.toContain(accessToken);
  });

  test('the tour saw what it was made for', () => {
    const statuses = new Set(replies.map(({ status }) => status));
    expect([...statuses].sort()).toEqual(
      expect.arrayContaining([200, 201, 202, 204, 400, 401, 403, 404, 405, 409, 413, 422, 502]),
    );
    const events = replies
      .filter(({ kind }) => kind === 'stream')
      .map(({ body }) => body)
      .join('');
    for (const event of ['snapshot', 'observation', 'end']) expect(events).toContain(`event: ${event}\n`);
    for (const type of ['execution-disconnected', 'question-asked', 'question-closed', 'worker-stopped']) {
      expect(events).toContain(`"type":"${type}"`);
    }
  });
});
