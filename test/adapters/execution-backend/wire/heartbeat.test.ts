import { expect, test, vi } from 'vitest';

import { watchPeer } from '../../../../src/adapters/execution-backend/wire/heartbeat.js';
import { Peer } from '../../../../src/adapters/execution-backend/wire/peer.js';
import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { WireTransport } from '../../../../src/adapters/execution-backend/wire/transport.js';
import type { VirtualClock } from '../../../support/virtual-clock.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { initialize, rawHost } from './raw-end.js';
import { RecordingLogger, ScriptedBackend } from './support.js';

/** An end of the wire whose other end is the test; nothing takes time but the clock. */
function watched() {
  const clock = virtualClock();
  const written: string[] = [];
  let say: (text: string) => void = () => undefined;
  let end: () => void = () => undefined;
  const transport: WireTransport = {
    closed: new Promise((resolve) => (end = resolve)),
    start: (onChunk) => (say = (text) => onChunk(Buffer.from(text))),
    write: (text) => void written.push(...text.trim().split('\n')),
    close: () => end(),
  };
  const logger = new RecordingLogger();
  const handler = { request: () => undefined, notification: () => true };
  const peer = new Peer(transport, { maxLineBytes: 1024, logger, handler });
  peer.start();
  peer.open(1024);
  watchPeer(peer, clock, logger);
  const pings = (): number => written.filter((line) => line.includes('$/ping')).length;
  return { clock, peer, logger, written, pings, say: (text: string) => say(text) };
}

/** Second by second, as timers do. */
async function pass(clock: VirtualClock, seconds: number, each: () => void = () => undefined): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    each();
    await clock.advance(1000);
  }
}

const pong = '{"jsonrpc":"2.0","method":"$/pong","params":{}}\n';

test('a connection on which nothing comes in is asked after 5 s, and closed after 20 s with pings unanswered', async () => {
  const { clock, peer, pings, logger } = watched();
  await pass(clock, 4);
  expect(pings()).toBe(0);
  await pass(clock, 1);
  expect(pings()).toBe(1);
  await pass(clock, 14);
  expect({ pings: pings(), isClosed: peer.isClosed }).toEqual({ pings: 3, isClosed: false });
  await pass(clock, 1);
  expect(peer.isClosed).toBe(true);
  expect(logger.lines).toContainEqual({
    level: 'warn',
    message: 'nothing comes from the other end any more; the connection is closed',
    fields: { silentMs: 20_000 },
  });
  expect(clock.pending).toBe(0);
});

test('a pong, or half a line, is a sign of life: 20 s begin anew', async () => {
  for (const sign of [pong, '{"jsonrpc":"2.0"']) {
    const { clock, peer, say } = watched();
    await pass(clock, 19);
    say(sign);
    await pass(clock, 20);
    expect(peer.isClosed).toBe(false);
    await pass(clock, 1);
    expect(peer.isClosed).toBe(true);
  }
});

test('a connection on which something comes in is neither asked nor closed', async () => {
  const { clock, peer, pings, say } = watched();
  await pass(clock, 120, () => say('{"jsonrpc":"2.0","method":"x"}\n'));
  expect({ pings: pings(), isClosed: peer.isClosed }).toEqual({ pings: 0, isClosed: false });
});

test('pings that are answered keep a connection open that is used for nothing', async () => {
  const { clock, peer, written, say } = watched();
  let answered = 0;
  await pass(clock, 300, () => {
    for (; answered < written.length; answered += 1) say(pong);
  });
  expect(peer.isClosed).toBe(false);
  expect(peer.unansweredPings).toBeLessThanOrEqual(1);
});

test('an event loop that stood still is no silence of the other end', async () => {
  const { clock, peer } = watched();
  await pass(clock, 19);
  // The clock goes on while no timer runs.
  clock.lag(-5000);
  await pass(clock, 1);
  expect(peer.isClosed).toBe(false);
  await pass(clock, 19);
  expect(peer.isClosed).toBe(false);
  await pass(clock, 1);
  expect(peer.isClosed).toBe(true);
});

test('a clock that is set back counts as standing still, too', async () => {
  const { clock, peer } = watched();
  await pass(clock, 10);
  clock.lag(3_600_000);
  await pass(clock, 20);
  expect(peer.isClosed).toBe(false);
  await pass(clock, 1);
  expect(peer.isClosed).toBe(true);
});

test('a ping is answered by a pong: the other end is not left in doubt', async () => {
  const { written, say } = watched();
  say('{"jsonrpc":"2.0","method":"$/ping","params":{}}\n');
  await vi.waitFor(() => expect(written).toContain('{"jsonrpc":"2.0","method":"$/pong","params":{}}'));
});

test('a served host that falls silent loses its connection, and its executions wait for its grace', async () => {
  const clock = virtualClock();
  const author = new ScriptedBackend();
  const { raw, transport } = rawHost();
  const ended = backendServer(author, { clock }).accept(transport, { heartbeat: true });
  raw.send(initialize());
  await raw.answer(1);
  await pass(clock, 20);
  expect((await ended).kind).toBe('connection-lost');
  expect(raw.lines.filter(({ method }) => method === '$/ping').length).toBeGreaterThanOrEqual(2);
});
