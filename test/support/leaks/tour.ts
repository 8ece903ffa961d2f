import { expect, vi } from 'vitest';

import type { Answer } from '../host-process.js';
import { recorder } from './recorder.js';
import type { Asked } from './recorder.js';
import type { Recording, Reply } from './recording.js';
import { recordSocket } from './socket-recorder.js';
import type { RecordedSocket } from './socket-recorder.js';

export interface TouredHost {
  readonly url: string;
  readonly token: string;
  /** The profiles, one for each way to spawn; the first one connects. */
  readonly spawns: readonly string[];
  /** What the Workers of the first are told, one each. */
  readonly inputs: readonly string[];
}

/** Who may see one profile alone, `planned`. */
export const guestToken = 'guest-token';

export interface Tour {
  readonly recording: Recording;
  /** What was answered about the Worker that was given an input: its creation, the input, a second one, pages, streams. */
  readonly said: Readonly<Record<string, readonly Reply[]>>;
  /** What the guest was answered. */
  readonly guest: readonly Reply[];
  /** Resolves when the sockets are closed, once the host is. */
  readonly ended: Promise<unknown>;
}

export const api = '/api/v1/runtimes/local';
export const noWorker = '00000000-0000-4000-8000-000000000000';
export const bodyOf = (reply: Reply): Answer => JSON.parse(reply.body || '{}') as Answer;

type Recorder = ReturnType<typeof recorder>;
const posting =
  ({ ask }: Recorder) =>
  (path: string, kind: string, body?: unknown): Promise<Reply> =>
    ask({ method: 'POST', path, kind, body });

async function subscribed(socket: RecordedSocket, workerId: string): Promise<void> {
  for (const [id, after] of [[`${workerId}:all`, 'start'], [`${workerId}:now`]]) {
    socket.say({ type: 'subscribe', id, runtimeId: 'local', workerId, ...(after && { after }) });
    await socket.until(`"id":"${id}"`);
  }
}

/** A Worker from its creation to its end, with streams over SSE and WebSocket that see all of it. */
async function life(
  record: Recorder,
  socket: RecordedSocket,
  profile: string,
  input: string,
): Promise<readonly Reply[]> {
  const { ask } = record;
  const post = posting(record);
  const get = (path: string, kind: string): Promise<Reply> => ask({ path, kind });
  const created = await post(`${api}/workers`, 'create', { profile, displayName: 'content-marker' });
  expect(created.status).toBe(201);
  const { workerId = '' } = bodyOf(created).worker ?? {};
  const worker = `${api}/workers/${workerId}`;
  await subscribed(socket, workerId);
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
  const pages = [await get(`${worker}/transcript`, 'transcript'), await get(`${worker}/observations`, 'observations')];
  await get(`${api}/workers`, 'workers');
  await post(`${worker}/reconnect`, 'reconnect');
  await post(`${worker}/stop`, 'stop', { graceMs: 100 });
  await ask({ method: 'DELETE', path: worker, kind: 'deleted' });
  await socket.until(`{"type":"end","id":"${workerId}:now"`);
  return [created, sent, busy, ...pages, ...(await Promise.all(streams))];
}

/** The guest, next to a Worker of another profile. */
async function asGuest(record: Recorder, profile: string): Promise<readonly Reply[]> {
  const { worker } = bodyOf(
    await posting(record)(`${api}/workers`, 'create', { profile, displayName: 'hidden-marker' }),
  );
  const path = `${api}/workers/${worker?.workerId ?? ''}`;
  const asked = (more: Partial<Asked> & { readonly path: string }) =>
    record.ask({ kind: 'problem', ...more, headers: { authorization: `Bearer ${guestToken}` } });
  const replies = [
    await asked({ path: `${api}/profiles`, kind: 'profiles' }),
    await asked({ path: `${api}/workers`, kind: 'workers' }),
    await asked({ path }),
    await asked({ path: `${path}/transcript` }),
    await asked({ path: `${path}/observations` }),
    await asked({ path: `${path}/observations/stream` }),
    await asked({ path: `${path}/inputs`, method: 'POST', body: { text: 'content' } }),
    await asked({ path: `${path}/stop`, method: 'POST' }),
    await asked({ path: `${api}/workers`, method: 'POST', body: { profile } }),
    await asked({ path, method: 'DELETE', kind: 'deleted' }),
  ];
  expect((await record.ask({ path, kind: 'worker' })).status).toBe(200);
  return replies;
}

async function badRequests(record: Recorder, profile: string): Promise<void> {
  const { ask, raw } = record;
  const workers = `${api}/workers`;
  await ask({ path: '/', kind: 'page' });
  for (const path of ['/api/v1/nothing', `${workers}/x`, `${workers}/${noWorker}`, `${workers}?limit=0`]) {
    await ask({ path, kind: 'problem' });
  }
  for (const body of ['{', '[]', `{"profile":"${profile}","backend":"x"}`, '{"profile":"nobody"}']) {
    await ask({ method: 'POST', path: workers, kind: 'create', body });
  }
  await ask({ method: 'POST', path: workers, kind: 'create', body: { profile, input: { text: ' ' } } });
  const wrong = [{ authorization: 'Bearer wrong' }, { host: 'elsewhere' }, { origin: 'https://elsewhere' }];
  for (const headers of wrong) await ask({ path: api, kind: 'problem', headers });
  await ask({ method: 'PUT', path: api, kind: 'problem' });
  await ask({
    method: 'POST',
    path: `${workers}/${noWorker}/inputs`,
    kind: 'problem',
    body: { text: 'x'.repeat(300_000) },
  });
  await raw('no request at all\r\n\r\n');
  await raw(`GET / HTTP/1.1\r\nx: ${'y'.repeat(20_000)}\r\n\r\n`);
}

/** Requests for an upgrade that are refused. */
async function badUpgrades({ ask }: Recorder): Promise<void> {
  const path = '/api/v1/socket';
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
    'sec-websocket-version': '13',
    'sec-websocket-protocol': 'workport.v1',
  };
  await ask({ path, kind: 'problem' });
  await ask({ path: '/api/v1/elsewhere', kind: 'problem', headers: upgrade });
  for (const more of [
    { host: 'elsewhere' },
    { origin: 'https://elsewhere' },
    { 'sec-websocket-protocol': 'other' },
    { 'sec-websocket-version': '7' },
    { 'sec-websocket-key': 'x' },
  ]) {
    await ask({ path, kind: 'problem', headers: { ...upgrade, ...more } });
  }
}

/** What a socket is told that is not let in, or says what nobody understands. */
async function badSockets({ url, token }: TouredHost): Promise<readonly RecordedSocket[]> {
  const firstWords = [{ type: 'authenticate', token: 'wrong' }, 'no JSON', { type: 'ping' }, 'x'.repeat(20_000)];
  const sockets: RecordedSocket[] = [];
  for (const [at, first] of firstWords.entries()) {
    const socket = await recordSocket(url, { asked: `socket that says wrong words ${at}` });
    socket.say(first);
    await socket.closed;
    sockets.push(socket);
  }
  const socket = await recordSocket(url, { asked: 'socket with bad messages', token });
  const subscribe = { type: 'subscribe', id: 'a', runtimeId: 'local', workerId: noWorker };
  for (const message of ['{', { type: 'subscribe', secret: 'x' }, subscribe, { ...subscribe, runtimeId: 'nowhere' }]) {
    socket.say(message);
  }
  socket.say({ type: 'ping' });
  await socket.until('pong');
  await socket.end();
  return [...sockets, socket];
}

/** Asks a host for everything that there is, in every way, and keeps every byte of the answers. */
export async function tour(host: TouredHost): Promise<Tour> {
  const { url, token, spawns, inputs } = host;
  const [profile = ''] = spawns;
  const record = recorder(url, token);
  const get = (path: string, kind: string): Promise<Reply> => record.ask({ path, kind });
  await get('/healthz', 'live');
  await get('/readyz', 'ready');
  await get('/api/v1/openapi.json', 'openapi');
  await get('/api/v1/runtimes', 'runtimes');
  await get(api, 'runtime');
  await get(`${api}/profiles`, 'profiles');
  const socket = await recordSocket(url, { asked: 'socket', token });
  for (const spawn of spawns) {
    await posting(record)(`${api}/workers`, 'create', { profile: spawn, input: { text: 'content' } });
  }
  const said: Record<string, readonly Reply[]> = {};
  for (const input of inputs) said[input] = await life(record, socket, profile, input);
  await get(`${api}/workers`, 'workers');
  await badRequests(record, profile);
  await badUpgrades(record);
  const sockets = [socket, ...(await badSockets(host))];
  const guest = await asGuest(record, profile);
  return { recording: { replies: record.replies, sockets }, said, guest, ended: socket.closed };
}
