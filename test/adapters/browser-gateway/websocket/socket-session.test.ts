import { describe, expect, it } from 'vitest';

import type { HttpOptions } from '../../../../src/adapters/browser-gateway/http/index.js';
import { edgeOf } from '../../../../src/adapters/browser-gateway/edge/edge.js';
import { SocketSession } from '../../../../src/adapters/browser-gateway/websocket/socket-session.js';
import type { Observation } from '../../../../src/domain/observation/event.js';
import type { Frame } from '../../../../src/ports/browser-gateway.js';
import type { SocketMessage } from '../../../../src/protocol/browser-socket.js';
import { frameSource } from '../../../support/frames.js';
import { observationAt } from '../../../support/observations.js';
import { cursorAt, scriptedGateway, workerView } from '../../../support/scripted-gateway.js';
import type { Script } from '../../../support/scripted-gateway.js';
import { scriptedPeer } from '../../../support/scripted-peer.js';
import { oneByOne, subscribe, unsubscribe } from '../../../support/socket-server.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const output = (sequence: number, length: number, text = 'x'): Observation =>
  observationAt(sequence, { type: 'output', stream: 'stdout', text: text.repeat(length) });
const events = (...observations: readonly Observation[]): Frame => ({ type: 'events', observations });
/** Frames of `count` events, about 1,000 characters each. */
const frames = (count: number, number: number): Frame[] =>
  Array.from({ length: number }, (_, frame) =>
    events(...Array.from({ length: count }, (__, index) => output(3 + frame * count + index, 1_000))),
  );

function session(script: Script, options: HttpOptions = {}) {
  const clock = virtualClock();
  const peer = scriptedPeer();
  const edge = edgeOf({ gateway: scriptedGateway(script), clock, options });
  const open = new SocketSession(peer, edge);
  return {
    clock,
    peer,
    edge,
    session: open,
    say: (message: object) => open.received(JSON.stringify(message)),
    ids: () => peer.messages().map((message) => ('id' in message ? message.id : undefined)),
  };
}

const sequencesOf = (messages: readonly SocketMessage[]): number[] =>
  messages.flatMap((message) =>
    message.type === 'events' ? message.observations.map(({ sequence }) => sequence) : [],
  );
const upTo = (last: number): number[] => Array.from({ length: last - 2 }, (_, index) => index + 3);

describe('P3: what a session sends', () => {
  it('of events that are ready goes out in messages of some 64 KiB at most', async () => {
    const { clock, peer, say } = session(frameSource(...frames(300, 1)));
    peer.takeAll();
    say(subscribe('a'));
    await clock.settle();
    expect(sequencesOf(peer.messages())).toEqual(upTo(302));
    expect(peer.sent.length).toBeGreaterThan(5);
    expect(peer.sent.every(({ bytes, isLast }) => isLast && bytes < 70_000)).toBe(true);
  });

  it('a larger event goes alone, in pieces, and comes whole', async () => {
    const [before, large, after] = [output(3, 10), output(4, 150_000, 'é'), output(5, 10)];
    const { clock, peer, say } = session(frameSource(events(before, large, after)));
    peer.takeAll();
    say(subscribe('a'));
    await clock.settle();
    const told = peer.messages().flatMap((message) => (message.type === 'events' ? [message.observations] : []));
    expect(told).toEqual([[before], [large], [after]]);
    expect(peer.sent.filter(({ isLast }) => !isLast)).toHaveLength(4);
    expect(Math.max(...peer.sent.map(({ bytes }) => bytes))).toBeLessThan(66_000);
  });

  it('a large snapshot goes out in pieces', async () => {
    const entry = { id: 'm', sequence: 1, at: workerView.createdAt, role: 'assistant', complete: true } as const;
    const transcript = [{ ...entry, parts: [{ type: 'text', text: 'x'.repeat(200_000) }] }] as never;
    const { clock, peer, say } = session(
      frameSource({ type: 'snapshot', worker: workerView, transcript, cursor: cursorAt(2) }),
    );
    peer.takeAll();
    say(subscribe('a'));
    await clock.settle();
    expect(peer.messages().map(({ type }) => type)).toEqual(['subscribed', 'snapshot']);
    expect(Math.max(...peer.sent.map(({ bytes }) => bytes))).toBeLessThan(66_000);
  });

  it('waits in the log while the network takes nothing, but for what may be in flight', async () => {
    const source = frameSource(...frames(10, 200));
    const { clock, peer, say } = session(source, { inFlightBytes: 50_000 });
    say(subscribe('a'));
    await clock.settle();
    expect(source.taken).toBe(5);
    let most = 0;
    while (peer.take()) {
      await clock.settle();
      most = Math.max(most, peer.waiting);
    }
    expect(most).toBeLessThan(140_000);
    expect(sequencesOf(peer.messages())).toEqual(upTo(2_002));
  });

  it('of many subscriptions no more comes in than one frame each, and no second one while the socket is full', async () => {
    const sources = Array.from({ length: 10 }, () => frameSource(...frames(40, 3)));
    const { clock, peer, say, ids } = session(oneByOne(sources), { inFlightBytes: 100_000 });
    for (let index = 0; index < 10; index += 1) say(subscribe(`${index}`, { after: 'start' }));
    await clock.settle();
    expect(sources.reduce((sum, { taken }) => sum + taken, 0)).toBeLessThanOrEqual(12);
    peer.takeAll();
    await expect.poll(() => ids().length).toBeGreaterThanOrEqual(10 * (1 + 3 * 2));
    await clock.settle();
    for (let index = 0; index < 10; index += 1) {
      const told = peer.messages().filter((message) => 'id' in message && message.id === `${index}`);
      expect(sequencesOf(told)).toEqual(upTo(122));
    }
  });

  it('subscriptions take turns, message by message', async () => {
    const [large, small] = [frameSource(...frames(500, 1)), frameSource(...frames(1, 3))];
    const { clock, peer, say, ids } = session(oneByOne([large, small]));
    say(subscribe('large', { after: 'start' }));
    say(subscribe('small', { after: 'start' }));
    await clock.settle();
    while (peer.take()) await clock.settle();
    const turns = ids();
    expect(turns.length).toBeGreaterThan(15);
    // Behind what is with the network already, and then one message of the other at most.
    expect(turns.indexOf('small')).toBeLessThan(6);
    expect(turns.slice(turns.lastIndexOf('small')).length).toBeGreaterThan(4);
  });

  it('no message is taken while the socket is full, and no more is read then than a few', async () => {
    const source = frameSource(...frames(200, 2));
    const { clock, peer, say } = session(oneByOne([source]), { inFlightBytes: 1_000 });
    say(subscribe('a', { after: 'start' }));
    await clock.settle();
    for (let index = 0; index < 20; index += 1) say({ type: 'nonsense' });
    await clock.settle();
    expect(peer.isPaused).toBe(true);
    while (peer.take()) await clock.settle();
    await expect.poll(() => peer.messages().filter(({ type }) => type === 'problem').length).toBeGreaterThan(0);
    peer.takeAll();
    await expect.poll(() => peer.messages().filter(({ type }) => type === 'problem')).toHaveLength(20);
    expect(peer.isPaused).toBe(false);
  });

  it('what was said by halves is said whole when its subscription is taken back', async () => {
    const sources = [frameSource(events(output(3, 300_000)), ...frames(100, 1)), frameSource(...frames(1, 1))];
    const { clock, peer, say } = session(oneByOne(sources));
    say(subscribe('a', { after: 'start' }));
    await clock.settle();
    peer.take();
    await clock.settle();
    say(unsubscribe('a'));
    say(subscribe('a', { after: 'start' }));
    peer.takeAll();
    await expect.poll(() => peer.messages().length).toBe(4);
    expect(peer.messages().map(({ type }) => type)).toEqual(['subscribed', 'events', 'subscribed', 'events']);
    await expect.poll(() => sources[0]?.released).toBe(1);
  });
});

describe('P3: a socket that takes nothing', () => {
  const stuck = async (options: HttpOptions = {}) => {
    const source = frameSource(...frames(200, 2));
    const open = session(source, options);
    open.say(subscribe('a', { after: 'start' }));
    await open.clock.settle();
    return { ...open, source };
  };

  it('for 60 seconds while something waits for it is closed as slow-consumer and cut', async () => {
    const { clock, peer, source, session: slow } = await stuck();
    await clock.advance(59_999);
    expect([peer.end, source.released]).toEqual([undefined, 0]);
    await clock.advance(1);
    expect(peer.end).toBe('4008 slow-consumer cut');
    await expect.poll(() => source.released).toBe(1);
    slow.closed();
    expect(clock.pending).toBe(0);
  });

  it.each([
    ['takes a piece', ({ peer }: Awaited<ReturnType<typeof stuck>>) => void peer.take()],
    ['answers a ping', ({ session: slow }: Awaited<ReturnType<typeof stuck>>) => slow.pong()],
    ['says something', ({ say }: Awaited<ReturnType<typeof stuck>>) => say({ type: 'nonsense' })],
  ])('but now and then %s is not slow', async (_name, act) => {
    const open = await stuck();
    for (let minute = 0; minute < 4; minute += 1) {
      await open.clock.advance(50_000);
      act(open);
    }
    expect(open.peer.end).toBeUndefined();
    await open.clock.advance(60_000);
    expect(open.peer.end).toBe('4008 slow-consumer cut');
  });

  it('because there is nothing for it is not slow, nor as soon as there is something', async () => {
    const source = frameSource();
    const { clock, peer, say } = session(source);
    peer.takeAll();
    say(subscribe('a', { after: cursorAt(2) }));
    await clock.advance(300_000);
    expect([peer.end, peer.pings]).toEqual([undefined, 20]);
    const late = session(oneByOne([source]));
    await late.clock.advance(300_000);
    late.say({ type: 'nonsense' });
    await late.clock.advance(59_999);
    expect(late.peer.end).toBeUndefined();
    await late.clock.advance(1);
    expect(late.peer.end).toBe('4008 slow-consumer cut');
  });

  it('while it is to be closed is cut, too', async () => {
    const { clock, peer, edge } = await stuck();
    edge.streams.drain();
    await clock.advance(59_999);
    expect(peer.end).toBeUndefined();
    await clock.advance(1);
    expect(peer.end).toBe('4008 slow-consumer cut');
  });

  it('while it is to be closed is cut, however much it says', async () => {
    const { clock, peer, edge, say, session: slow } = await stuck();
    edge.streams.drain();
    for (let second = 0; second < 60; second += 1) {
      say({ type: 'nonsense' });
      slow.pong();
      await clock.advance(1_000);
    }
    expect(peer.end).toBe('4008 slow-consumer cut');
  });

  it('is told its end after what was ready, when it takes again', async () => {
    const { peer, edge } = await stuck();
    edge.streams.drain();
    expect(peer.end).toBeUndefined();
    peer.takeAll();
    await expect.poll(() => peer.end).toBe('1001 server-draining');
    const told = peer.messages();
    expect(told.at(-1)).toEqual({ type: 'end', id: 'a', code: 'server-draining' });
    expect(sequencesOf(told)).toEqual(upTo(202));
  });
});
