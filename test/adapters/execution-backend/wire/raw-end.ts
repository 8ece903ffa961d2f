import { Buffer } from 'node:buffer';

import { expect, vi } from 'vitest';

import { linkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import type { LinkedPair } from '../../../../src/adapters/execution-backend/in-memory/linked-pair.js';
import type { WireTransport } from '../../../../src/adapters/execution-backend/wire/transport.js';

export interface Line {
  readonly jsonrpc?: string;
  readonly id?: number | string | null;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: {
    readonly code: number;
    readonly message: string;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** One end of the wire, spoken by hand, line by line. */
export class RawEnd {
  readonly lines: Line[] = [];
  readonly raw: string[] = [];
  isClosed = false;
  readonly #transport: WireTransport;
  #rest = '';

  constructor(transport: WireTransport) {
    this.#transport = transport;
    void transport.closed.then(() => (this.isClosed = true));
    transport.start((chunk) => this.#read(Buffer.from(chunk).toString()));
  }

  send(...messages: readonly object[]): void {
    for (const message of messages) this.sendRaw(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  }

  sendRaw(text: string): void {
    void this.#transport.write(text);
  }

  close(): void {
    this.#transport.close();
  }

  /** The first line that fits, once it is there. */
  async line(fits: (line: Line) => boolean): Promise<Line> {
    return vi.waitFor(
      () => {
        const found = this.lines.find(fits);
        expect(found, this.raw.join('')).toBeDefined();
        return found as Line;
      },
      { interval: 5 },
    );
  }

  method(name: string): Promise<Line> {
    return this.line((line) => line.method === name);
  }

  answer(id: number): Promise<Line> {
    return this.line((line) => line.id === id && line.method === undefined);
  }

  async closed(): Promise<void> {
    await this.#transport.closed;
  }

  #read(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      this.raw.push(`${line}\n`);
      this.lines.push(JSON.parse(line) as Line);
    }
  }
}

export interface RawPair {
  readonly raw: RawEnd;
  readonly transport: WireTransport;
  readonly pair: LinkedPair;
}

/** A pair whose host end is spoken by hand. */
export function rawHost(): RawPair {
  const pair = linkedPair();
  return { raw: new RawEnd(pair.host), transport: pair.backend, pair };
}

/** A pair whose backend end is spoken by hand. */
export function rawBackend(): RawPair {
  const pair = linkedPair();
  return { raw: new RawEnd(pair.backend), transport: pair.host, pair };
}

export const initialize = (id = 1, params: object = {}): object => ({
  id,
  method: 'initialize',
  params: { protocolVersions: [1], host: { name: 'raw', version: '1' }, limits: {}, graceMs: 60_000, ...params },
});

/** Answers the handshake of a host end. */
export async function greet(raw: RawEnd, limits: object = {}): Promise<void> {
  const { id } = await raw.method('initialize');
  raw.send({ id, result: { protocolVersion: 1, backend: { name: 'raw', version: '1' }, limits } });
}
