import { describe, expect, it } from 'vitest';

import { Sequence } from '../../../../src/domain/ids.js';
import { decodeObservation } from '../../../../src/domain/observation/encoded.js';
import { rejected } from '../../../../src/domain/outcome.js';
import type { Frame } from '../../../../src/ports/browser-gateway.js';
import { frameSource } from '../../../support/frames.js';
import { encodedNotices, observationAt } from '../../../support/observations.js';
import { correlationId, cursorAt, workerView } from '../../../support/scripted-gateway.js';
import { oneByOne, socketServer, subscribe, unsubscribe } from '../../../support/socket-server.js';

const snapshot: Frame = { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
const events = (from: number, to: number): Frame => ({
  type: 'events',
  observations: encodedNotices(from, to).map(decodeObservation),
});
const end: Frame = { type: 'end', code: 'worker-deleted' };
const invalid = { type: 'problem', code: 'request-invalid', outcome: 'rejected' };

describe('a subscription on a WebSocket', () => {
  it('tells snapshot, events, gap and end in the form of the protocol', async () => {
    const gap: Frame = { type: 'gap', from: Sequence(5), to: Sequence(9) };
    const source = frameSource(snapshot, events(3, 4), gap, { ...snapshot, cursor: cursorAt(9) }, end);
    await using server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a'));
    const told = await client.take(6);
    expect(told.map((message) => [message.type, 'id' in message && message.id])).toEqual(
      ['subscribed', 'snapshot', 'events', 'gap', 'snapshot', 'end'].map((type) => [type, 'a']),
    );
    const encoded = encodedNotices(3, 4).map(({ json }) => json);
    expect(client.received[2]).toBe(`{"type":"events","id":"a","observations":[${encoded.join(',')}]}`);
    expect(client.received.slice(3)).toEqual([
      '{"type":"gap","id":"a","from":5,"to":9}',
      expect.stringContaining(cursorAt(9)),
      '{"type":"end","id":"a","code":"worker-deleted"}',
    ]);
    expect(source.released).toBe(1);
  });

  it('P5: a cursor and start are places to begin at', async () => {
    const from: (string | undefined)[] = [];
    const observe = (after: string | undefined, signal: AbortSignal) => {
      from.push(after);
      return frameSource(end).observe(after, signal);
    };
    await using server = await socketServer({ script: { observe } });
    await using client = await server.connect();
    client.say(subscribe('a', { after: 'start' }));
    client.say(subscribe('b', { after: cursorAt(4) }));
    client.say(subscribe('c'));
    await client.take(6);
    expect(from).toEqual(['start', cursorAt(4), undefined]);
  });

  it('P5: after a cursor at the end of the log is told of at once, without waiting for the next event', async () => {
    const source = frameSource();
    await using server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a', { after: cursorAt(4) }));
    expect(await client.next()).toEqual({ type: 'subscribed', id: 'a' });
    source.push(events(5, 5));
    expect(await client.next()).toMatchObject({ type: 'events', observations: [{ cursor: cursorAt(5) }] });
  });

  it.each([
    [rejected('worker-unknown'), { code: 'worker-unknown', outcome: 'rejected' }],
    [rejected('cursor-invalid'), { code: 'cursor-invalid', outcome: 'rejected' }],
    [
      { ...rejected('forbidden'), limit: 3, backendCode: 'x' },
      { code: 'forbidden', outcome: 'rejected', limit: 3 },
    ],
    [
      { outcome: 'errored', code: 'log-unavailable', executed: 'no', correlationId },
      { code: 'log-unavailable', correlationId, outcome: 'errored', executed: 'no' },
    ],
  ] as const)('that is refused is told as a problem with its id: %o', async (problem, told) => {
    const sources = [frameSource({ type: 'problem', problem }), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne(sources) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    expect(await client.next()).toEqual({ type: 'problem', id: 'a', ...told });
    await expect.poll(() => sources[0]?.released).toBe(1);
    client.say(subscribe('a'));
    expect(await client.next()).toEqual({ type: 'subscribed', id: 'a' });
  });

  it.each([
    [{ runtimeId: '-' }, 'runtime-unknown'],
    [{ runtimeId: '../x' }, 'runtime-unknown'],
    [{ workerId: 'x' }, 'worker-unknown'],
    [{ workerId: '' }, 'worker-unknown'],
  ])('ids of the wrong form name nothing: %o', async (place, code) => {
    await using server = await socketServer({ script: oneByOne([]) });
    await using client = await server.connect();
    client.say(subscribe('a', place));
    expect(await client.next()).toEqual({ type: 'problem', id: 'a', code, outcome: 'rejected' });
  });

  it('under an id that is in use is a problem without an id, and the one that has it goes on', async () => {
    const source = frameSource(snapshot);
    await using server = await socketServer({ script: oneByOne([source]) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    client.say(subscribe('a'));
    const told = await client.take(3);
    expect(told).toContainEqual(invalid);
    source.push(events(3, 3));
    expect(await client.next()).toMatchObject({ type: 'events', id: 'a' });
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['nothing', ''],
    ['an unknown type', '{"type":"create"}'],
    ['an unknown key', JSON.stringify({ ...subscribe('b'), limit: 1 })],
    ['a wrong type', JSON.stringify({ ...subscribe('b'), after: 1 })],
    ['a ping about a subscription', '{"type":"ping","id":"a"}'],
    ['an id with a space', JSON.stringify(unsubscribe('a b'))],
    ['a message of bytes', Buffer.from(JSON.stringify(subscribe('b')))],
  ])('%s is a problem without an id, and all else goes on', async (_name, message) => {
    const source = frameSource(snapshot);
    await using server = await socketServer({ script: oneByOne([source]) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.say(message);
    expect(await client.next()).toEqual(invalid);
    source.push(events(3, 3));
    expect(await client.next()).toMatchObject({ type: 'events', id: 'a' });
  });

  it('that is taken back says nothing more, and its id is free; one that nobody knows is ignored', async () => {
    const sources = [frameSource(snapshot), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne(sources), options: { subscriptions: 1 } });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(2);
    client.say(unsubscribe('a'));
    client.say(unsubscribe('a'));
    client.say(unsubscribe('nobody'));
    await expect.poll(() => sources[0]?.released).toBe(1);
    sources[0]?.push(events(3, 3));
    client.say(subscribe('a'));
    expect((await client.take(2)).map(({ type }) => type)).toEqual(['subscribed', 'snapshot']);
  });

  it('taken back while it is opened says nothing, and gives back what it had', async () => {
    const sources = [frameSource(), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne(sources), options: { subscriptions: 1 } });
    await using client = await server.connect();
    client.say(subscribe('a'));
    client.say(unsubscribe('a'));
    client.say(subscribe('b'));
    expect((await client.take(2)).map((message) => [message.type, 'id' in message && message.id])).toEqual([
      ['subscribed', 'b'],
      ['snapshot', 'b'],
    ]);
    await expect.poll(() => sources[0]?.released).toBe(1);
  });

  it('one more than the principal may have, over all its sockets, is quota-exceeded, until one of them ends', async () => {
    const sources = [frameSource(snapshot), frameSource(snapshot), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne(sources), options: { subscriptions: 2 } });
    await using one = await server.connect();
    await using other = await server.connect();
    one.say(subscribe('a'));
    other.say(subscribe('a'));
    await Promise.all([one.take(2), other.take(2)]);
    one.say(subscribe('b'));
    expect(await one.next()).toEqual({
      type: 'problem',
      id: 'b',
      code: 'quota-exceeded',
      outcome: 'rejected',
      limit: 2,
    });
    sources[1]?.push(end);
    expect(await other.next()).toEqual({ type: 'end', id: 'a', code: 'worker-deleted' });
    one.say(subscribe('b'));
    expect(await one.next()).toEqual({ type: 'subscribed', id: 'b' });
  });

  it('B2: an observer that throws is a problem with its id, and its cause is in the operator’s log alone', async () => {
    const [failing, living] = [frameSource(snapshot), frameSource(snapshot)];
    await using server = await socketServer({ script: oneByOne([failing, living]) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    client.say(subscribe('b'));
    await client.take(4);
    const cause = new Error('CANARY');
    failing.fail(cause);
    await client.next();
    expect(server.logger.lines).toMatchObject([{ level: 'error', fields: { cause } }]);
    const { correlationId: id } = server.logger.lines[0]?.fields ?? {};
    const head = { type: 'problem', id: 'a', code: 'internal', correlationId: id };
    expect(client.received.at(-1)).toBe(JSON.stringify({ ...head, outcome: 'errored', executed: 'no' }));
    expect(client.received.join('')).not.toContain('CANARY');
    living.push(events(3, 3));
    expect(await client.next()).toMatchObject({ type: 'events', id: 'b' });
  });

  it.each([
    ['throws before its first frame', (source: ReturnType<typeof frameSource>) => source.fail(new Error('x'))],
    ['ends without a word', (source: ReturnType<typeof frameSource>) => source.finish()],
  ])('an observer that %s is a problem with its id, as a defect', async (_name, act) => {
    const source = frameSource();
    act(source);
    await using server = await socketServer({ script: source });
    await using client = await server.connect();
    client.say(subscribe('a'));
    const told = await client.next();
    const last = told.type === 'subscribed' ? await client.next() : told;
    expect(last).toMatchObject({ type: 'problem', id: 'a', code: 'internal' });
    expect(server.logger.lines).toHaveLength(1);
  });

  it('a gateway that throws at once is a problem with its id', async () => {
    await using server = await socketServer({ script: oneByOne([]), options: { subscriptions: 1 } });
    await using client = await server.connect();
    for (const id of ['a', 'b']) {
      client.say(subscribe(id));
      expect(await client.next()).toMatchObject({ type: 'problem', id, code: 'internal' });
    }
  });

  it('B1: what a frame holds beside its fields is not told', async () => {
    const more = { canary: 'CANARY' };
    const observation = { ...observationAt(3, { type: 'notice', level: 'info', text: 'x' }), ...more };
    const frames = [
      { ...snapshot, ...more },
      { type: 'events', observations: [observation], ...more },
      { type: 'gap', from: 1, to: 2, ...more },
      { ...end, ...more },
    ] as Frame[];
    await using server = await socketServer({ script: frameSource(...frames) });
    await using client = await server.connect();
    client.say(subscribe('a'));
    await client.take(5);
    expect(client.received.join('')).not.toContain('CANARY');
  });

  it('10,000 that are taken back at once are opened a few at a time, and leave nothing', async () => {
    let open = 0;
    let most = 0;
    let opened = 0;
    const observe = (_from: string | undefined, signal: AbortSignal) => {
      open += 1;
      opened += 1;
      most = Math.max(most, open);
      signal.addEventListener('abort', () => setImmediate(() => (open -= 1)));
      return frameSource().observe(undefined, signal);
    };
    await using server = await socketServer({ script: { observe } });
    await using client = await server.connect();
    for (let index = 0; index < 10_000; index += 1) {
      client.say(subscribe(`${index % 7}`));
      client.say(unsubscribe(`${index % 7}`));
    }
    client.say('nonsense');
    expect(await client.next()).toEqual(invalid);
    expect(opened).toBe(10_000);
    expect(most).toBeLessThan(50);
    await expect.poll(() => open).toBe(0);
  });
});
