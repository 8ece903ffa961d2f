import { once } from 'node:events';
import type { Socket } from 'node:net';

import { describe, expect, it } from 'vitest';

import type { Frame } from '../../../../src/ports/browser-gateway.js';
import { maxSocketMessageBytes } from '../../../../src/protocol/browser-socket.js';
import { frameSource } from '../../../support/frames.js';
import type { FrameSource } from '../../../support/frames.js';
import { observationAt } from '../../../support/observations.js';
import { cursorAt, workerView } from '../../../support/scripted-gateway.js';
import { encodeFrame, opcodes } from '../../../support/fuzz/socket-frame.js';
import { knowsGood, oneByOne, socketServer, subscribe } from '../../../support/socket-server.js';

const snapshot: Frame = { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
/** 900,000 bytes of events. */
const large: Frame = {
  type: 'events',
  observations: Array.from({ length: 30 }, (_, index) =>
    observationAt(3 + index, { type: 'output', stream: 'stdout', text: 'x'.repeat(30_000) }),
  ),
};
/** Resolves when nothing more is taken of a source. */
async function isStuck(source: FrameSource): Promise<void> {
  let before = -1;
  const isSame = (): boolean => {
    const isStanding = source.taken === before;
    before = source.taken;
    return isStanding;
  };
  await expect.poll(isSame, { interval: 200 }).toBe(true);
}
const draining = { code: 1001, reason: 'server-draining' };

describe('the end of a WebSocket', () => {
  it('closing the server ends each subscription with server-draining, then closes with 1001', async () => {
    const sources = [frameSource(snapshot), frameSource()];
    const server = await socketServer({ script: oneByOne(sources) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.say(subscribe('b', { after: cursorAt(2) }));
    await client.take(1);
    const closed = server.listener.close();
    expect(await client.rest()).toEqual([
      { type: 'end', id: 'a', code: 'server-draining' },
      { type: 'end', id: 'b', code: 'server-draining' },
    ]);
    expect(await client.closed).toEqual(draining);
    await closed;
    expect(sources.map(({ released }) => released)).toEqual([1, 1]);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('a subscription that is being opened when the server drains gets its end, too', async () => {
    const source = frameSource();
    let isAsked = false;
    const server = await socketServer({
      script: {
        observe(from, signal) {
          isAsked = true;
          return source.observe(from, signal);
        },
      },
    });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await expect.poll(() => isAsked).toBe(true);
    const closed = server.listener.close();
    expect(await client.rest()).toEqual([{ type: 'end', id: 'a', code: 'server-draining' }]);
    expect(await client.closed).toEqual(draining);
    await closed;
    await expect.poll(() => [source.released, server.clock.pending]).toEqual([1, 0]);
    expect(server.logger.lines).toEqual([]);
  });

  it('a socket that has not said who it is closes with 1001 when the server drains, also while that is checked', async () => {
    let isAsked = false;
    const server = await socketServer({
      authenticate: () => {
        isAsked = true;
        return new Promise(() => undefined);
      },
    });
    await using silent = await server.connect();
    await using checked = await server.connect({ token: 'good' });
    await expect.poll(() => isAsked).toBe(true);
    const closed = server.listener.close();
    expect(await Promise.all([silent.closed, checked.closed])).toEqual([draining, draining]);
    await closed;
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('a socket that does not answer the close is cut when the grace is over', async () => {
    const source = frameSource(snapshot);
    const server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.webSocket.pause();
    await server.listener.close({ graceMs: 50 });
    await expect.poll(() => [source.released, server.clock.pending]).toEqual([1, 0]);
  });

  it('a socket that does not answer a close is cut after 5 seconds', async () => {
    await using server = await socketServer({ authenticate: knowsGood });
    await using client = await server.connect();
    await server.clock.armed(2);
    client.say('nonsense');
    client.webSocket.pause();
    await expect.poll(() => server.clock.pending).toBe(1);
    await server.clock.advance(5_000);
    client.webSocket.resume();
    expect((await client.closed).code).toBe(4001);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('a message that is too long closes with 1009, and nothing is left', async () => {
    const source = frameSource(snapshot);
    await using server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.say(''.padEnd(maxSocketMessageBytes));
    expect(await client.next()).toMatchObject({ type: 'problem' });
    client.say(''.padEnd(maxSocketMessageBytes + 1));
    expect((await client.closed).code).toBe(1009);
    await expect.poll(() => [source.released, server.clock.pending]).toEqual([1, 0]);
    expect(server.logger.lines).toEqual([]);
  });

  it.each([
    ['is cut', (client: { terminate(): void }) => client.terminate()],
    ['is closed', (client: { close(): void }) => client.close()],
  ])('a socket that %s in any state leaves nothing', async (_name, leave) => {
    const opened = Array.from({ length: 10 }, () => frameSource());
    const streaming = frameSource(snapshot);
    await using server = await socketServer({
      authenticate: knowsGood,
      options: { streams: 1, subscriptions: 10 },
      script: oneByOne([...opened, streaming]),
    });
    const isAtRest = () => expect.poll(() => server.clock.pending).toBe(0);

    const silent = await server.connect();
    leave(silent.webSocket);
    await isAtRest();

    const opening = await server.connect({ token: 'good' });
    for (let index = 0; index < 10; index += 1) opening.say(subscribe(`${index}`));
    opening.say('nonsense');
    expect(await opening.next()).toEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
    leave(opening.webSocket);
    await isAtRest();
    await expect.poll(() => opened.every(({ released }) => released === 1)).toBe(true);

    const watching = await server.connect({ token: 'good' });
    watching.say(subscribe('a'));
    await watching.take(2);
    leave(watching.webSocket);
    await isAtRest();
    await expect.poll(() => streaming.released).toBe(1);
    expect(server.logger.lines).toEqual([]);
  });

  it('says that it lives each 15 seconds', async () => {
    await using server = await socketServer();
    await using client = await server.connect();
    let pings = 0;
    client.webSocket.on('ping', () => (pings += 1));
    await server.clock.armed(1);
    for (const beat of [1, 2, 3]) {
      await server.clock.advance(15_000);
      await expect.poll(() => pings).toBe(beat);
    }
  });

  it('P3: a client that is behind when the server closes still gets what was ready, and its end', async () => {
    const source = frameSource(snapshot, ...Array<Frame>(100).fill(large));
    const server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.webSocket.pause();
    await isStuck(source);
    const closed = server.listener.close();
    await server.clock.settle();
    client.webSocket.resume();
    expect((await client.rest()).at(-1)).toEqual({ type: 'end', id: 'a', code: 'server-draining' });
    expect(await client.closed).toEqual(draining);
    await closed;
  });

  it('P3: a client that reads nothing for 60 seconds is cut, and another one notices nothing', async () => {
    const [stuck, living] = [frameSource(snapshot, ...Array<Frame>(100).fill(large)), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne([stuck, living]) });
    await using slow = await server.connect();
    slow.say(subscribe('a'));
    await slow.take(2);
    slow.webSocket.pause();
    await using quick = await server.connect();
    quick.say(subscribe('a'));
    await quick.take(2);
    await isStuck(stuck);
    expect(stuck.taken).toBeLessThan(60);
    for (let waited = 0; waited < 60_000; waited += 15_000) {
      const isPinged = once(quick.webSocket, 'ping');
      await server.clock.advance(15_000);
      await isPinged;
    }
    await expect.poll(() => stuck.released).toBe(1);
    slow.webSocket.resume();
    await slow.closed;
    living.push(large);
    expect(await quick.next()).toMatchObject({ type: 'events' });
    expect(server.clock.pending).toBe(1);
  });
});

it('a message of 200,000 empty fragments is read to its end, and hurts nothing', async () => {
  await using server = await socketServer();
  await using client = await server.connect();
  const mask = [0, 0, 0, 0] as const;
  const empty = encodeFrame('', { opcode: opcodes.continuation, fin: false, mask });
  const raw = client.webSocket as unknown as { readonly _socket: Socket };
  raw._socket.write(encodeFrame('', { opcode: opcodes.text, fin: false, mask }));
  raw._socket.write(Buffer.concat(Array.from({ length: 200_000 }, () => empty)));
  raw._socket.write(encodeFrame('{}', { opcode: opcodes.continuation, mask }));
  expect(await client.take(1)).toEqual([{ type: 'problem', code: 'request-invalid', outcome: 'rejected' }]);
});
