import { Buffer } from 'node:buffer';

import type { WireTransport } from '../wire/transport.js';

/** Taken once: delivery is never moved by whoever replaces timers later. */
const nextTurn = globalThis.setImmediate;
/** How much one end may have on the way before its writer is asked to wait. */
const highWaterBytes = 64 * 1024;

export interface LinkedPair {
  readonly host: WireTransport;
  readonly backend: WireTransport;
  /** Ends both directions at once; what is on the way is lost. */
  cut(): void;
}

class LinkedEnd implements WireTransport {
  readonly closed: Promise<void>;
  other: LinkedEnd | undefined;
  #resolveClosed: () => void = () => undefined;
  #onChunk: ((chunk: Uint8Array) => void) | undefined;
  #incoming: Uint8Array[] = [];
  #incomingBytes = 0;
  #isDelivering = false;
  #isFinishing = false;
  #isClosed = false;
  #drained: (() => void)[] = [];

  constructor() {
    this.closed = new Promise((resolve) => (this.#resolveClosed = resolve));
  }

  start(onChunk: (chunk: Uint8Array) => void): void {
    this.#onChunk = onChunk;
    this.#schedule();
  }

  write(text: string): Promise<void> | undefined {
    return this.#isClosed ? undefined : this.other?.receive(Buffer.from(text));
  }

  close(): void {
    this.end();
    this.other?.finish();
  }

  receive(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#isClosed) return undefined;
    this.#incoming.push(chunk);
    this.#incomingBytes += chunk.length;
    this.#schedule();
    if (this.#incomingBytes < highWaterBytes) return undefined;
    return new Promise((resolve) => this.#drained.push(resolve));
  }

  /** Nothing more comes: what is on the way is delivered first. */
  finish(): void {
    this.#isFinishing = true;
    this.#schedule();
  }

  end(): void {
    this.#isClosed = true;
    this.#incoming = [];
    this.#incomingBytes = 0;
    this.#release();
    this.#resolveClosed();
  }

  #schedule(): void {
    if (this.#isDelivering || this.#isClosed) return;
    this.#isDelivering = true;
    nextTurn(() => {
      this.#isDelivering = false;
      this.#deliver();
    });
  }

  #deliver(): void {
    if (!this.#onChunk) return;
    const chunks = this.#incoming;
    this.#incoming = [];
    this.#incomingBytes = 0;
    for (const chunk of chunks) if (!this.#isClosed) this.#onChunk(chunk);
    this.#release();
    if (this.#isFinishing && this.#incoming.length === 0) this.end();
  }

  #release(): void {
    const drained = this.#drained;
    this.#drained = [];
    for (const resolve of drained) resolve();
  }
}

/** Two transports in one process, each the other's far end. Bytes go over in a turn of their own, as over a pipe. */
export function linkedPair(): LinkedPair {
  const host = new LinkedEnd();
  const backend = new LinkedEnd();
  host.other = backend;
  backend.other = host;
  return {
    host,
    backend,
    cut: () => {
      host.end();
      backend.end();
    },
  };
}
