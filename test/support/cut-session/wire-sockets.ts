import { once } from 'node:events';
import { connect, createServer } from 'node:net';

import { streamTransport } from '../../../src/adapters/execution-backend/process/index.js';
import type { WireBackend } from '../../../src/adapters/execution-backend/wire/host-end.js';
import type { BackendServer } from '../../../src/adapters/execution-backend/wire/serving-end.js';
import type { SocketAddress } from '../socket-proxy/index.js';

/** Serves every host that dials `address`. Disposing ends the listener, not the server. */
export async function listening(server: BackendServer, address: SocketAddress): Promise<AsyncDisposable> {
  const listener = createServer((socket) => void server.accept(streamTransport(socket, socket)));
  listener.listen(address);
  await once(listener, 'listening');
  return {
    async [Symbol.asyncDispose]() {
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

/** Keeps a host end connected: whenever its connection is lost it dials again at once. */
export class Dialler {
  /** Connections that were begun, from 1, and the last one on which everything was resumed. */
  dialled = 0;
  joined = 0;
  readonly #backend: WireBackend;
  readonly #address: SocketAddress;
  #isOver = false;
  #leave: () => void = () => undefined;

  constructor(backend: WireBackend, address: SocketAddress) {
    this.#backend = backend;
    this.#address = address;
    void this.#run();
  }

  /** Whether the newest connection carries everything that the host holds. */
  get isJoined(): boolean {
    return this.dialled > 0 && this.joined === this.dialled && this.#backend.isConnected;
  }

  /** Dials anew beside a connection that only seems to be there. */
  again(): void {
    this.#leave();
  }

  /** Dials no more. */
  end(): void {
    this.#isOver = true;
  }

  async #run(): Promise<void> {
    while (!this.#isOver) {
      const left = new Promise<void>((resolve) => (this.#leave = resolve));
      await Promise.race([this.#dial(), left]);
    }
  }

  /** Resolves when the connection is lost. */
  async #dial(): Promise<void> {
    this.dialled += 1;
    const number = this.dialled;
    const socket = connect(this.#address);
    const transport = streamTransport(socket, socket);
    await this.#backend.connect(transport).then(
      () => (this.joined = Math.max(this.joined, number)),
      () => undefined,
    );
    await transport.closed;
  }
}
