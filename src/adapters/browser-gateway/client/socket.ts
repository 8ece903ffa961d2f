import type { WorkerRef } from '../../../ports/browser-gateway.js';

import type { CarriedFrames, Transport } from './transport.js';
import type { Context } from './options.js';
import type { SocketConstructor } from './socket-connection.js';
import { SocketConnection } from './socket-connection.js';

/** All streams on one WebSocket, which is there for as long as there is a stream. */
export class SocketTransport implements Transport {
  readonly #context: Context;
  readonly #WebSocket: SocketConstructor;
  #connection: SocketConnection | undefined;

  constructor(context: Context, WebSocket: SocketConstructor) {
    this.#context = context;
    this.#WebSocket = WebSocket;
  }

  async *open(worker: WorkerRef, after: string | undefined, signal: AbortSignal): CarriedFrames {
    signal.throwIfAborted();
    const connection = (this.#connection ??= this.#connect());
    return yield* connection.subscribe(worker, after).steps(signal);
  }

  close(): void {
    this.#connection?.close();
  }

  #connect(): SocketConnection {
    const connection = new SocketConnection(this.#context, this.#WebSocket, () => {
      if (this.#connection === connection) this.#connection = undefined;
    });
    return connection;
  }
}
