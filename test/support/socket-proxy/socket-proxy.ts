import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

import type { Direction, ProxyFrame, Verdict } from './lane.js';
import { ProxiedConnection } from './proxied-connection.js';

/** A Unix socket, or a port of this machine; port 0 is any. */
export type SocketAddress = { readonly path: string } | { readonly port: number; readonly host: string };

export interface SocketProxyOptions {
  /** Where it listens: the host dials this. */
  readonly listen: SocketAddress;
  /** Where the backend listens. */
  readonly target: SocketAddress;
  /** Asked of each frame in the order in which they are forwarded. All pass. */
  readonly judge?: ((frame: ProxyFrame) => Verdict) | undefined;
  /** Writes so many bytes at a time, in turns of their own. Whole lines. */
  readonly chunkBytes?: number | undefined;
  /** Each line waits so long. 0. */
  readonly delayMs?: number | undefined;
}

/** What stands between a host and a backend that talk over sockets. It knows lines, and nothing of what they mean. */
export class SocketProxy implements AsyncDisposable {
  /** Every line that was forwarded, or half of it. */
  readonly frames: ProxyFrame[] = [];
  /** How many connections came. */
  connections = 0;
  readonly #options: SocketProxyOptions;
  readonly #server: Server;
  readonly #open = new Set<ProxiedConnection>();
  readonly #counts: Record<Direction, number> = { 'to-backend': 0, 'to-host': 0 };
  readonly #stalls = new Map<Direction, Promise<void>>();
  readonly #releases = new Set<() => void>();
  #newest: ProxiedConnection | undefined;

  private constructor(options: SocketProxyOptions) {
    this.#options = options;
    this.#server = createServer({ allowHalfOpen: true }, (host) => this.#join(host));
  }

  static async listen(options: SocketProxyOptions): Promise<SocketProxy> {
    const proxy = new SocketProxy(options);
    proxy.#server.listen(options.listen);
    await once(proxy.#server, 'listening');
    return proxy;
  }

  /** Where to dial, with the port that was found. */
  get address(): SocketAddress {
    const address = this.#server.address();
    return address === null || typeof address === 'string'
      ? this.#options.listen
      : { port: address.port, host: address.address };
  }

  /** How many lines were forwarded, over all connections. */
  count(direction: Direction): number {
    return this.#counts[direction];
  }

  /** Whether the newest connection joins both ends. */
  get isWhole(): boolean {
    return this.#newest?.isWhole ?? false;
  }

  /** Cuts what is open: both ends find it ended after what was forwarded. */
  cut(): void {
    for (const connection of this.#open) connection.cut();
  }

  reset(): void {
    for (const connection of this.#open) connection.reset();
  }

  /** One end of what is open is gone, and the other, which is kept, hears nothing of it. */
  halfOpen(kept: 'host' | 'backend'): void {
    for (const connection of this.#open) connection.halfOpen(kept);
  }

  /** Accepts what comes in that direction and forwards nothing, on later connections too, until it is released. */
  stall(direction: Direction): () => void {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    this.#stalls.set(direction, released);
    this.#releases.add(release);
    for (const { lanes } of this.#open) lanes[direction].stall(released);
    return release;
  }

  /** How many bytes were accepted and not forwarded. */
  heldBytes(direction: Direction): number {
    return [...this.#open].reduce((sum, { lanes }) => sum + lanes[direction].heldBytes, 0);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const release of this.#releases) release();
    for (const connection of this.#open) connection.destroy();
    await closed;
  }

  #join(host: Socket): void {
    this.connections += 1;
    const number = this.connections;
    const { target, chunkBytes, delayMs = 0 } = this.#options;
    const connection = new ProxiedConnection({
      host,
      backend: connect({ ...target, allowHalfOpen: true }),
      judge: (direction, text) => this.#judge(direction, number, text),
      onClosed: () => this.#open.delete(connection),
      chunkBytes,
      delayMs,
    });
    for (const [direction, released] of this.#stalls) connection.lanes[direction].stall(released);
    this.#open.add(connection);
    this.#newest = connection;
  }

  #judge(direction: Direction, connection: number, text: string): Verdict {
    this.#counts[direction] += 1;
    const frame = { direction, number: this.#counts[direction], connection, text };
    this.frames.push(frame);
    return this.#options.judge?.(frame) ?? 'pass';
  }
}
