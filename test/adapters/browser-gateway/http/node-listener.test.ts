import { once } from 'node:events';
import { connect } from 'node:net';
import type { Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import type { HttpDependencies } from '../../../../src/adapters/browser-gateway/http/index.js';
import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import type { ListenOptions } from '../../../../src/adapters/browser-gateway/http/index.js';
import { decodeObservation } from '../../../../src/domain/observation/encoded.js';
import type { Frame } from '../../../../src/ports/browser-gateway.js';
import { problemSchema } from '../../../../src/protocol/browser.js';
import { frameSource } from '../../../support/frames.js';
import { describedFetch } from '../../../support/openapi/exchange.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { encodedNotices } from '../../../support/observations.js';
import { cursorAt, scriptedGateway, workerId, workerView } from '../../../support/scripted-gateway.js';
import type { Script } from '../../../support/scripted-gateway.js';
import { sseReader } from '../../../support/sse-reader.js';

const workerPath = `/api/v1/runtimes/local/workers/${workerId}`;
const snapshot: Frame = { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
const events = (from: number, to: number): Frame => ({
  type: 'events',
  observations: encodedNotices(from, to).map(decodeObservation),
});

function open(
  script: Script,
  more: Partial<Pick<HttpDependencies, 'clock' | 'options' | 'logger'>> = {},
  listening: Partial<ListenOptions> = {},
) {
  return listen({ handler: httpHandler({ gateway: scriptedGateway(script), ...more }), ...listening });
}

async function raw(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function answerOf(socket: Socket): Promise<{ status: number; head: string; body: string }> {
  let text = '';
  for await (const chunk of socket as AsyncIterable<Buffer>) text += chunk.toString();
  const [head = '', body = ''] = text.split('\r\n\r\n');
  return { status: Number(head.split(' ')[1]), head, body };
}
const codeOf = (body: string) => problemSchema.parse(JSON.parse(body)).code;

describe('the listener', () => {
  it('serves requests on the port that it tells', async () => {
    await using server = await open({});
    const response = await describedFetch(`${server.url}${workerPath}`);
    expect(await response.json()).toEqual({ worker: workerView });
    const sent = await describedFetch(`${server.url}${workerPath}/inputs`, {
      method: 'POST',
      body: '{"text":"x"}',
      headers: { 'content-type': 'application/json' },
    });
    expect(sent.status).toBe(202);
  });

  it('a name that is not its own, or its name with another port, answers 403', async () => {
    await using server = await open({});
    const statusFor = async (host: string) =>
      (await answerOf(await raw(server.port, `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)))
        .status;
    expect(await statusFor(`localhost:${server.port}`)).toBe(200);
    expect(await statusFor('localhost:1')).toBe(403);
    expect(await statusFor('rebound.example')).toBe(403);
    expect(await statusFor('a b<>')).toBe(400);
  });

  it.each(['0.0.0.0', '::', '192.168.1.5', 'work.example'])('does not open %s to everybody', async (host) => {
    await expect(open({}, {}, { host })).rejects.toThrow(/refusing to listen on .* without an authenticator/);
  });

  it('opens any address where callers have to say who they are', async () => {
    const gateway = scriptedGateway();
    const handler = httpHandler({
      gateway,
      authenticator: { authenticate: async () => undefined },
      gatewayFor: () => gateway,
      options: { hosts: ['work.example'] },
    });
    await using server = await listen({ handler, host: '0.0.0.0' });
    const request = `GET ${workerPath} HTTP/1.1\r\nHost: work.example\r\nConnection: close\r\n\r\n`;
    expect((await answerOf(await raw(server.port, request))).status).toBe(401);
  });

  it('a port that is taken rejects', async () => {
    await using server = await open({});
    await expect(open({}, {}, { port: server.port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it.each([
    ['NONSENSE\r\n\r\n', 400, 'request-invalid'],
    [`GET / HTTP/1.1\r\nHost: localhost\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 413, 'input-too-large'],
  ])('what is no request it can read answers a Problem and closes: %.20s', async (text, status, code) => {
    await using server = await open({});
    const answer = await answerOf(await raw(server.port, text));
    expect([answer.status, codeOf(answer.body)]).toEqual([status, code]);
    expect(answer.head.toLowerCase()).toContain('x-content-type-options: nosniff');
  });

  it('a head that does not come in time answers 408', async () => {
    await using server = await open({}, {}, { headersTimeoutMs: 100, requestTimeoutMs: 200 });
    const answer = await answerOf(await raw(server.port, 'GET / HTTP/1.1\r\nHost: '));
    expect([answer.status, codeOf(answer.body)]).toEqual([408, 'request-timeout']);
  });

  it('a body that does not come in time answers 408 and closes', async () => {
    const clock = virtualClock();
    await using server = await open({}, { clock });
    const head = `POST ${workerPath}/inputs HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Type: application/json\r\n`;
    for (const framing of ['Content-Length: 20\r\n\r\n{', 'Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n']) {
      const socket = await raw(server.port, head + framing);
      await expect.poll(() => clock.pending).toBe(1);
      await clock.advance(10_000);
      const answer = await answerOf(socket);
      expect([answer.status, codeOf(answer.body)]).toEqual([408, 'request-timeout']);
    }
  });

  it('a body without end answers 413 and closes', async () => {
    await using server = await open({});
    const head = `POST ${workerPath}/inputs HTTP/1.1\r\nHost: localhost:${server.port}\r\nContent-Type: application/json\r\n`;
    const socket = await raw(server.port, `${head}Transfer-Encoding: chunked\r\n\r\n`);
    socket.on('error', () => undefined);
    const piece = `10000\r\n${' '.repeat(65_536)}\r\n`;
    for (let index = 0; index < 5; index += 1) socket.write(piece);
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toMatch(/^HTTP\/1.1 413 /);
    if (!socket.closed) await once(socket, 'close');
  });

  it('a large upload is answered 413 before it is over, and its sender reads the answer', async () => {
    await using server = await open({});
    for (let round = 0; round < 5; round += 1) {
      const body = new Uint8Array(5_000_000);
      const headers = { 'content-type': 'application/json' };
      const response = await describedFetch(`${server.url}${workerPath}/inputs`, { method: 'POST', body, headers });
      expect([response.status, codeOf(await response.text())]).toEqual([413, 'input-too-large']);
    }
  });

  it('leaves the globals of its host alone', async () => {
    const before = [globalThis.Request, globalThis.Response];
    await using _server = await open({});
    expect([globalThis.Request, globalThis.Response]).toEqual(before);
  });

  it('streams to a reader as it reads, and lets go of everything when it leaves', async () => {
    const source = frameSource(snapshot, events(3, 4));
    await using server = await open(source);
    const leaving = new AbortController();
    const response = await describedFetch(`${server.url}${workerPath}/observations/stream`, { signal: leaving.signal });
    const reader = sseReader(response.body as ReadableStream<Uint8Array>);
    expect((await reader.take(3)).map(({ id }) => id)).toEqual([2, 3, 4].map(cursorAt));
    source.push(events(5, 5));
    expect(await reader.take(1)).toMatchObject([{ id: cursorAt(5) }]);
    leaving.abort();
    await expect.poll(() => source.released).toBe(1);
  });

  it('a caller that leaves before the first frame lets go of everything', async () => {
    const source = frameSource();
    let observers = 0;
    const observe: Script['observe'] = (from, signal) => {
      observers += 1;
      return source.observe(from, signal);
    };
    await using server = await open({ observe });
    const leaving = new AbortController();
    const failed = expect(
      describedFetch(`${server.url}${workerPath}/observations/stream`, { signal: leaving.signal }),
    ).rejects.toThrow();
    await expect.poll(() => observers).toBe(1);
    leaving.abort();
    await failed;
    await expect.poll(() => source.released).toBe(1);
  });

  it('P3: a socket that takes no byte for 60 seconds is closed, and another reader notices nothing', async () => {
    const clock = virtualClock();
    const stuckSource = frameSource(snapshot);
    const liveSource = frameSource(snapshot);
    const sources = [stuckSource, liveSource];
    let pushed = 0;
    await using server = await open(
      { observe: (from, signal) => (sources.shift() ?? liveSource).observe(from, signal) },
      { clock },
    );
    const connected = once(server.server, 'connection') as Promise<[Socket]>;
    const stuck = await raw(
      server.port,
      `GET ${workerPath}/observations/stream HTTP/1.1\r\nHost: localhost:${server.port}\r\n\r\n`,
    );
    stuck.on('error', () => undefined);
    await once(stuck, 'readable');
    await expect.poll(() => stuckSource.taken).toBe(1);
    const live = await describedFetch(`${server.url}${workerPath}/observations/stream`);
    const reader = sseReader(live.body as ReadableStream<Uint8Array>);
    await reader.take(1);
    const frame = events(3, 1002);
    const isStuck = async (): Promise<boolean> => {
      stuckSource.push(frame);
      pushed += 1;
      await new Promise((resolve) => setImmediate(resolve));
      return pushed - stuckSource.taken > 50;
    };
    await expect.poll(isStuck, { timeout: 10_000, interval: 0 }).toBe(true);
    liveSource.push(events(3, 3));
    expect(await reader.take(1)).toMatchObject([{ id: cursorAt(3) }]);
    const waiting = reader.next();
    await clock.advance(15_000);
    expect(await waiting).toEqual({ comment: true });
    for (const _ of [1, 2, 3]) {
      await clock.advance(15_000);
      expect(await reader.next()).toEqual({ comment: true });
    }
    await expect.poll(() => stuckSource.released).toBe(1);
    expect((await connected)[0].destroyed).toBe(true);
    expect(liveSource.released).toBe(0);
    await reader.cancel();
    stuck.destroy();
  });

  it('closing ends streams with server-draining, lets requests finish, and takes no more', async () => {
    let answer: (() => void) | undefined;
    const source = frameSource(snapshot);
    const server = await open({
      observe: (from, signal) => source.observe(from, signal),
      execute: () => new Promise((resolve) => (answer = () => resolve({ outcome: 'accepted', end: 'quiesced' }))),
    });
    const stream = await describedFetch(`${server.url}${workerPath}/observations/stream`);
    const reader = sseReader(stream.body as ReadableStream<Uint8Array>);
    await reader.take(1);
    const cancelling = describedFetch(`${server.url}${workerPath}/inputs/${workerId}/cancel`, { method: 'POST' });
    await expect.poll(() => answer).toBeDefined();
    const closed = server.close();
    expect(await reader.all()).toEqual([{ event: 'end', data: '{"code":"server-draining"}' }]);
    await expect(describedFetch(`${server.url}/healthz`)).rejects.toThrow();
    answer?.();
    expect((await cancelling).status).toBe(200);
    await closed;
    await server.close();
  });

  it('closing ends what does not finish within its grace', async () => {
    let isAsked = false;
    const execute: Script['execute'] = () => {
      isAsked = true;
      return new Promise(() => undefined);
    };
    const server = await open({ execute });
    const hanging = describedFetch(`${server.url}${workerPath}/stop`, { method: 'POST' });
    const failed = expect(hanging).rejects.toThrow();
    await expect.poll(() => isAsked).toBe(true);
    await server.close({ graceMs: 0 });
    await failed;
  });
});
