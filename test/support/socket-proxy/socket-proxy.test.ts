import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import { temporaryFolder } from '../temporary-folder.js';
import { type SocketAddress, SocketProxy, type SocketProxyOptions } from './index.js';

const loopback: SocketAddress = { port: 0, host: '127.0.0.1' };

/** One end of a connection, and all that it heard. */
class End {
  readonly socket: Socket;
  readonly chunks: string[] = [];
  how: 'open' | 'ended' | 'reset' = 'open';

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.chunks.push(chunk.toString()));
    socket.on('end', () => (this.how = 'ended'));
    socket.on('error', ({ code }: NodeJS.ErrnoException) => (this.how = code === 'ECONNRESET' ? 'reset' : this.how));
    onTestFinished(() => void socket.destroy());
  }

  get text(): string {
    return this.chunks.join('');
  }

  say(text: string): void {
    this.socket.write(text);
  }

  /** Resolves when it has heard all of this. */
  heard(text: string): Promise<void> {
    return vi.waitFor(() => expect(this.text).toBe(text), { interval: 1 });
  }

  finds(how: End['how']): Promise<void> {
    return vi.waitFor(() => expect(this.how).toBe(how), { interval: 1 });
  }
}

/** A host and a backend with a proxy between them, over TCP or over Unix sockets. */
async function ends(options: Partial<SocketProxyOptions> = {}, over: 'tcp' | 'unix' = 'tcp') {
  const folder = over === 'unix' ? await temporaryFolder() : '';
  const address = (name: string): SocketAddress => (over === 'unix' ? { path: join(folder, name) } : loopback);
  const server = createServer();
  server.listen(address('backend'));
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  const bound = server.address();
  const target = bound !== null && typeof bound === 'object' ? { ...loopback, port: bound.port } : address('backend');
  const proxy = await SocketProxy.listen({ listen: address('proxy'), target, ...options });
  onTestFinished(() => proxy[Symbol.asyncDispose]());
  const dial = async (): Promise<{ host: End; backend: End }> => {
    const accepted = once(server, 'connection') as Promise<[Socket]>;
    const host = new End(connect(proxy.address));
    return { host, backend: new End((await accepted)[0]) };
  };
  return { proxy, dial, ...(await dial()) };
}

for (const over of ['tcp', 'unix'] as const) {
  test(`over ${over}, what each end says arrives as it was said, and its lines are recorded and counted`, async () => {
    const { proxy, host, backend } = await ends({}, over);
    host.say('one\ntw');
    await backend.heard('one\n');
    host.say('o\nthree\n');
    await backend.heard('one\ntwo\nthree\n');
    backend.say('äöü\n');
    await host.heard('äöü\n');
    expect(proxy.frames.map(({ direction, number, text }) => `${direction} ${number} ${text}`)).toEqual([
      'to-backend 1 one',
      'to-backend 2 two',
      'to-backend 3 three',
      'to-host 1 äöü',
    ]);
    expect([proxy.count('to-backend'), proxy.count('to-host'), proxy.connections]).toEqual([3, 1, 1]);
  });

  test(`over ${over}, a connection that is cut after a frame brings that frame, and both ends find it ended`, async () => {
    const { proxy, host, backend } = await ends({ judge: ({ text }) => (text === 'b' ? 'cut-after' : 'pass') }, over);
    host.say('a\nb\nc\n');
    await backend.finds('ended');
    await host.finds('ended');
    expect([backend.text, proxy.isWhole]).toEqual(['a\nb\n', false]);
  });
}

test('a connection that is cut within a frame brings half of its bytes', async () => {
  const { host, backend } = await ends({ judge: ({ number }) => (number === 2 ? 'cut-within' : 'pass') });
  backend.say('first\nsecond!\nthird\n');
  await host.finds('ended');
  await backend.finds('ended');
  expect(host.text).toBe('first\nseco');
});

test('a connection that is reset is found reset by both ends, and the next one is numbered on', async () => {
  const { proxy, host, backend, dial } = await ends();
  host.say('one\n');
  await backend.heard('one\n');
  proxy.reset();
  await Promise.all([host.finds('reset'), backend.finds('reset')]);
  const next = await dial();
  next.host.say('two\n');
  await next.backend.heard('two\n');
  expect(proxy.frames.at(-1)).toEqual({ direction: 'to-backend', number: 2, connection: 2, text: 'two' });
});

test('an end that closes its side, with a last line unfinished, is still answered', async () => {
  const { host, backend } = await ends();
  host.socket.end('a\nrest');
  await backend.finds('ended');
  expect(backend.text).toBe('a\nrest');
});

test('where bytes go one at a time they come in pieces, and none is missing', async () => {
  const { host, backend } = await ends({ chunkBytes: 1 });
  const line = `${'0123456789'.repeat(20)}\n`;
  host.say(line);
  await backend.heard(line);
  expect(backend.chunks.length).toBeGreaterThan(line.length / 2);
});

test('a line that is delayed comes later than the delay, and in its order', async () => {
  const { host, backend } = await ends({ delayMs: 30 });
  const begun = performance.now();
  host.say('a\nb\n');
  await backend.heard('a\nb\n');
  expect(performance.now() - begun).toBeGreaterThanOrEqual(55);
});

test('a direction that is stalled accepts everything and brings nothing, until it is released', async () => {
  const { proxy, host, backend } = await ends();
  const release = proxy.stall('to-backend');
  host.say('a\nb\nc');
  backend.say('x\n');
  await host.heard('x\n');
  await vi.waitFor(() => expect(proxy.heldBytes('to-backend')).toBe(5), { interval: 1 });
  expect([backend.text, proxy.count('to-backend')]).toEqual(['', 0]);
  release();
  await backend.heard('a\nb\n');
});

test('of a half-open connection one end is gone and the other is told nothing', async () => {
  const { proxy, host, backend, dial } = await ends();
  proxy.halfOpen('host');
  await backend.finds('ended');
  host.say('does anybody hear me\n');
  const next = await dial();
  next.host.say('yes\n');
  await next.backend.heard('yes\n');
  expect([host.how, host.text, backend.text]).toEqual(['open', '', '']);
});

test('a proxy that is disposed of ends all that it opened, stalled and half-open too', async () => {
  const { proxy, host, backend, dial } = await ends();
  proxy.halfOpen('host');
  const next = await dial();
  proxy.stall('to-host');
  next.backend.say('held\n');
  await proxy[Symbol.asyncDispose]();
  for (const end of [host, backend, next.host, next.backend])
    await vi.waitFor(() => expect(end.how).not.toBe('open'), { interval: 1 });
});
