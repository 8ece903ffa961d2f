import { once } from 'node:events';
import { connect } from 'node:net';

import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { HttpListener } from '../../../../src/adapters/browser-gateway/http/index.js';
import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import { statusOf } from '../../../../src/adapters/browser-gateway/edge/status.js';
import type { Problem } from '../../../../src/protocol/browser.js';
import { FrameReader, opcodes } from '../../../support/fuzz/socket-frame.js';
import { exchangeRaw, rawAnswers } from '../../../support/fuzz/raw-socket.js';
import type { RawAnswer } from '../../../support/fuzz/raw-socket.js';
import { fuzzed } from '../../../support/fuzz/settings.js';
import { componentErrors } from '../../../support/openapi/document.js';
import { scriptedGateway, workerId } from '../../../support/scripted-gateway.js';

let server: HttpListener;
beforeAll(async () => {
  const handler = httpHandler({ gateway: scriptedGateway(), options: { bodyTimeoutMs: 300 } });
  server = await listen({ handler, headersTimeoutMs: 300, requestTimeoutMs: 600 });
});
afterAll(() => server.close({ graceMs: 0 }));

const worker = `/api/v1/runtimes/local/workers/${workerId}`;
const line = fc.constantFrom(
  'GET /healthz HTTP/1.1',
  `GET ${worker} HTTP/1.1`,
  `POST ${worker}/inputs HTTP/1.1`,
  'GET /healthz HTTP/1.0',
  'GET /healthz HTTP/9.9',
  'GET http://localhost/healthz HTTP/1.1',
  'GET //[ HTTP/1.1',
  'GET * HTTP/1.1',
  'OPTIONS * HTTP/1.1',
  'CONNECT evil.example:443 HTTP/1.1',
  'TRACE / HTTP/1.1',
  'PRI * HTTP/2.0',
  'GET  /healthz  HTTP/1.1',
  'GET /\x00 HTTP/1.1',
  'FOO / HTTP/1.1',
  '',
);
const field = fc.oneof(
  { weight: 6, arbitrary: fc.constant('Host: HOST') },
  fc.constantFrom(
    'Host: evil.example',
    'Host:',
    'Host : HOST',
    'Content-Length: 12',
    'Content-Length: 0',
    'Content-Length: -1',
    'Content-Length: 12, 13',
    'Content-Length: 99999999999999999999',
    'Transfer-Encoding: chunked',
    'Transfer-Encoding: xchunked',
    'Transfer-Encoding: chunked, identity',
    'Transfer-Encoding:\tchunked',
    'Content-Type: application/json',
    'Connection: close',
    'Connection: keep-alive',
    'Connection: upgrade',
    'Upgrade: websocket',
    'Upgrade: h2c',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: workport.v1',
    'Expect: 100-continue',
    'Expect: weird',
    'X-Folded: a\r\n b',
    'No-Colon',
    `X: ${'x'.repeat(20_000)}`,
    'X: \x00',
    'Trailer: x',
  ),
);
const flood = fc.integer({ min: 100, max: 3_000 }).map((count) => Array.from({ length: count }, () => 'A: b'));
const body = fc.constantFrom(
  '',
  '{"text":"x"}',
  'c\r\n{"text":"x"}\r\n0\r\n\r\n',
  'zz\r\n{}\r\n',
  'c;ext=1\r\n{"text":"x"}\r\n0\r\nX: y\r\n\r\n',
  'ffffffffffffffff\r\n',
  '0\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: HOST\r\n\r\n',
  '\r\n\r\n',
);
const fields = fc.oneof({ weight: 8, arbitrary: fc.array(field, { maxLength: 5 }) }, flood);
const request = fc
  .tuple(line, fields, body)
  .map(([start, lines, content]) => `${[start, ...lines].join('\r\n')}\r\n\r\n${content}`);
const cut = fc.tuple(request, fc.nat(200)).map(([whole, end]) => whole.slice(0, end));
const bytes = fc.uint8Array({ minLength: 1, maxLength: 300 });
const pieces = fc.oneof(
  { weight: 6, arbitrary: request.map((whole) => [whole]) },
  fc.array(request, { minLength: 2, maxLength: 4 }).map((whole) => [whole.join('')]),
  fc.tuple(request, fc.nat(60)).map(([whole, at]) => [whole.slice(0, at), whole.slice(at)]),
  cut.map((part) => [part]),
  bytes.map((made) => [made]),
);

/** An answer of the table, or one of HTTP itself: go on, and no form of the socket. */
function expectAnswer({ status, headers, body: told }: RawAnswer): void {
  if ([100, 101].includes(status)) return;
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  if (status < 300) return;
  expect(headers.get('content-type')).toBe('application/problem+json');
  const problem = JSON.parse(told) as Problem;
  expect(componentErrors('Problem', problem)).toEqual([]);
  expect([problem.status, statusOf[problem.code]]).toEqual([status, status]);
  expect(problem.code).not.toBe('internal');
}

/** Frames follow where a socket was opened: no message has been understood, so its close is all that is said. */
function expectAnswers(text: string): void {
  const opened = text.indexOf('HTTP/1.1 101 ');
  rawAnswers(opened < 0 ? text : text.slice(0, opened)).forEach(expectAnswer);
  if (opened < 0) return;
  const frames = Buffer.from(text.slice(text.indexOf('\r\n\r\n', opened) + 4), 'latin1');
  for (const { opcode, payload } of new FrameReader().read(frames)) {
    if (opcode === opcodes.text) expect(componentErrors('SocketMessage', JSON.parse(payload.toString()))).toEqual([]);
    if (opcode === opcodes.close && payload.length > 0)
      expect([1000, 1002, 1007, 1009]).toContain(payload.readUInt16BE(0));
  }
}

interface Sent {
  readonly pieces: readonly (string | Uint8Array)[];
  readonly halfClose: boolean;
}

async function send({ pieces: sent, halfClose }: Sent): Promise<void> {
  const host = `localhost:${server.port}`;
  const named = sent.map((piece) => (typeof piece === 'string' ? piece.replaceAll('HOST', host) : piece));
  const text = await exchangeRaw(server.port, named, { halfClose });
  expectAnswers(text);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}

test('B1: whatever comes in over TCP is answered from the table or closed, and the next request is served', async () => {
  const together = fc.array(fc.record({ pieces, halfClose: fc.boolean() }), { minLength: 64, maxLength: 64 });
  const check = async (all: readonly Sent[]): Promise<void> => void (await Promise.all(all.map(send)));
  await fc.assert(fc.asyncProperty(together, check), { ...fuzzed(3), endOnFailure: true });
});

const slowly = (text: string): readonly string[] => Array.from(text.replaceAll('HOST', `localhost:${server.port}`));

test('a head that comes byte by byte in its time is answered as any other', async () => {
  const text = await exchangeRaw(server.port, slowly('GET /healthz HTTP/1.1\r\nHost: HOST\r\n\r\n'), {
    halfClose: true,
  });
  expect(rawAnswers(text).map(({ status }) => status)).toEqual([200]);
});

test('a head that comes byte by byte and never ends is answered with 408 and closed, however often a byte comes', async () => {
  const socket = connect(server.port, '127.0.0.1');
  socket.on('error', () => undefined);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  const closed = once(socket, 'close');
  socket.write(`GET /healthz HTTP/1.1\r\nHost: localhost:${server.port}\r\nX: `);
  const drip = setInterval(() => socket.write('x'), 20);
  await closed;
  clearInterval(drip);
  const answers = rawAnswers(Buffer.concat(chunks).toString('latin1'));
  answers.forEach(expectAnswer);
  expect(answers.map(({ status }) => status)).toEqual([408]);
});
