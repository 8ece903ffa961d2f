import { expect, test } from 'vitest';

import type { Frame } from '../../../../src/index.js';
import { correlationId } from '../../../support/scripted-gateway.js';
import { upTo, watching, worker } from '../../../support/watched.js';

test('every stream of a client is a subscription on one socket, whose first message is the token', async () => {
  const { host, clock, sockets, watch } = watching('WebSocket');
  const seen = [watch('start'), watch('start'), watch('start')];
  host.say(2);
  await clock.settle();
  expect(seen.map(({ sequences }) => sequences)).toEqual([1, 2, 3].map(() => [1, 2]));
  expect(sockets.opened).toBe(1);
  expect(sockets.said[0]).toEqual({ type: 'authenticate', token: 'good' });
  expect(new Set(sockets.said.map(({ id }) => id)).size).toBe(4);
});

test('who leaves is unsubscribed, the others go on, and the last one closes the socket', async () => {
  const { host, clock, sockets, watch } = watching('WebSocket');
  const [leaving, staying] = [watch('start'), watch('start')];
  await clock.settle();
  await leaving.leave();
  expect(sockets.said.at(-1)).toEqual({ type: 'unsubscribe', id: 's1' });
  host.say(1);
  await clock.advance(10);
  expect([leaving.sequences, staying.sequences, host.open]).toEqual([[], [1], 1]);
  await staying.leave();
  await clock.advance(0);
  expect([host.open, clock.pending]).toEqual([0, 0]);
});

test('all streams of a socket that is cut come back on one other', async () => {
  const { host, clock, sockets, states, watch } = watching('WebSocket');
  const seen = [watch('start'), watch('start')];
  host.say(1);
  await clock.settle();
  host.cut();
  host.say(1);
  await clock.advance(10_000);
  expect(seen.map(({ sequences }) => sequences)).toEqual([
    [1, 2],
    [1, 2],
  ]);
  expect(sockets.opened).toBe(2);
  expect(states).toEqual(['open', 'reconnecting', 'open']);
});

test('without a token nothing is said before the first subscription', async () => {
  const { clock, sockets, watch } = watching('WebSocket', { token: undefined });
  watch();
  await clock.settle();
  expect(sockets.said.map(({ type }) => type)).toEqual(['subscribe']);
});

test('a silent socket is asked whether it lives, and stays open where it answers', async () => {
  const { host, clock, sockets, states, watch } = watching('WebSocket');
  const seen = watch();
  await clock.advance(200_000);
  host.say(1);
  await clock.settle();
  expect(sockets.said.filter(({ type }) => type === 'ping').length).toBeGreaterThan(3);
  expect([sockets.opened, states, seen.sequences]).toEqual([1, ['open'], [1]]);
});

test('P3: a reader that does not read is unsubscribed at a megabyte, and then gets all of it in order', async () => {
  const { host, clock, client, sockets } = watching('WebSocket');
  const frames = client.observe(worker, 'start')[Symbol.asyncIterator]();
  host.say(1);
  const seen: number[] = [];
  const pull = async (): Promise<void> => {
    const { value: frame } = (await frames.next()) as { readonly value: Frame };
    if (frame.type === 'events') seen.push(...frame.observations.map(({ sequence }) => sequence));
  };
  await pull();
  for (let count = 0; count < 20; count += 1) {
    host.say(500);
    await clock.settle();
  }
  expect(sockets.said.at(-1)).toEqual({ type: 'unsubscribe', id: 's1' });
  while (seen.length < 10_001) await pull();
  expect(seen).toEqual(upTo(10_001));
  expect(sockets.opened).toBe(1);
});

test.each([
  'no JSON',
  'null',
  '{"type":"problem","id":"s1"}',
  '{"type":"problem","id":"s1","code":5}',
  '{"type":"events","id":"s1"}',
  '{"type":"events","id":"s1","observations":5}',
])('W16: %s is no message: the connection is lost, and nothing else', async (text) => {
  const { host, clock, sockets, watch } = watching('WebSocket');
  const seen = watch('start');
  await clock.settle();
  sockets.speak(text);
  host.say(1);
  await clock.advance(10_000);
  expect([sockets.opened, seen.sequences, seen.state.isOver]).toEqual([2, [1], false]);
});

test('W16: a cursor that is none is as one that is not known: a stream that was cut begins again', async () => {
  const { host, clock, sockets, watch } = watching('WebSocket');
  const seen = watch('start');
  await clock.settle();
  sockets.speak('{"type":"events","id":"s1","observations":[{"cursor":5}]}');
  await clock.settle();
  host.cut();
  await clock.advance(20_000);
  expect([seen.types, seen.state.isOver]).toEqual([['events', 'snapshot'], false]);
});

test.each([
  [4003, ['snapshot', 'end revoked'], 1],
  [4008, ['snapshot'], 2],
  [1001, ['snapshot'], 2],
  [1013, ['snapshot'], 2],
])('a socket that is closed with %i: %j', async (code, types, opened) => {
  const { clock, sockets, watch } = watching('WebSocket');
  const seen = watch();
  await clock.settle();
  sockets.close(code);
  await clock.advance(10_000);
  expect([seen.types, sockets.opened]).toEqual([types, opened]);
});

test('a socket that is closed with 4003 is followed by one with the next token where that is asked for', async () => {
  const tokens = ['one', 'two'];
  const { host, clock, sockets, watch } = watching('WebSocket', { token: () => tokens.shift() ?? '' });
  const seen = watch();
  await clock.settle();
  sockets.close(4003);
  host.say(1);
  await clock.advance(10_000);
  expect([seen.types, host.tokens]).toEqual([
    ['snapshot', 'events'],
    ['one', 'two'],
  ]);
});

test('a socket on which one stream was revoked takes no more of them, also while another has yet to be read', async () => {
  const { host, clock, client, sockets, watch } = watching('WebSocket', { token: () => 'good' });
  const unread = client.observe(worker)[Symbol.asyncIterator]();
  await unread.next();
  const seen = watch();
  await clock.settle();
  host.end('revoked');
  await clock.advance(10_000);
  host.say(1);
  await clock.settle();
  expect([sockets.opened, seen.types]).toEqual([2, ['snapshot', 'events']]);
});

test.each([
  [
    { code: 'quota-exceeded', outcome: 'rejected', limit: 64 },
    { outcome: 'rejected', code: 'quota-exceeded', limit: 64 },
  ],
  [
    { code: 'log-unavailable', correlationId, outcome: 'errored', executed: 'unknown' },
    { outcome: 'errored', code: 'log-unavailable', executed: 'unknown', correlationId },
  ],
  [
    { code: 'forbidden', correlationId },
    { outcome: 'rejected', code: 'forbidden' },
  ],
])('a refusal says what the message says: %j', async (told, problem) => {
  const { host, clock, sockets, watch } = watching('WebSocket');
  host.fates.push('mute');
  const seen = watch();
  await clock.settle();
  sockets.speak(JSON.stringify({ type: 'problem', id: 's1', ...told }));
  await seen.pulled;
  expect(seen.frames).toEqual([{ type: 'problem', problem }]);
});

test('ids and cursors that are longer than any are cut, so that no message is too long for the host', async () => {
  const { clock, sockets, watch } = watching('WebSocket');
  watch('x'.repeat(100_000));
  await clock.settle();
  expect(sockets.said.at(-1)?.after).toHaveLength(256);
});

test('W18: a subscription that is never answered on a socket that lives is asked for again, then is runtime-unavailable', async () => {
  const { host, clock, watch } = watching('WebSocket');
  host.fates.push('mute', 'mute', 'mute', 'mute');
  const seen = watch();
  await clock.advance(4 * 60_000);
  expect(seen.frames).toMatchObject([{ type: 'problem', problem: { code: 'runtime-unavailable', executed: 'no' } }]);
  expect(clock.pending).toBe(0);
});
