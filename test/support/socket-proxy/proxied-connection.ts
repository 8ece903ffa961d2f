import type { Socket } from 'node:net';

import { type Direction, Lane, type Verdict } from './lane.js';

export interface ProxiedConnectionOptions {
  readonly host: Socket;
  readonly backend: Socket;
  readonly judge: (direction: Direction, text: string) => Verdict;
  readonly onClosed: () => void;
  readonly chunkBytes?: number | undefined;
  readonly delayMs: number;
}

/** Two sockets whose bytes go over to each other, until they are cut. */
export class ProxiedConnection {
  readonly lanes: Readonly<Record<Direction, Lane>>;
  /** Both ends are joined by it: it was not cut and neither end has gone. */
  isWhole = true;
  readonly #host: Socket;
  readonly #backend: Socket;
  #kept: Socket | undefined;

  constructor({ host, backend, judge, onClosed, chunkBytes, delayMs }: ProxiedConnectionOptions) {
    this.#host = host;
    this.#backend = backend;
    const lane = (direction: Direction, from: Socket, to: Socket): Lane =>
      new Lane({ from, to, judge: (text) => judge(direction, text), cut: () => this.cut(), chunkBytes, delayMs });
    this.lanes = { 'to-backend': lane('to-backend', host, backend), 'to-host': lane('to-host', backend, host) };
    for (const [socket, other] of [
      [host, backend],
      [backend, host],
    ] as const) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined);
      socket.on('end', () => (this.isWhole = false));
      socket.on('close', () => {
        this.isWhole = false;
        if (other !== this.#kept) other.destroySoon();
        if (host.destroyed && backend.destroyed) onClosed();
      });
    }
  }

  /** Both ends find it ended, after what was forwarded; nothing else is. */
  cut(): void {
    this.#stop();
    this.#host.destroySoon();
    this.#backend.destroySoon();
  }

  /** Both ends find it reset, where it is TCP, and what they have not read may be gone; else as ended at once. */
  reset(): void {
    this.#stop();
    for (const socket of [this.#host, this.#backend]) {
      if ('port' in socket.address()) socket.resetAndDestroy();
      else socket.destroy();
    }
  }

  /** The other end is gone; the one that is kept is told nothing, ever: what it says is read and dropped. */
  halfOpen(kept: 'host' | 'backend'): void {
    this.#stop();
    this.#kept = kept === 'host' ? this.#host : this.#backend;
    (kept === 'host' ? this.#backend : this.#host).destroySoon();
  }

  destroy(): void {
    this.#stop();
    this.#kept = undefined;
    this.#host.destroy();
    this.#backend.destroy();
  }

  #stop(): void {
    this.isWhole = false;
    for (const lane of Object.values(this.lanes)) lane.stop();
  }
}
