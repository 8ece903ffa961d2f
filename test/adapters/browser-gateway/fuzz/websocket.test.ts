import * as fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';

import type { HttpListener } from '../../../../src/adapters/browser-gateway/http/index.js';
import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import { socketCloseCodes } from '../../../../src/protocol/browser-socket.js';
import { jsonTextBy } from '../../../support/fuzz/json-arbitrary.js';
import { exchangeRaw } from '../../../support/fuzz/raw-socket.js';
import { fuzzed } from '../../../support/fuzz/settings.js';
import { componentErrors } from '../../../support/openapi/document.js';
import { scriptedGateway } from '../../../support/scripted-gateway.js';
import { knowsGood, subscribe } from '../../../support/socket-server.js';

let server: HttpListener;
beforeAll(async () => {
  const gateway = scriptedGateway();
  const access = { authenticator: { authenticate: knowsGood }, gatewayFor: () => gateway };
  server = await listen({ handler: httpHandler({ gateway, ...access, options: { authenticateMs: 300 } }) });
});
afterAll(() => server.close({ graceMs: 0 }));

/** A frame as a client sends it; its key is nothing, so that its payload is readable. */
function frame(first: number, payload: Uint8Array, mask = 0x80): Buffer {
  const { length } = payload;
  const size =
    length < 126
      ? [mask | length]
      : length < 65_536
        ? [mask | 126, length >> 8, length & 255]
        : [mask | 127, 0, 0, 0, 0, 0, (length >> 16) & 255, (length >> 8) & 255, length & 255];
  return Buffer.concat([Buffer.from([first, ...size, ...(mask ? [0, 0, 0, 0] : [])]), payload]);
}
const textFrame = (text: string): Buffer => frame(0x81, Buffer.from(text));

const message = jsonTextBy({ $ref: '#/components/schemas/SocketRequest' });
const bytes = fc.uint8Array({ maxLength: 200 });
const sent: fc.Arbitrary<Buffer> = fc.oneof(
  { weight: 8, arbitrary: message.map(textFrame) },
  fc.constant(textFrame(JSON.stringify(subscribe('a')))),
  fc.tuple(fc.nat(255), bytes, fc.constantFrom(0x80, 0)).map(([first, payload, mask]) => frame(first, payload, mask)),
  fc.tuple(fc.constantFrom(0x01, 0x00, 0x80, 0x88, 0x89, 0x8a, 0x82, 0xc1), bytes).map((made) => frame(...made)),
  bytes.map((made) => Buffer.from(made)),
  fc.constant(Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])),
);

/** Our own, and those of RFC 6455 for what is no frame, no text, or too large. */
const closeCodes = new Set<number>([...Object.values(socketCloseCodes), 1000, 1002, 1003, 1005, 1007, 1009]);

function expectFrames(bytesOf: Buffer): void {
  for (let rest = bytesOf; rest.length >= 2;) {
    const [first = 0, short = 0] = rest;
    const long = short === 126 ? 2 : short === 127 ? 8 : 0;
    const length = long === 2 ? rest.readUInt16BE(2) : long === 8 ? Number(rest.readBigUInt64BE(2)) : short;
    const payload = rest.subarray(2 + long, 2 + long + length);
    rest = rest.subarray(2 + long + length);
    if (first === 0x81) expect(componentErrors('SocketMessage', JSON.parse(payload.toString()))).toEqual([]);
    else if (first === 0x88) expect(closeCodes).toContain(payload.length < 2 ? 1005 : payload.readUInt16BE(0));
    else expect(first).toBe(0x8a);
    if (first === 0x81) expect(payload.toString()).not.toContain('"internal"');
  }
}

interface Talk {
  readonly isKnown: boolean;
  readonly frames: readonly Buffer[];
}

async function talk({ isKnown, frames }: Talk): Promise<void> {
  const handshake = [
    'GET /api/v1/socket HTTP/1.1',
    `Host: localhost:${server.port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    'Sec-WebSocket-Protocol: workport.v1',
  ].join('\r\n');
  const first = isKnown ? [textFrame(JSON.stringify({ type: 'authenticate', token: 'good' }))] : [];
  const told = await exchangeRaw(server.port, [`${handshake}\r\n\r\n`, ...first, ...frames], { halfClose: true });
  const end = told.indexOf('\r\n\r\n');
  expect(told).toMatch(/^HTTP\/1\.1 101 /);
  expectFrames(Buffer.from(told.slice(end + 4), 'latin1'));
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
}

test('B1: whatever is said on a WebSocket is answered by its messages or closed with a known code', async () => {
  const talks = fc.record({
    isKnown: fc.oneof({ weight: 4, arbitrary: fc.constant(true) }, fc.constant(false)),
    frames: fc.array(sent, { maxLength: 6 }),
  });
  const together = fc.array(talks, { minLength: 8, maxLength: 8 });
  const check = async (all: readonly Talk[]): Promise<void> => void (await Promise.all(all.map(talk)));
  await fc.assert(fc.asyncProperty(together, check), { ...fuzzed(40), endOnFailure: true });
});
