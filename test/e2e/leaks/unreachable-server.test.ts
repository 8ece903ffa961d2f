import { chmod } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { join } from 'node:path';

import { beforeAll, describe, expect, test, vi } from 'vitest';

import { remoteSocketBackend } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import type { RemoteSocketOptions } from '../../../src/adapters/execution-backend/remote-socket/index.js';
import { serveBackend } from '../../../src/adapters/execution-backend/serve/index.js';
import { writeKeyFile } from '../../support/listening-backend.js';
import type { Canaries } from '../../support/leaks/canary.js';
import { canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { inProcessHost } from '../../support/leaks/in-process-host.js';
import { leakingBackend } from '../../support/leaks/leaking-backend.js';
import { recorder } from '../../support/leaks/recorder.js';
import type { Reply } from '../../support/leaks/recording.js';
import { secretsOf } from '../../support/leaks/secrets.js';
import type { Secrets } from '../../support/leaks/secrets.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import type { Told } from '../../support/leaks/tells-nothing.js';
import { tellsNothing } from '../../support/leaks/tells-nothing.js';
import { api, bodyOf } from '../../support/leaks/tour.js';
import { visit } from '../../support/leaks/visit.js';
import { suiteFolder } from '../../support/temporary-folder.js';

interface Place {
  readonly folder: string;
  readonly canary: Canaries;
  readonly secret: Secrets;
  readonly end: (() => Promise<unknown>)[];
}

/** Listens at a path that nobody is to know, and does this with everybody who comes. */
async function listening({ folder, canary, end }: Place, take: (socket: Socket) => void): Promise<RemoteSocketOptions> {
  const path = join(folder, canary.name('path'));
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined).resume();
    take(socket);
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  await chmod(path, 0o600);
  end.push(() => new Promise((resolve) => server.close(resolve)));
  return { address: `unix:${path}` };
}

const keyOf = (canary: Canaries, where: string) => {
  const secret = Buffer.from(canary.name(`secret-of-${where}`).padEnd(32, '.'));
  canary.plant(`hex-of-${where}`, secret.toString('hex'));
  return { id: canary.name(`id-of-${where}`), secret };
};

/** Servers that cannot be reached, each in its way. */
const servers: Readonly<Record<string, (place: Place) => Promise<RemoteSocketOptions>>> = {
  'nobody-listens': ({ folder, canary }) => Promise.resolve({ address: `unix:${join(folder, canary.name('nobody'))}` }),
  'no-key-file': ({ folder, canary }) =>
    Promise.resolve({ address: 'tcp:127.0.0.1:9', keyFile: join(folder, canary.name('missing-key')) }),
  'open-key-file': async ({ folder, canary }) => {
    const key = keyOf(canary, 'open-key');
    const keyFile = await writeKeyFile(join(folder, canary.name('open-key-file')), [key]);
    await chmod(keyFile, 0o644);
    return { address: 'tcp:127.0.0.1:9', keyFile, keyId: key.id };
  },
  'no-certificate': async ({ folder, canary }) => {
    const key = keyOf(canary, 'tls-key');
    const keyFile = await writeKeyFile(join(folder, canary.name('tls-key-file')), [key]);
    return { address: 'tls:127.0.0.1:9', keyFile, keyId: key.id, ca: join(folder, canary.name('ca')) };
  },
  'key-refused': async ({ folder, canary, secret, end }) => {
    const [theirs, ours] = [keyOf(canary, 'their-key'), keyOf(canary, 'our-key')];
    const address = `unix:${join(folder, canary.name('keyed'))}`;
    const serverKeys = await writeKeyFile(join(folder, canary.name('server-keys')), [theirs]);
    const keyFile = await writeKeyFile(join(folder, canary.name('host-keys')), [{ ...theirs, secret: ours.secret }]);
    const listener = await serveBackend(leakingBackend(secret), { listen: address, keyFile: serverKeys });
    end.push(async () => listener[Symbol.asyncDispose]());
    return { address, keyFile, keyId: theirs.id };
  },
  'says-nonsense': (place) =>
    listening(place, (socket) => {
      socket.write(
        `${place.secret['garbage'] ?? ''}\n{"jsonrpc":"2.0","method":"${place.secret['eventType'] ?? ''}"}\n`,
      );
    }),
  'refuses-the-handshake': (place) =>
    listening(place, (socket) => {
      const { rpcError, rpcKind } = place.secret;
      socket.on('data', (data) => {
        const { id } = JSON.parse(data.toString().split('\n')[0] ?? '') as { readonly id: string };
        const error = { code: -32000, message: rpcError, data: { kind: rpcKind } };
        socket.write(`${JSON.stringify({ jsonrpc: '2.0', id, error })}\n`);
      });
    }),
  'closes-at-once': (place) => listening(place, (socket) => socket.end(place.secret['dying'] ?? '')),
};

async function lost({ folder, canary, secret }: Place) {
  const address = `unix:${join(folder, canary.name('lost'))}`;
  const listener = await serveBackend(leakingBackend(secret), { listen: address });
  return { options: { address }, close: async () => listener[Symbol.asyncDispose]() };
}

describe('of backend servers that cannot be reached', () => {
  let scene: Told & { readonly refused: readonly Reply[] };
  beforeAll(async () => {
    const canary = canaries();
    const place = {
      folder: await suiteFolder(),
      canary,
      secret: secretsOf(canary),
      end: [] as (() => Promise<unknown>)[],
    };
    const gone = await lost(place);
    const options = new Map<string, RemoteSocketOptions>([['connected', gone.options]]);
    for (const [name, server] of Object.entries(servers)) {
      options.set(name, await server({ ...place, folder: await suiteFolder() }));
    }
    const times = { graceMs: 1000, connectMs: 1000 };
    const host = await inProcessHost(
      [...options.keys()],
      (logger, name) => remoteSocketBackend({ ...options.get(name)!, ...times }, { logger }),
      { secret: canary.text('options') },
    );
    const record = recorder(host.url, host.token);
    const create = (profile: string): Promise<Reply> =>
      record.ask({ method: 'POST', path: `${api}/workers`, kind: 'create', body: { profile } });
    const socket = await recordSocket(host.url, { asked: 'socket', token: host.token });
    const workerId = bodyOf(await create('connected')).worker?.workerId ?? '';
    const path = `${api}/workers/${workerId}`;
    await record.ask({ method: 'POST', path: `${path}/inputs`, kind: 'input', body: { text: 'hang' } });
    const refused: Reply[] = [];
    for (const name of Object.keys(servers)) refused.push(await create(name));
    await gone.close();
    await vi.waitFor(async () => {
      const { worker } = bodyOf(await record.ask({ path, kind: 'worker' }));
      expect(worker?.status).toBe('unconnected');
    }, 20_000);
    await visit(record, socket, { runtimeId: 'local', workerId });
    await host[Symbol.asyncDispose]();
    await socket.closed;
    for (const run of place.end) await run();
    const recording = { replies: record.replies, sockets: [socket] };
    scene = { recording, planted: canary.planted, logged: host.logged(), refused };
  }, 60_000);

  tellsNothing(() => scene);

  test('B2: each is answered by a code of ours alone, and what is wrong stands in the operator log', () => {
    expect(scene.refused.map(({ status }) => status).filter((status) => status < 500)).toEqual([]);
    expect(scene.recording.sockets?.[0]?.messages.join('\n')).toContain('"reason":"connection-lost"');
    const told = findLeaks(scene.logged, scene.planted);
    expect(told).toEqual(expect.arrayContaining(['missing-key', 'open-key-file', 'ca']));
    expect(told.filter((where) => /^(secret|hex)-of-/.test(where))).toEqual([]);
  });
});
