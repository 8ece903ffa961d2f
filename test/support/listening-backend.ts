import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';

import { socketTransport } from '../../src/adapters/execution-backend/socket/socket-transport.js';
import type { SharedKey } from '../../src/adapters/execution-backend/wire/challenge.js';
import type { BackendServerOptions } from '../../src/adapters/execution-backend/wire/serving-end.js';
import { backendServer } from '../../src/adapters/execution-backend/wire/serving-end.js';
import type { ExecutionBackend } from '../../src/ports/execution-backend.js';
import type { Certificate } from './certificate.js';

export interface ListenOptions extends BackendServerOptions {
  readonly scheme?: 'unix' | 'tcp' | 'tls';
  /** Those that hosts may have; without one nobody is asked. */
  readonly keys?: readonly SharedKey[];
  readonly certificate?: Certificate;
  /** With `unix`: where it listens. A path of its own. */
  readonly path?: string;
  /** Else any free one. */
  readonly port?: number;
}

export interface ListeningBackend extends AsyncDisposable {
  readonly address: string;
  /** How many connections there were, and how many hosts got through the handshake. */
  readonly counts: { connections: number; opened: number };
  /** Takes the connections away, as a network does. */
  cut(): void;
  /** Takes no connections any more, and those there are away. What runs goes on. */
  close(): Promise<void>;
}

/** A folder that nobody else can look into. */
export const privateFolder = (): Promise<string> => mkdtemp(join(tmpdir(), 'workport-'));

/** Writes a file of keys, as both ends read it. */
export async function writeKeyFile(file: string, keys: readonly SharedKey[]): Promise<string> {
  const lines = keys.map(({ id, secret }) => `${id}:${Buffer.from(secret).toString('hex')}`);
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 });
  return file;
}

function listening(server: Server, { scheme, path, port = 0 }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    if (scheme === undefined || scheme === 'unix') server.listen(path, resolve);
    else server.listen(port, '127.0.0.1', resolve);
  });
}

/** Serves a backend to hosts that connect to a socket. */
export async function listenBackend(backend: ExecutionBackend, options: ListenOptions = {}): Promise<ListeningBackend> {
  const { scheme = 'unix', keys, certificate } = options;
  const folder = await privateFolder();
  const path = options.path ?? join(folder, 'backend.sock');
  const served = backendServer(backend, options);
  const sockets = new Set<Socket>();
  const counts = { connections: 0, opened: 0 };
  const accept = (socket: Socket): void => {
    counts.connections += 1;
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
    const onOpen = (): void => void (counts.opened += 1);
    void served.accept(socketTransport(socket), { keys, heartbeat: true, onOpen });
  };
  const server = certificate
    ? createTlsServer({ cert: certificate.cert, key: certificate.key, minVersion: 'TLSv1.3' }, accept)
    : createServer(accept);
  server.on('tlsClientError', () => undefined);
  await listening(server, { ...options, scheme, path });
  if (scheme === 'unix') await chmod(path, 0o600);
  const bound = server.address();
  const address = typeof bound === 'object' && bound ? `${scheme}:127.0.0.1:${bound.port}` : `unix:${path}`;
  const cut = (): void => sockets.forEach((socket) => socket.destroy());
  const close = async (): Promise<void> => {
    await new Promise((resolve) => {
      server.close(resolve);
      cut();
    });
  };
  return {
    address,
    counts,
    cut,
    close,
    async [Symbol.asyncDispose]() {
      await close();
      await served[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
