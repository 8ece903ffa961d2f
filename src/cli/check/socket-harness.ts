import { once } from 'node:events';
import type { Socket } from 'node:net';

import { chosenKey } from '../../adapters/execution-backend/remote-socket/chosen-key.js';
import { dial } from '../../adapters/execution-backend/remote-socket/dial.js';
import type { RemoteSocketOptions } from '../../adapters/execution-backend/remote-socket/index.js';
import { dialedBackend } from '../../adapters/execution-backend/remote-socket/remote-socket-backend.js';
import { socketTransport } from '../../adapters/execution-backend/socket/socket-transport.js';
import type { ExecutionBackendHarness, WireConnection } from '../../contracts/execution-backend/harness.js';
import { turn } from '../../ports/clock.js';
import type { ExecutionBackend } from '../../ports/execution-backend.js';
import type { Logger } from '../../ports/logger.js';
import { authenticated } from './authenticated.js';

export interface SocketRun {
  readonly logger: Logger;
}

/** The sockets of one backend, or of one wire. */
class Sockets {
  readonly #options: RemoteSocketOptions;
  readonly #open = new Set<Socket>();

  constructor(options: RemoteSocketOptions) {
    this.#options = options;
  }

  async dial(signal: AbortSignal): Promise<Socket> {
    const socket = await dial(this.#options, signal);
    this.#open.add(socket);
    socket.once('close', () => this.#open.delete(socket));
    return socket;
  }

  /** A connection on which nobody has spoken but to show the key. */
  async connect(signal: AbortSignal): Promise<WireConnection> {
    const key = await chosenKey(this.#options);
    const transport = socketTransport((await this.dial(signal)).ref());
    return key === undefined ? transport : authenticated(transport, key, signal);
  }

  /** Resolves when who reads them has been told. */
  async cut(): Promise<void> {
    const cut = [...this.#open];
    const closed = cut.map((socket) => once(socket, 'close'));
    for (const socket of cut) socket.destroy();
    await Promise.all(closed);
    await turn();
  }
}

/** How a server that listens on a socket is provoked: each backend is a connection of its own, with Workers of its own. */
export function socketHarness(
  options: RemoteSocketOptions,
  said: Omit<ExecutionBackendHarness, 'create'>,
  { logger }: SocketRun,
): ExecutionBackendHarness {
  const made = new WeakMap<ExecutionBackend, Sockets>();
  return {
    reconnects: true,
    ...said,
    create: () => {
      const sockets = new Sockets(options);
      // Its cuts are the suite's own: it comes back at once, however often.
      const backend = dialedBackend(options, { logger, dial: (signal) => sockets.dial(signal), settledMs: 0 });
      made.set(backend, sockets);
      return Promise.resolve(backend);
    },
    cut: async (backend) => made.get(backend)?.cut(),
    wire: ({ signal }) => {
      const sockets = new Sockets(options);
      return Promise.resolve({
        connect: () => sockets.connect(signal),
        [Symbol.asyncDispose]: () => sockets.cut(),
      });
    },
  };
}
