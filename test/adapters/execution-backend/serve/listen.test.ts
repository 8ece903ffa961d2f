import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectSecurely } from 'node:tls';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { linkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import { serveBackend } from '../../../../src/adapters/execution-backend/serve/index.js';
import type { BackendListenOptions } from '../../../../src/adapters/execution-backend/serve/index.js';
import { socketTransport } from '../../../../src/adapters/execution-backend/socket/socket-transport.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { RawEnd, initialize } from '../wire/raw-end.js';
import { ScriptedBackend } from '../wire/support.js';
import { certificateIn, host, keyFileOf, newKey, rawTo, served, showKey } from './support.js';

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;
const isThere = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
const refusal = async (options: BackendListenOptions) => {
  const author = new ScriptedBackend();
  const cause: unknown = await serveBackend(author, options).catch((error: unknown) => error);
  expect(author.calls).toEqual([]);
  return cause;
};

/** A place of a server that was killed. */
async function leaveStale(path: string): Promise<void> {
  const program = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 'SIGKILL'))`;
  await once(spawn(process.execPath, ['-e', program, path]), 'exit');
  expect(await isThere(path)).toBe(true);
}

describe('serveBackend on tcp:', () => {
  test('takes a free port for port 0, says which, and serves who has the key', async () => {
    const key = newKey();
    const keyFile = await keyFileOf(await temporaryFolder(), key);
    const { listener } = await served({ listen: 'tcp:127.0.0.1:0', keyFile });
    expect(listener.address).toMatch(/^tcp:127\.0\.0\.1:[1-9]\d*$/);
    await host(listener.address, key);
    expect(listener.counts()).toMatchObject({ open: 1, unopened: 0 });
  });

  test('where the port is in use says so', async () => {
    const keyFile = await keyFileOf(await temporaryFolder(), newKey());
    const { listener } = await served({ listen: 'tcp:127.0.0.1:0', keyFile });
    expect(await refusal({ listen: listener.address, keyFile })).toMatchObject({
      name: 'ListenError',
      problem: 'in-use',
      message: `${listener.address} is in use: end what listens there, or choose another`,
    });
  });

  test('without a key file is refused with the command that makes one', async () => {
    expect(await refusal({ listen: 'tcp:127.0.0.1:0' })).toMatchObject({
      problem: 'configuration',
      message: 'tcp:127.0.0.1:0 needs a key file: openssl rand -hex 32 > key && chmod 600 key',
    });
  });

  test('for others than this machine is refused unless plaintext is allowed by name', async () => {
    const keyFile = await keyFileOf(await temporaryFolder(), newKey());
    expect(await refusal({ listen: 'tcp:0.0.0.0:0', keyFile })).toMatchObject({
      problem: 'configuration',
      message: expect.stringContaining('is clear text for others than this machine') as string,
    });
    await served({ listen: 'tcp:0.0.0.0:0', keyFile, allowPlaintext: true });
  });

  test('of an address that is none of this machine says so', async () => {
    const keyFile = await keyFileOf(await temporaryFolder(), newKey());
    const there = { listen: 'tcp:192.0.2.1:7500', keyFile, allowPlaintext: true };
    expect(await refusal(there)).toMatchObject({ problem: 'configuration' });
    expect(await refusal({ listen: 'http://x' })).toMatchObject({
      message: expect.stringContaining('an address is unix:PATH, tls:HOST:PORT or tcp:HOST:PORT') as string,
    });
  });

  test('disposed ends the executions, the backend and the connections', async () => {
    const key = newKey();
    const keyFile = await keyFileOf(await temporaryFolder(), key);
    const { listener, author } = await served({ listen: 'tcp:127.0.0.1:0', keyFile });
    const [raw, stranger] = [await host(listener.address, key), rawTo(listener.address)];
    await vi.waitFor(() => expect(listener.counts().unopened).toBe(1));
    await Promise.all([listener[Symbol.asyncDispose](), listener[Symbol.asyncDispose]()]);
    await Promise.all([raw.closed(), stranger.closed()]);
    expect(author.calls).toEqual(['dispose']);
    expect(listener.counts()).toMatchObject({ open: 0, unopened: 0 });
    await serveBackend(new ScriptedBackend(), { listen: listener.address, keyFile }).then((next) =>
      next[Symbol.asyncDispose](),
    );
  });
});

describe('the key file', () => {
  test.each([
    ['is not there', async (file: string) => chmod(file, 0o600), '-none', 'is not there'],
    ['can be read by others', async (file: string) => chmod(file, 0o640), '', 'can be read by others: chmod 600 it'],
    ['has a short key', async (file: string) => writeFile(file, 'a:00'), '', 'has no key in line 1'],
  ])('that %s is refused at the start', async (_, spoil, suffix, message) => {
    const keyFile = await keyFileOf(await temporaryFolder(), newKey());
    await spoil(keyFile);
    const found = await refusal({ listen: 'tcp:127.0.0.1:0', keyFile: keyFile + suffix });
    expect(found).toMatchObject({ problem: 'configuration', message: expect.stringContaining(message) as string });
  });

  test('is read for each connection: a key is changed without a new start', async () => {
    const [folder, former, next] = [await temporaryFolder(), newKey(), newKey()];
    const keyFile = await keyFileOf(folder, former);
    const { listener } = await served({ listen: 'tcp:127.0.0.1:0', keyFile });
    const raw = await host(listener.address, former);
    await keyFileOf(folder, next);
    await host(listener.address, next);
    await expect(host(listener.address, former)).rejects.toThrow();
    expect(listener.counts()).toMatchObject({ open: 2, refused: { unauthorized: 1 } });
    expect(raw.isClosed).toBe(false);
  });

  test('that cannot be read any more lets nobody new in, and the operator is told', async () => {
    const [folder, key] = [await temporaryFolder(), newKey()];
    const keyFile = await keyFileOf(folder, key);
    const { listener, logger } = await served({ listen: 'tcp:127.0.0.1:0', keyFile });
    const raw = await host(listener.address, key);
    await chmod(keyFile, 0o644);
    await rawTo(listener.address).closed();
    await vi.waitFor(() => expect(listener.counts().refused['key-file']).toBe(1));
    expect(logger.lines).toContainEqual({
      level: 'warn',
      message: 'refused connections',
      fields: expect.objectContaining({ reason: 'key-file', count: 1, cause: expect.any(Error) as Error }) as object,
    });
    expect(raw.isClosed).toBe(false);
  });
});

describe('serveBackend on unix:', () => {
  const inFolder = async (mode = 0o700): Promise<string> => {
    const folder = join(await temporaryFolder(), 'sockets');
    await mkdir(folder);
    await chmod(folder, mode);
    return join(folder, 's');
  };

  test('without a key serves in a folder of 0700, with a socket of 0600 that is gone afterwards', async () => {
    const path = await inFolder();
    const { listener } = await served({ listen: `unix:${path}` });
    expect(listener.address).toBe(`unix:${path}`);
    expect(await modeOf(path)).toBe(0o600);
    await host(listener.address);
    expect(listener.counts().open).toBe(1);
    await listener[Symbol.asyncDispose]();
    expect(await isThere(path)).toBe(false);
  });

  test('without a key in a folder that others can enter is refused with the chmod to run', async () => {
    const path = await inFolder(0o755);
    const folder = join(path, '..');
    expect(await refusal({ listen: `unix:${path}` })).toMatchObject({
      problem: 'configuration',
      message: `others can enter the folder ${folder}: chmod 700 ${folder}, or name a key file`,
    });
    const key = newKey();
    const { listener } = await served({ listen: `unix:${path}`, keyFile: await keyFileOf(folder, key) });
    await host(listener.address, key);
  });

  test('without its folder says so', async () => {
    const path = join(await temporaryFolder(), 'none', 's');
    expect(await refusal({ listen: `unix:${path}` })).toMatchObject({
      problem: 'configuration',
      message: expect.stringContaining(`there is no folder ${join(path, '..')}`) as string,
    });
  });

  test('of a path that has no room in the kernel, also one that only becomes too long, says so', async () => {
    const message = expect.stringContaining('has a path of more than') as string;
    expect(await refusal({ listen: `unix:/${'x'.repeat(120)}` })).toMatchObject({ problem: 'configuration', message });
    expect(await refusal({ listen: `unix:${'x'.repeat(100)}` })).toMatchObject({ problem: 'configuration', message });
  });

  test('takes over the socket of a server that is dead', async () => {
    const path = await inFolder();
    await leaveStale(path);
    const { listener } = await served({ listen: `unix:${path}` });
    await host(listener.address);
  });

  test('leaves the socket of a server that lives, and what is no socket', async () => {
    const path = await inFolder();
    const { listener } = await served({ listen: `unix:${path}` });
    expect(await refusal({ listen: `unix:${path}` })).toMatchObject({
      problem: 'in-use',
      message: `a server listens on ${path} already: end it, or name another path`,
    });
    await host(listener.address);
    await writeFile(`${path}.txt`, 'kept');
    expect(await refusal({ listen: `unix:${path}.txt` })).toMatchObject({ problem: 'in-use' });
    expect(await readFile(`${path}.txt`, 'utf8')).toBe('kept');
  });

  test('of a host without a key says which line is wrong before it closes', async () => {
    const { listener } = await served({ listen: `unix:${await inFolder()}` });
    const raw = rawTo(listener.address);
    raw.sendRaw('{"jsonrpc":"2.0","id":1,"method":"auth/hello"}\n');
    await raw.closed();
    expect(raw.lines).toMatchObject([{ error: { data: { kind: 'protocol-violation', line: 1 } } }]);
    await vi.waitFor(() => expect(listener.counts().refused['protocol-violation']).toBe(1));
  });
});

describe('serveBackend on tls:', () => {
  test('serves who trusts its certificate and has the key, in TLS 1.3 alone', async () => {
    const [folder, key] = [await temporaryFolder(), newKey()];
    const [tls, keyFile] = [await certificateIn(folder), await keyFileOf(folder, key)];
    const { listener, logger } = await served({ listen: 'tls:127.0.0.1:0', keyFile, tls });
    const ca = await readFile(tls.certFile);
    await host(listener.address, key, { ca });
    expect(listener.counts()).toMatchObject({ open: 1, unopened: 0 });

    await rawTo(listener.address, { ca, maxVersion: 'TLSv1.2' }).closed();
    await rawTo(listener.address).closed();
    await vi.waitFor(() => expect(listener.counts().refused.tls).toBe(2));
    expect(logger.lines.find(({ level }) => level === 'warn')?.fields).toMatchObject({
      reason: 'tls',
      cause: expect.objectContaining({ code: 'ERR_SSL_UNSUPPORTED_PROTOCOL' }) as object,
    });
    await expect(host(listener.address, newKey(), { ca })).rejects.toThrow();
    expect(listener.counts()).toMatchObject({ open: 1, refused: { unauthorized: 1 } });
  });

  test('who speaks no TLS is refused, and gives its place back', async () => {
    const folder = await temporaryFolder();
    const [tls, keyFile] = [await certificateIn(folder), await keyFileOf(folder, newKey())];
    const { listener } = await served({ listen: 'tls:127.0.0.1:0', keyFile, tls });
    const raw = rawTo(listener.address.replace('tls', 'tcp'));
    raw.sendRaw('GET / HTTP/1.1\r\n\r\n');
    await vi.waitFor(() => expect(listener.counts()).toMatchObject({ unopened: 0, refused: { tls: 1 } }));
  });

  test.runIf(process.platform === 'linux')(
    'tells connections apart that come from one port to two addresses of this machine',
    async () => {
      const [folder, key] = [await temporaryFolder(), newKey()];
      const [tls, keyFile] = [await certificateIn(folder), await keyFileOf(folder, key)];
      const { listener } = await served({ listen: 'tls:0.0.0.0:0', keyFile, tls });
      const port = Number(listener.address.split(':').at(-1));
      const from = async (host: string, localPort?: number) => {
        const socket = connect({ host, port, localAddress: '127.0.0.9', localPort });
        onTestFinished(() => void socket.destroy());
        await once(socket, 'connect');
        return socket;
      };
      const one = await from('127.0.0.1');
      const other = await from('127.0.0.2', one.localPort);
      await vi.waitFor(() => expect(listener.counts().unopened).toBe(2));
      const raw = new RawEnd(socketTransport(connectSecurely({ socket: one, rejectUnauthorized: false })));
      await showKey(raw, key);
      raw.send(initialize(3));
      await raw.answer(3);
      other.destroy();
      await vi.waitFor(() => expect(listener.counts()).toMatchObject({ open: 1, unopened: 0 }));
    },
  );

  test('with a certificate that is none, or not of its key, or without one, is refused', async () => {
    const folder = await temporaryFolder();
    const keyFile = await keyFileOf(folder, newKey());
    const [one, other] = [await certificateIn(folder, 'one'), await certificateIn(folder, 'other')];
    const listen = 'tls:127.0.0.1:0';
    const message = async (tls?: { certFile: string; keyFile: string }) =>
      ((await refusal({ listen, keyFile, tls })) as Error).message;
    expect(await message()).toBe('tls:127.0.0.1:0 needs a certificate and its key');
    expect(await message({ ...one, keyFile: other.keyFile })).toBe(
      `the key ${other.keyFile} does not belong to the certificate ${one.certFile}`,
    );
    expect(await message({ ...one, certFile: join(folder, 'none') })).toContain('cannot be read (ENOENT)');
    expect(await message({ ...one, certFile: keyFile })).toContain('both are PEM');
    expect(await refusal({ listen: 'tcp:127.0.0.1:0', keyFile, tls: one })).toMatchObject({ problem: 'configuration' });
  });
});

test('serveBackend of a transport and of a program is what it was', async () => {
  const author = new ScriptedBackend();
  const pair = linkedPair();
  const ended = serveBackend(author, pair.backend, { graceMs: 0 });
  pair.host.close();
  expect(await ended).toBeUndefined();
  expect(author.calls).toEqual(['dispose']);
});
