import { describe, expect, it } from 'vitest';

import { accessEntry, hashToken, tokenAuthenticator } from '../../../../src/adapters/authenticator/token/index.js';
import type { TokenEntry } from '../../../../src/adapters/authenticator/token/index.js';
import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import { createRuntime, generatorBackend, output, scoped, text } from '../../../../src/index.js';
import { problemSchema, responseSchemas, streamSchemas } from '../../../../src/protocol/browser.js';
import { describedFetch } from '../../../support/openapi/exchange.js';
import type { ServerSentEvent } from '../../../support/sse-reader.js';
import { sseReader } from '../../../support/sse-reader.js';

const reader: TokenEntry = { name: 'reader', sha256: hashToken('reader'), scopes: ['read'] };
const own: TokenEntry = { name: 'own', sha256: hashToken('own'), scopes: ['read', 'input', 'control'], own: true };

/** Echoes a text; `count N` prints N lines; `wait` runs until it is cancelled. */
const echo = () =>
  generatorBackend({
    id: 'echo',
    run: async function* ({ parts }, { signal }) {
      const [part] = parts;
      const prompt = part?.type === 'text' ? part.text : '';
      if (prompt === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
      const lines = Number(/^count (\d+)$/.exec(prompt)?.[1] ?? 0);
      for (let line = 1; line <= lines; line += 1) yield output(`line ${line}\n`);
      yield text(prompt);
    },
  });

async function host() {
  const runtime = createRuntime({ profiles: { echo: { label: 'Echo', backend: echo() } } });
  const handler = httpHandler({
    gateway: runtime,
    authenticator: tokenAuthenticator([accessEntry('all'), reader, own]),
    gatewayFor: (principal) => scoped(runtime, principal),
  });
  const server = await listen({ handler });
  const workers = `${server.url}/api/v1/runtimes/local/workers`;
  const ask = (url: string, init: RequestInit = {}, token = 'all') =>
    describedFetch(url, {
      ...init,
      headers: { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) },
    });
  const post = (url: string, body: object, token?: string, headers: Record<string, string> = {}) =>
    ask(
      url,
      { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } },
      token,
    );
  const create = async (input?: string, token?: string) => {
    const response = await post(workers, { profile: 'echo', ...(input && { input: { text: input } }) }, token);
    const created = responseSchemas.create.parse(await response.json());
    return { ...created, url: server.url + String(response.headers.get('location')) };
  };
  return {
    workers,
    ask,
    post,
    create,
    problem: async (response: Response) => problemSchema.parse(await response.json()),
    async stream(url: string, init: RequestInit = {}, token?: string) {
      const response = await ask(`${url}/observations/stream`, init, token);
      if (response.status !== 200 || !response.body) throw new Error(`answered ${response.status}`);
      return sseReader(response.body);
    },
    async [Symbol.asyncDispose]() {
      await server.close({ graceMs: 0 });
      await runtime[Symbol.asyncDispose]();
    },
  };
}

const typeOf = ({ data = '' }: ServerSentEvent): string => streamSchemas.observation.parse(JSON.parse(data)).event.type;
const isEnd = ({ data = '' }: ServerSentEvent): boolean => data.includes('"input-ended"');

describe('a Runtime over HTTP', () => {
  it('a Worker is created with an input, read, asked again, stopped and deleted', async () => {
    await using served = await host();
    const { worker, inputId, cursor, url } = await served.create('hello');
    expect([worker.profile, typeof inputId, typeof cursor]).toEqual(['echo', 'string', 'string']);
    const transcript = async () =>
      responseSchemas.transcript.parse(await (await served.ask(`${url}/transcript`)).json()).entries;
    await expect.poll(async () => (await transcript()).map(({ role }) => role)).toEqual(['user', 'assistant']);
    expect((await served.post(`${url}/inputs`, { text: 'again' })).status).toBe(202);
    await expect.poll(async () => (await transcript()).length).toBe(4);
    const stopped = responseSchemas.stop.parse(await (await served.ask(`${url}/stop`, { method: 'POST' })).json());
    expect([stopped.worker.status, stopped.end]).toEqual(['stopped', 'stopped']);
    expect((await served.post(`${url}/inputs`, { text: 'late' })).status).toBe(409);
    expect((await served.ask(url, { method: 'DELETE' })).status).toBe(204);
    expect((await served.ask(url)).status).toBe(404);
    expect((await served.ask(url, { method: 'DELETE' })).status).toBe(204);
  });

  it('W7: an input while one is open answers 409 busy with its id, and cancel ends that one', async () => {
    await using served = await host();
    const { inputId, url } = await served.create('wait');
    const busy = await served.post(`${url}/inputs`, { text: 'x' });
    expect([busy.status, (await served.problem(busy)).inputId]).toEqual([409, inputId]);
    const cancelled = await served.ask(`${url}/inputs/${inputId}/cancel`, { method: 'POST' });
    expect(await cancelled.json()).toEqual({ end: 'quiesced' });
    const again = await served.ask(`${url}/inputs/${inputId}/cancel`, { method: 'POST' });
    expect((await served.problem(again)).code).toBe('input-not-open');
  });

  it('P5: a stream that is cut anywhere and resumed by Last-Event-ID has every observation once', async () => {
    await using served = await host();
    const { url } = await served.create();
    const first = await served.stream(url);
    const [snapshot] = await first.take(1);
    expect(streamSchemas.snapshot.parse(JSON.parse(snapshot?.data ?? '')).cursor).toBe(snapshot?.id);
    await served.post(`${url}/inputs`, { text: 'count 300' });
    const seen: ServerSentEvent[] = [];
    let current = first;
    for (let cut = 1; !seen.some(isEnd); cut += 1) {
      for (let taken = 0; taken < cut * 7 && !seen.some(isEnd); taken += 1) seen.push(...(await current.take(1)));
      await current.cancel();
      current = await served.stream(url, { headers: { 'last-event-id': seen.at(-1)?.id ?? '' } });
    }
    await current.cancel();
    const pages = await (await served.ask(`${url}/observations?after=${snapshot?.id}&limit=500`)).text();
    expect(`{"observations":[${seen.map(({ data }) => data).join(',')}]}`).toBe(pages);
    expect(seen.map(typeOf).filter((type) => type === 'output')).toHaveLength(300);
  });

  it('P5: a cursor of another Worker answers 404 before anything is streamed', async () => {
    await using served = await host();
    const [one, two] = [await served.create(), await served.create()];
    const response = await served.ask(`${one.url}/observations/stream?after=${two.worker.lastCursor}`);
    expect([response.status, (await served.problem(response)).code]).toEqual([404, 'cursor-unknown']);
  });

  it('B4: a principal that sees its own Workers alone finds no other, by any route', async () => {
    await using served = await host();
    const theirs = await served.create();
    const mine = await served.create(undefined, 'own');
    const list = responseSchemas.workers.parse(await (await served.ask(served.workers, {}, 'own')).json());
    expect(list.workers.map(({ workerId }) => workerId)).toEqual([mine.worker.workerId]);
    for (const path of ['', '/transcript', '/observations', '/observations/stream']) {
      expect((await served.ask(theirs.url + path, {}, 'own')).status).toBe(404);
    }
    for (const path of ['/inputs', '/stop', '/reconnect']) {
      const body = path === '/inputs' ? { text: 'x' } : {};
      expect((await served.problem(await served.post(theirs.url + path, body, 'own'))).code).toBe('worker-unknown');
    }
    expect((await served.ask(theirs.url, { method: 'DELETE' }, 'own')).status).toBe(204);
    expect((await served.ask(theirs.url)).status).toBe(200);
  });

  it('scopes: who may read only is refused every operation with 403', async () => {
    await using served = await host();
    const { url } = await served.create();
    expect((await served.ask(url, {}, 'reader')).status).toBe(200);
    const refused = [
      await served.post(served.workers, { profile: 'echo' }, 'reader'),
      await served.post(`${url}/inputs`, { text: 'x' }, 'reader'),
      await served.post(`${url}/stop`, {}, 'reader'),
      await served.ask(url, { method: 'DELETE' }, 'reader'),
    ];
    expect(refused.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
  });

  it('the same create with the same key answers 200 with the same Worker, another 409 worker-conflict', async () => {
    await using served = await host();
    const key = { 'idempotency-key': 'once' };
    const created = await served.post(served.workers, { profile: 'echo' }, 'all', key);
    const same = await served.post(served.workers, { profile: 'echo' }, 'all', key);
    const other = await served.post(served.workers, { profile: 'echo', displayName: 'x' }, 'all', key);
    expect([created.status, same.status, other.status]).toEqual([201, 200, 409]);
    expect(same.headers.get('location')).toBe(created.headers.get('location'));
    expect((await served.problem(other)).code).toBe('worker-conflict');
  });

  it('a blank input answers 422 input-invalid, a profile that is not offered 422 profile-unknown', async () => {
    await using served = await host();
    const { url } = await served.create();
    const blank = await served.post(`${url}/inputs`, { text: ' \n' });
    const none = await served.post(`${url}/inputs`, { parts: [] });
    const profile = await served.post(served.workers, { profile: 'nothing' });
    const codes = await Promise.all([blank, none, profile].map(served.problem));
    expect(codes.map(({ status, code }) => [status, code])).toEqual([
      [422, 'input-invalid'],
      [422, 'input-invalid'],
      [422, 'profile-unknown'],
    ]);
  });

  it('the stream of a Worker that is deleted ends with worker-deleted', async () => {
    await using served = await host();
    const { url } = await served.create();
    const stream = await served.stream(url);
    await stream.take(1);
    await served.post(`${url}/stop`, {});
    await served.ask(url, { method: 'DELETE' });
    expect((await stream.all()).at(-1)).toEqual({ event: 'end', data: '{"code":"worker-deleted"}' });
  });
});
