import { chmod } from 'node:fs/promises';
import type { ListenOptions, Server } from 'node:net';

import type { SocketAddress } from '../socket/address.js';
import { formatAddress } from '../socket/address.js';
import { ListenError } from './listen-error.js';
import { removeStale } from './unix-socket.js';

/** As often as somebody else may take the path first. */
const attempts = 3;

/** Listens, and answers where. Rejects with a `ListenError`. */
export async function bind(server: Server, address: SocketAddress, isPrivate: boolean): Promise<SocketAddress> {
  try {
    return await (address.scheme === 'unix' ? bindPath(server, address.path, isPrivate) : bindPort(server, address));
  } catch (cause) {
    throw cause instanceof ListenError ? cause : unbound(cause as NodeJS.ErrnoException, address);
  }
}

async function bindPath(server: Server, path: string, isPrivate: boolean): Promise<SocketAddress> {
  for (let attempt = 1; ; attempt += 1) {
    await removeStale(path);
    try {
      await listen(server, { path });
      break;
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE' || attempt === attempts) throw cause;
    }
  }
  try {
    if (isPrivate) await chmod(path, 0o600);
  } catch (cause) {
    server.close();
    throw cause;
  }
  return { scheme: 'unix', path };
}

async function bindPort(
  server: Server,
  { scheme, host, port }: Extract<SocketAddress, { port: number }>,
): Promise<SocketAddress> {
  await listen(server, { host, port, exclusive: true });
  const bound = server.address();
  return { scheme, host, port: typeof bound === 'object' && bound ? bound.port : port };
}

function listen(server: Server, options: ListenOptions): Promise<void> {
  return new Promise((done, fail) => {
    const settle = (cause?: Error): void => {
      server.off('listening', settle);
      server.off('error', settle);
      if (cause) fail(cause);
      else done();
    };
    server.on('listening', settle);
    server.on('error', settle);
    server.listen(options);
  });
}

function unbound(cause: NodeJS.ErrnoException, address: SocketAddress): ListenError {
  const where = formatAddress(address);
  switch (cause.code) {
    case 'EADDRINUSE':
      return new ListenError('in-use', `${where} is in use: end what listens there, or choose another`, { cause });
    case 'EACCES':
    case 'EPERM':
      return new ListenError('system', `${where} may not be used by this user`, { cause });
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return new ListenError('configuration', `${where} is no address of this machine`, { cause });
    default:
      return new ListenError('system', `${where} cannot be listened on (${cause.code ?? cause.message})`, { cause });
  }
}
