import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { beforeAll, describe, expect, test, vi } from 'vitest';

import type { BackendListener } from '../../../../src/adapters/execution-backend/serve/index.js';
import type { SharedKey } from '../../../../src/adapters/execution-backend/wire/challenge.js';
import { suiteFolder, temporaryFolder } from '../../../support/temporary-folder.js';
import type { VirtualClock } from '../../../support/virtual-clock.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { inputId, text, worker1 } from '../wire/support.js';
import { certificateIn, dial, host, keyFileOf, newKey, rawTo, served, showKey } from './support.js';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const named = { workerId: worker1, generation: 1 };

/** A server with a host on it whose execution goes on, whatever else happens. */
async function busy(more: { readonly clock?: VirtualClock; readonly maxUnopened?: number } = {}) {
  const key = newKey();
  const keyFile = await keyFileOf(await temporaryFolder(), key);
  const all = await served({ listen: 'tcp:127.0.0.1:0', keyFile, ...more });
  const raw = await host(all.listener.address, key);
  raw.send({ id: 4, method: 'worker/spawn', params: { ...named, profile: { name: 'p', options: {} } } });
  await raw.answer(4);
  let said = 0;
  /** Whether an input gets its answer, and an event comes through. */
  const isServed = async (): Promise<void> => {
    said += 1;
    const parts = [{ type: 'text', text: 'go' }];
    raw.send({ id: 100 + said, method: 'worker/input', params: { ...named, inputId: inputId(said), parts } });
    expect((await raw.answer(100 + said)).result).toEqual({ outcome: 'accepted' });
    await all.author.publisher.publish(text(`said ${said}`, inputId(said)));
    await raw.line((line) => JSON.stringify(line.params ?? {}).includes(`"said ${said}"`));
    raw.send({ method: '$/ack', params: { ...named, sequence: said } });
  };
  await isServed();
  return { ...all, key, raw, isServed };
}

const isOver = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.resume();
    if (socket.closed) resolve();
    else socket.once('close', () => resolve());
  });
const isEmpty = (listener: BackendListener, open: number): Promise<void> =>
  vi.waitFor(() => expect(listener.counts()).toMatchObject({ open, unopened: 0 }), 5000);
const flood = (address: string, count: number): readonly Socket[] => Array.from({ length: count }, () => dial(address));

test('a flood of 500 connections that say nothing is dropped but for those that may wait; a served host goes on', async () => {
  const clock = virtualClock();
  const { listener, logger, isServed, raw } = await busy({ clock });
  const sockets = flood(listener.address, 500);
  const over = Promise.all(sockets.map(isOver));
  await vi.waitFor(() => expect(listener.counts().refused['too-many']).toBe(468), 5000);
  expect(listener.counts()).toMatchObject({ open: 1, unopened: 32 });
  await isServed();
  await clock.advance(10_000);
  await over;
  await isServed();
  await isEmpty(listener, 1);
  expect(listener.counts().refused).toMatchObject({ 'too-many': 468, 'handshake-timeout': 32 });
  expect(logger.lines.filter(({ level }) => level === 'warn').length).toBeLessThanOrEqual(3);
  expect(raw.isClosed).toBe(false);
});

test('a new host is let in again as soon as a flood is over', async () => {
  const { listener, key } = await busy({ maxUnopened: 4 });
  const sockets = flood(listener.address, 50);
  await vi.waitFor(() => expect(listener.counts().refused['too-many']).toBe(48), 5000);
  for (const socket of sockets) socket.destroy();
  await isEmpty(listener, 1);
  await host(listener.address, key);
  expect(listener.counts()).toMatchObject({ open: 2 });
});

test('a key is guessed in vain 200 times, and the served host goes on', async () => {
  const { listener, key, isServed, logger } = await busy();
  for (let round = 0; round < 10; round += 1) {
    const guesses = Array.from({ length: 20 }, () => host(listener.address, newKey(key.id)).catch(() => undefined));
    void Promise.all(guesses);
    await vi.waitFor(() => expect(listener.counts().refused.unauthorized).toBe(20 * (round + 1)), 5000);
    await isServed();
  }
  await isEmpty(listener, 1);
  const told = logger.lines.filter(({ fields }) => fields['reason'] === 'unauthorized');
  expect(told).toHaveLength(1);
  expect(JSON.stringify(logger.lines)).not.toContain(Buffer.from(key.secret).toString('hex'));
});

test.each([
  ['frames before authentication', '{"jsonrpc":"2.0","id":1,"method":"worker/stop","params":{}}\n', 'unauthorized'],
  ['a notification', '{"jsonrpc":"2.0","method":"$/ping","params":{}}\n', 'protocol-violation'],
  ['garbage', '\u0000\u0001\u0002\n', 'protocol-violation'],
  ['a request of HTTP', 'GET / HTTP/1.1\r\nhost: x\r\n\r\n', 'protocol-violation'],
  ['an over-long line', 'x'.repeat(100_000), 'protocol-violation'],
] as const)('%s ends the connection without a byte, and disturbs nobody', async (_, bytes, reason) => {
  const { listener, isServed } = await busy();
  const socket = dial(listener.address);
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(bytes);
  await isOver(socket);
  expect(Buffer.concat(chunks).toString()).toBe('');
  await isEmpty(listener, 1);
  expect(listener.counts().refused[reason]).toBe(1);
  await isServed();
});

describe('one deadline covers all of the handshake', () => {
  let key: SharedKey;
  let files: { certFile: string; keyFile: string };
  let keyFile: string;
  beforeAll(async () => {
    const folder = await suiteFolder();
    key = newKey();
    [files, keyFile] = [await certificateIn(folder), await keyFileOf(folder, key)];
  });
  const slow = async (listen: string) => {
    const clock = virtualClock();
    const { listener } = await served({ listen, keyFile, clock, ...(listen.startsWith('tls') && { tls: files }) });
    /** The time is up for so many, and for nobody before. */
    const passes = async (unopened: number): Promise<void> => {
      await vi.waitFor(() => expect(listener.counts().unopened).toBe(unopened), 5000);
      await clock.advance(9999);
      expect(listener.counts().unopened).toBe(unopened);
      await clock.advance(1);
    };
    return { listener, passes };
  };

  test('of who says nothing, over TCP and before TLS', async () => {
    for (const listen of ['tcp:127.0.0.1:0', 'tls:127.0.0.1:0']) {
      const { listener, passes } = await slow(listen);
      const over = isOver(dial(listener.address.replace('tls', 'tcp')));
      await passes(1);
      await over;
      await isEmpty(listener, 0);
      expect(listener.counts().refused['handshake-timeout']).toBe(1);
    }
  });

  test('of who says nothing after TLS', async () => {
    const { listener, passes } = await slow('tls:127.0.0.1:0');
    const socket = dial(listener.address, { ca: await readFile(files.certFile) });
    await once(socket, 'secureConnect');
    await passes(1);
    await isOver(socket);
    await isEmpty(listener, 0);
    expect(listener.counts().refused['handshake-timeout']).toBe(1);
  });

  test('of who sends byte after byte, and of who says hello and no more', async () => {
    const { listener, passes } = await slow('tcp:127.0.0.1:0');
    const dripping = dial(listener.address);
    const drip = setInterval(() => dripping.write('{'), 20);
    const hello = rawTo(listener.address);
    hello.send({ id: 1, method: 'auth/hello', params: { keyId: key.id, clientNonce: 'A'.repeat(43) } });
    await hello.answer(1);
    await passes(2);
    await Promise.all([isOver(dripping), hello.closed()]);
    clearInterval(drip);
    await isEmpty(listener, 0);
    expect(listener.counts().refused['handshake-timeout']).toBe(2);
  });

  test('of who shows the key and does not say initialize', async () => {
    const { listener, passes } = await slow('tcp:127.0.0.1:0');
    const raw = rawTo(listener.address);
    await showKey(raw, key);
    await raw.answer(2);
    await passes(1);
    await raw.closed();
    await isEmpty(listener, 0);
    expect(listener.counts().refused['handshake-timeout']).toBe(1);
  });

  test('and no open connection', async () => {
    const { listener, passes } = await slow('tcp:127.0.0.1:0');
    const raw = await host(listener.address, key);
    const stranger = dial(listener.address);
    await passes(1);
    await isOver(stranger);
    expect(raw.isClosed).toBe(false);
    expect(listener.counts().open).toBe(1);
  });
});

test('who closes half of the connection, or breaks it off, gives the place back', async () => {
  const { listener, isServed } = await busy();
  const [half, broken] = [dial(listener.address), dial(listener.address)];
  await Promise.all([once(half, 'connect'), once(broken, 'connect')]);
  half.end();
  broken.resetAndDestroy();
  await Promise.all([isOver(half), isOver(broken)]);
  await isEmpty(listener, 1);
  expect(listener.counts().refused.left).toBe(2);
  await isServed();
});

test('a host that is gone without a word loses its connection after 20 s of silence', async () => {
  const [clock, key] = [virtualClock(), newKey()];
  const keyFile = await keyFileOf(await temporaryFolder(), key);
  const { listener, logger } = await served({ listen: 'tcp:127.0.0.1:0', keyFile, clock });
  await host(listener.address, key);
  for (let second = 0; second < 20; second += 1) await clock.advance(1000);
  await isEmpty(listener, 0);
  expect(logger.lines.map(({ message }) => message)).toContain(
    'nothing comes from the other end any more; the connection is closed',
  );
});

test('memory and sockets are back to where they were after thousands of strangers', async () => {
  const { listener, isServed } = await busy({ maxUnopened: 64 });
  const strangers = async (rounds: number): Promise<void> => {
    for (let round = 0; round < rounds; round += 1) {
      const sockets = flood(listener.address, 30);
      for (const socket of sockets) socket.write('x'.repeat(4000));
      await vi.waitFor(() => expect(listener.counts().unopened).toBeGreaterThan(0), { timeout: 5000, interval: 1 });
      for (const socket of sockets) socket.write(`${'x'.repeat(4000)}\n`);
      await Promise.all(sockets.map(isOver));
    }
  };
  const held = () => {
    collectGarbage();
    const sockets = process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    return { bytes: process.memoryUsage().arrayBuffers, sockets };
  };
  await strangers(10);
  await isEmpty(listener, 1);
  const before = held();
  await strangers(60);
  await isEmpty(listener, 1);
  await vi.waitFor(() => expect(held().sockets).toBe(before.sockets), 5000);
  expect(held().bytes - before.bytes).toBeLessThan(1024 * 1024);
  expect(listener.counts().refused['protocol-violation']).toBe(70 * 30);
  await isServed();
});
