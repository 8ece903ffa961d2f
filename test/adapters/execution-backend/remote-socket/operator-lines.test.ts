import { randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { RemoteSocketOptions } from '../../../../src/adapters/execution-backend/remote-socket/index.js';
import { dialedBackend } from '../../../../src/adapters/execution-backend/remote-socket/remote-socket-backend.js';
import { createRuntime } from '../../../../src/index.js';
import { selfSigned } from '../../../support/certificate.js';
import { scriptedBackend } from '../../../support/contracts/generator-harness.js';
import { listenBackend, writeKeyFile } from '../../../support/listening-backend.js';
import type { ListenOptions } from '../../../support/listening-backend.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { runtimeId } from '../../../support/runtime.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const newKey = (id = 'default') => ({ id, secret: randomBytes(32) });

async function listen(options: ListenOptions): Promise<string> {
  const server = await listenBackend(scriptedBackend(), options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return server.address;
}

/** A server that does so with who connects. */
async function stranger(meet: (socket: Socket) => void): Promise<string> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    meet(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `tcp:127.0.0.1:${(server.address() as AddressInfo).port}`;
}

interface Wrong {
  readonly title: string;
  readonly line: RegExp;
  readonly level: 'warn' | 'error';
  make(folder: string): Promise<RemoteSocketOptions>;
}

const key = newKey();
const keyed = async (folder: string, more: Partial<RemoteSocketOptions> = {}): Promise<RemoteSocketOptions> => ({
  address: 'unix:/nowhere',
  keyFile: await writeKeyFile(join(folder, 'key'), [key]),
  ...more,
});
const secured = async (folder: string, names?: string, days?: number): Promise<RemoteSocketOptions> => {
  const certificate = selfSigned(folder, names, days);
  const address = await listen({ scheme: 'tls', keys: [key], certificate });
  return keyed(folder, { address, ca: certificate.certFile });
};

const wrongs: readonly Wrong[] = [
  {
    title: 'nobody listens',
    line: /^no backend server listens at the address: start it, or correct the address$/,
    level: 'warn',
    make: async (folder) => ({ address: `unix:${folder}/backend.sock` }),
  },
  {
    title: 'the port is refused',
    line: /^no backend server listens at the address: /,
    level: 'warn',
    make: (folder) => keyed(folder, { address: 'tcp:127.0.0.1:1' }),
  },
  {
    title: 'the host is not known',
    line: /^the host of the address is not known: correct it, or the name service$/,
    level: 'warn',
    make: (folder) => keyed(folder, { address: 'tls:backend.invalid:7500' }),
  },
  {
    title: 'the key is another',
    line: /^the backend server does not show that it has the key: give both ends the same key file$/,
    level: 'error',
    make: async (folder) => keyed(folder, { address: await listen({ scheme: 'tcp', keys: [newKey()] }) }),
  },
  {
    title: 'the key is called otherwise there',
    line: /^the backend server does not show that it has the key: /,
    level: 'error',
    make: async (folder) => keyed(folder, { address: await listen({ scheme: 'tcp', keys: [newKey('other')] }) }),
  },
  {
    title: 'the server asks for no key',
    line: /^the backend server closed the connection before it answered: is it served with a key file\?$/,
    level: 'warn',
    make: async (folder) => keyed(folder, { address: await listen({ scheme: 'unix' }) }),
  },
  {
    title: 'the server asks for a key and there is none here',
    line: /^the backend server closed the connection before it answered: if it is served with a key file, name that/,
    level: 'warn',
    make: async () => ({ address: await listen({ scheme: 'unix', keys: [key] }) }),
  },
  {
    title: 'the socket is open to others, and no key is asked for',
    line: /^the socket is open to other users: chmod 700 its folder and 600 the socket, or give both ends a key file$/,
    level: 'error',
    make: async (folder) => {
      const open = join(folder, 'open');
      await mkdir(open);
      await chmod(open, 0o755);
      return { address: await listen({ scheme: 'unix', path: join(open, 'b.sock') }) };
    },
  },
  {
    title: 'the key file is not there',
    line: /^the key file cannot be used$/,
    level: 'error',
    make: async (folder) => ({ address: 'tcp:127.0.0.1:1', keyFile: join(folder, 'none') }),
  },
  {
    title: 'the key file has no key of that name',
    line: /^the key file has no such key: correct keyId, or the file$/,
    level: 'error',
    make: (folder) => keyed(folder, { keyId: 'other' }),
  },
  {
    title: 'the ca file holds no certificate',
    line: /^the ca file cannot be used: /,
    level: 'error',
    make: async (folder) => {
      const ca = join(folder, 'ca.pem');
      await writeFile(ca, 'nothing');
      return keyed(folder, { address: 'tls:127.0.0.1:1', ca });
    },
  },
  {
    title: 'nobody vouches for the certificate',
    line: /^nobody that is trusted vouches for the certificate of the backend server: correct ca, or pin its finger/,
    level: 'error',
    make: async (folder) => ({ ...(await secured(folder)), ca: undefined }),
  },
  {
    title: 'the certificate is for another host',
    line: /^the certificate of the backend server is for another host: use the name that it is for$/,
    level: 'error',
    make: (folder) => secured(folder, 'DNS:elsewhere'),
  },
  {
    title: 'the certificate is not the pinned one',
    line: /^the backend server has another certificate than the pinned one: correct fingerprint if that is right$/,
    level: 'error',
    make: async (folder) => ({ ...(await secured(folder)), ca: undefined, fingerprint: '00'.repeat(32) }),
  },
  {
    title: 'what answers speaks no TLS',
    line: /^what answers at the address does not speak TLS 1\.3: serve it at a tls: address$/,
    level: 'error',
    make: async (folder) => {
      const address = await stranger((socket) => socket.end('hello, this is no TLS at all\r\n'));
      return keyed(folder, { address: address.replace('tcp:', 'tls:') });
    },
  },
  {
    title: 'what answers is no backend server',
    line: /^what answers at the address is no backend server: correct the address$/,
    level: 'error',
    make: async (folder) =>
      keyed(folder, { address: await stranger((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')) }),
  },
  {
    title: 'what answers speaks another version',
    line: /^the backend server speaks no version of EBP that this host speaks: use the same release on both ends$/,
    level: 'error',
    make: async (folder) => {
      const path = join(folder, 'b.sock');
      const refusal = { code: -32000, message: 'no', data: { kind: 'unsupported-version', supported: [9] } };
      const server = createServer((socket) => {
        socket.on('data', () => socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, error: refusal })}\n`));
      });
      await new Promise<void>((resolve) => server.listen(path, resolve));
      await chmod(path, 0o600);
      onTestFinished(() => void server.close());
      return { address: `unix:${path}` };
    },
  },
  {
    title: 'whoever answers says nothing',
    line: /^the backend server does not answer in time: is it one, and does anything block the way to it\?$/,
    level: 'warn',
    make: async (folder) => keyed(folder, { address: await stranger(() => undefined), connectMs: 300 }),
  },
];

test.for(wrongs)('where $title the operator is told in one line, once', async ({ make, line, level }) => {
  const folder = await temporaryFolder();
  const options = await make(folder);
  const logger = recordingLogger();
  const isQuick = options.connectMs === undefined;
  const clock = virtualClock();
  await using backend = dialedBackend(options, isQuick ? { logger, clock, random: () => 0 } : { logger });
  const told = () => logger.lines.filter((each) => each.level === 'warn' || each.level === 'error');
  await vi.waitFor(() => expect(told()).toHaveLength(1), 10_000);
  expect(told()[0]).toMatchObject({ level, fields: { backendId: 'remote-socket', address: options.address } });
  expect(told()[0]?.message).toMatch(line);
  expect(JSON.stringify(logger.lines)).not.toContain(key.secret.toString('hex'));

  // B2: whoever creates a Worker is told that it is not available, and no word of where or why.
  await using runtime = createRuntime({ profiles: { far: { label: 'Far', backend } } });
  const created = await runtime.execute({ type: 'create', runtimeId, profile: 'far' });
  expect(created).toEqual({ outcome: 'rejected', code: 'backend-unavailable' });
  // A second attempt was made by it, and fails alike.
  expect(told()).toHaveLength(1);
});

test('the operator is told of each change: refused, connected, lost, connected once it lasts', async () => {
  const folder = await temporaryFolder();
  const path = join(folder, 'b.sock');
  const [logger, clock] = [recordingLogger(), virtualClock()];
  await using backend = dialedBackend({ address: `unix:${path}` }, { logger, clock, random: () => 0 });
  const told = () =>
    logger.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message.split(/[:,]/)[0]);
  const until = (count: number) => vi.waitFor(() => expect(told()).toHaveLength(count));
  await until(1);
  const server = await listenBackend(scriptedBackend(), { path });
  onTestFinished(() => server[Symbol.asyncDispose]());
  await clock.advance(1000);
  await until(2);
  for (let cuts = 0; cuts < 4; cuts += 1) {
    const { opened } = server.counts;
    server.cut();
    await vi.waitFor(async () => {
      await clock.advance(500);
      expect(server.counts.opened).toBe(opened + 1);
    }, 10_000);
  }
  await vi.waitFor(async () => {
    await clock.advance(1000);
    expect(told()).toHaveLength(4);
  });
  expect(told()).toEqual([
    'no backend server listens at the address',
    'connected to the backend server',
    'the connection to the backend server is lost',
    'connected to the backend server',
  ]);
  expect(backend.id).toBe('remote-socket');
});
