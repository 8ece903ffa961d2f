import { describe, expect, it } from 'vitest';

import type { Admission } from '../../../../src/ports/authenticator.js';
import { frameSource } from '../../../support/frames.js';
import { everything } from '../../../support/http.js';
import { cursorAt } from '../../../support/scripted-gateway.js';
import { knowsGood, oneByOne, socketServer, subscribe } from '../../../support/socket-server.js';

const authenticate = (token: string) => ({ type: 'authenticate', token });
const unauthenticated = { code: 4001, reason: 'unauthenticated' };

describe('a WebSocket where callers have to say who they are', () => {
  it('serves who authenticates with its first message', async () => {
    await using server = await socketServer({ authenticate: knowsGood, script: frameSource() });
    await using client = await server.connect();
    client.say(authenticate('good'));
    client.say(subscribe('a', { after: 'start' }));
    client.say('nonsense');
    expect(await client.next()).toEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
  });

  it.each([
    ['a wrong token', authenticate('wrong')],
    ['a subscription', subscribe('a')],
    ['an empty token', authenticate('')],
    ['an authentication with a key too many', { ...authenticate('good'), more: 1 }],
    ['what is no JSON', 'good'],
    ['a message of bytes', Buffer.from(JSON.stringify(authenticate('good')))],
  ])('%s as the first message closes it with 4001', async (_name, message) => {
    const source = frameSource();
    await using server = await socketServer({ authenticate: knowsGood, script: source });
    await using client = await server.connect();
    client.say(message);
    client.say(authenticate('good'));
    expect(await client.closed).toEqual(unauthenticated);
    expect(client.received).toEqual([]);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('nothing within 10 seconds closes it with 4001', async () => {
    await using server = await socketServer({ authenticate: knowsGood });
    await using client = await server.connect();
    await server.clock.armed(2);
    await server.clock.advance(9_999);
    expect(client.webSocket.readyState).toBe(client.webSocket.OPEN);
    await server.clock.advance(1);
    expect(await client.closed).toEqual(unauthenticated);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('what comes while the token is checked is kept in order, and bounded', async () => {
    let admit = (_admission: Admission): void => undefined;
    const checked = new Promise<Admission>((resolve) => (admit = resolve));
    await using server = await socketServer({ authenticate: () => checked });
    await using client = await server.connect();
    client.say(authenticate('good'));
    const long = JSON.stringify({ type: 'unsubscribe', id: 'nobody' }).padEnd(16_000);
    for (let index = 0; index < 2_000; index += 1) client.say(long);
    client.say(subscribe('a'));
    client.say('nonsense');
    // What the server has not read stays here.
    await expect.poll(() => client.webSocket.bufferedAmount).toBeGreaterThan(0);
    await server.clock.settle();
    expect(client.webSocket.bufferedAmount).toBeGreaterThan(0);
    expect(client.received).toEqual([]);
    admit({ principal: everything });
    const told = await client.take(2);
    expect(told).toContainEqual({ type: 'problem', id: 'a', code: 'worker-unknown', outcome: 'rejected' });
    expect(told).toContainEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
  });

  it('an authenticator that rejects closes it with 1011 after a problem; the cause is in the operator’s log alone', async () => {
    const cause = new Error('CANARY');
    await using server = await socketServer({ authenticate: () => Promise.reject(cause) });
    await using client = await server.connect();
    client.say(authenticate('good'));
    const [line] = await client.rest();
    expect(await client.closed).toEqual({ code: 1011, reason: 'internal' });
    expect(server.logger.lines).toMatchObject([{ level: 'error', fields: { cause } }]);
    const { correlationId } = server.logger.lines[0]?.fields ?? {};
    expect(line).toEqual({ type: 'problem', code: 'internal', correlationId, outcome: 'errored', executed: 'no' });
    expect(client.received.join('')).not.toContain('CANARY');
  });

  it('W18: an authenticator that hangs is a defect after 10 seconds', async () => {
    let isLeft = false;
    await using server = await socketServer({
      authenticate: (_token, { signal }) => {
        signal.addEventListener('abort', () => (isLeft = true));
        return new Promise(() => undefined);
      },
    });
    await using client = await server.connect();
    client.say(authenticate('good'));
    await server.clock.armed(2);
    await server.clock.settle();
    await server.clock.advance(10_000);
    expect(await client.closed).toEqual({ code: 1011, reason: 'internal' });
    expect(isLeft).toBe(true);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('a socket that is cut while its token is checked lets go of the authenticator', async () => {
    let signalOf: AbortSignal | undefined;
    await using server = await socketServer({
      authenticate: (_token, { signal }) => {
        signalOf = signal;
        return new Promise(() => undefined);
      },
    });
    await using client = await server.connect({ token: 'good' });
    await expect.poll(() => signalOf).toBeDefined();
    client.webSocket.terminate();
    await expect.poll(() => signalOf?.aborted).toBe(true);
    await expect.poll(() => server.clock.pending).toBe(0);
    expect(server.logger.lines).toEqual([]);
  });

  it('revoked while the token is checked closes it with 4003', async () => {
    const revoked = new AbortController();
    await using server = await socketServer({
      authenticate: async () => {
        queueMicrotask(() => queueMicrotask(() => revoked.abort()));
        return { principal: everything, revoked: revoked.signal };
      },
    });
    await using client = await server.connect({ token: 'good' });
    expect(await client.closed).toEqual({ code: 4003, reason: 'revoked' });
  });

  it('a token whose credential is revoked already closes it with 4001', async () => {
    const revoked = AbortSignal.abort();
    await using server = await socketServer({ authenticate: async () => ({ principal: everything, revoked }) });
    await using client = await server.connect({ token: 'good' });
    expect(await client.closed).toEqual(unauthenticated);
  });

  it('revoked later ends each subscription, then closes it with 4003', async () => {
    const revoked = new AbortController();
    const sources = [frameSource(), frameSource()];
    await using server = await socketServer({
      authenticate: async () => ({ principal: everything, revoked: revoked.signal }),
      script: oneByOne(sources),
    });
    await using client = await server.connect({ token: 'good' });
    client.say(subscribe('a', { after: cursorAt(2) }));
    client.say(subscribe('b', { after: cursorAt(2) }));
    await client.take(2);
    revoked.abort();
    expect(await client.rest()).toEqual([
      { type: 'end', id: 'a', code: 'revoked' },
      { type: 'end', id: 'b', code: 'revoked' },
    ]);
    expect(await client.closed).toEqual({ code: 4003, reason: 'revoked' });
    await expect.poll(() => sources.map(({ released }) => released)).toEqual([1, 1]);
    await expect.poll(() => server.clock.pending).toBe(0);
  });

  it('authenticating again is a message that cannot be taken', async () => {
    await using server = await socketServer({ authenticate: knowsGood });
    await using client = await server.connect({ token: 'good' });
    client.say(authenticate('good'));
    expect(await client.next()).toEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
  });

  it('a ping is answered once the token is known, and with nothing to watch; before, it is no first message', async () => {
    await using server = await socketServer({ authenticate: knowsGood });
    await using client = await server.connect({ token: 'good' });
    client.say({ type: 'ping' });
    expect(await client.next()).toEqual({ type: 'pong' });
    await using stranger = await server.connect();
    stranger.say({ type: 'ping' });
    expect(await stranger.rest()).toEqual([]);
    expect(await stranger.closed).toEqual({ code: 4001, reason: 'unauthenticated' });
  });

  it('one socket more than the principal may have open closes with 1013, until one of them is closed', async () => {
    await using server = await socketServer({ authenticate: knowsGood, options: { streams: 1 } });
    const first = await server.connect({ token: 'good' });
    first.say('');
    await first.next();
    await using second = await server.connect({ token: 'good' });
    expect(await second.closed).toEqual({ code: 1013, reason: 'quota-exceeded' });
    await first[Symbol.asyncDispose]();
    const isServed = async (): Promise<boolean> => {
      await using third = await server.connect({ token: 'good' });
      third.say('');
      return await third.next().then(
        () => true,
        () => false,
      );
    };
    await expect.poll(isServed).toBe(true);
  });
});

describe('a WebSocket where nobody has to say who they are', () => {
  it('serves at once; authenticating is harmless, whenever it comes', async () => {
    await using server = await socketServer();
    await using client = await server.connect({ token: 'whatever' });
    client.say(subscribe('a'));
    client.say(authenticate('again'));
    client.say('nonsense');
    expect(await client.take(2)).toEqual([
      { type: 'problem', id: 'a', code: 'worker-unknown', outcome: 'rejected' },
      { type: 'problem', code: 'request-invalid', outcome: 'rejected' },
    ]);
  });

  it('waits for no token', async () => {
    await using server = await socketServer();
    await using client = await server.connect();
    await server.clock.armed(1);
    await server.clock.advance(15_000);
    client.say('nonsense');
    expect(await client.next()).toEqual({ type: 'problem', code: 'request-invalid', outcome: 'rejected' });
  });
});

describe('sockets that have not said who they are', () => {
  it('W18: are so many at most: the one that has waited longest is cut, and nobody who has', async () => {
    await using server = await socketServer({ authenticate: knowsGood, options: { strangers: 2 } });
    await using known = await server.connect({ token: 'good' });
    known.say(subscribe('a'));
    await known.next();
    await using first = await server.connect();
    await using second = await server.connect();
    await using third = await server.connect();
    expect(await first.closed).toMatchObject({ code: 1006 });
    third.say(authenticate('good'));
    third.say(subscribe('b'));
    expect(await third.next()).toMatchObject({ id: 'b' });
    await using fourth = await server.connect();
    await server.clock.settle();
    for (const open of [second, fourth, known]) expect(open.webSocket.readyState).toBe(open.webSocket.OPEN);
  });
});
