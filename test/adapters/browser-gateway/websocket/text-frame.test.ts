import { once } from 'node:events';

import { expect, it } from 'vitest';

import { textFrame } from '../../../../src/adapters/browser-gateway/websocket/text-frame.js';
import { socketClient } from '../../../support/socket-client.js';
import { socketServer } from '../../../support/socket-server.js';

const bytes = (length: number): Uint8Array => new TextEncoder().encode('x'.repeat(length));

/** A client of `ws` on whose socket the test writes by itself. */
async function openPair() {
  const server = await socketServer();
  const accepted = once(server.listener.server, 'connection');
  const client = await socketClient(server.listener.url);
  const [socket] = (await accepted) as [NodeJS.WritableStream];
  return { server, client, write: (parts: readonly Uint8Array[]) => parts.forEach((part) => socket.write(part)) };
}

it.each([0, 1, 125, 126, 4_095, 4_096, 4_097, 65_535, 65_536, 200_000])(
  'P5: a text of %i bytes reaches a client as it is, also in pieces',
  async (length) => {
    const { server, client, write } = await openPair();
    await using _server = server;
    await using _client = client;
    const told: string[] = [];
    client.webSocket.removeAllListeners('message');
    client.webSocket.on('message', (data: Buffer) => told.push(data.toString()));
    write(textFrame([bytes(3), bytes(length)], true, true));
    write(textFrame([bytes(3), bytes(length)], true, false));
    write(textFrame([bytes(length)], false, false));
    write(textFrame([bytes(length)], false, true));
    write(textFrame([bytes(1)], true, true));
    await expect.poll(() => told.length).toBe(3);
    expect(told.map((text) => text.length)).toEqual([3 + length, 3 + 3 * length, 1]);
  },
);

it('P3: a long body is written as it is, so that sockets share its bytes', () => {
  const body = bytes(5_000);
  expect(textFrame([bytes(3), body], true, true)[1]).toBe(body);
  expect(textFrame([bytes(3), bytes(100)], true, true)).toHaveLength(1);
});
