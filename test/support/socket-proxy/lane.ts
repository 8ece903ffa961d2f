import { Buffer } from 'node:buffer';
import type { Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

export type Direction = 'to-backend' | 'to-host';

/** A line on its way through the proxy. */
export interface ProxyFrame {
  readonly direction: Direction;
  /** From 1, over all connections of the proxy in that direction. */
  readonly number: number;
  /** From 1, in the order of the connections. */
  readonly connection: number;
  /** Without its line feed. */
  readonly text: string;
}

/** What becomes of the connection: it goes on, or is cut once all of this frame was forwarded, or half of its bytes. */
export type Verdict = 'pass' | 'cut-after' | 'cut-within';

export interface LaneOptions {
  readonly from: Socket;
  readonly to: Socket;
  /** Names and judges the line that goes next. */
  readonly judge: (text: string) => Verdict;
  readonly cut: () => void;
  readonly chunkBytes?: number | undefined;
  readonly delayMs: number;
}

const lineFeed = 0x0a;
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** One direction of one connection: whole lines in their order, what follows the last one at the end. */
export class Lane {
  readonly #options: LaneOptions;
  #unfinished: Buffer[] = [];
  #lines: Buffer[] = [];
  #isMoving = false;
  #isOver = false;
  #hasEnded = false;
  #stalled: Promise<void> | undefined;

  constructor(options: LaneOptions) {
    this.#options = options;
    const { from } = options;
    from.on('data', (chunk: Buffer) => this.#take(chunk));
    from.on('end', () => {
      this.#hasEnded = true;
      this.#lines.push(...this.#unfinished.splice(0));
      this.#move();
    });
  }

  /** How many bytes were accepted and not forwarded. */
  get heldBytes(): number {
    return [...this.#lines, ...this.#unfinished].reduce((sum, { length }) => sum + length, 0);
  }

  /** Forwards nothing until `released`. */
  stall(released: Promise<void>): void {
    this.#stalled = released;
  }

  /** Forwards nothing any more; what comes in is read and dropped. */
  stop(): void {
    this.#isOver = true;
    this.#lines = [];
    this.#unfinished = [];
  }

  #take(chunk: Buffer): void {
    if (this.#isOver) return;
    let start = 0;
    for (let end = chunk.indexOf(lineFeed); end !== -1; end = chunk.indexOf(lineFeed, start)) {
      this.#lines.push(Buffer.concat([...this.#unfinished.splice(0), chunk.subarray(start, end + 1)]));
      start = end + 1;
    }
    if (start < chunk.length) this.#unfinished.push(chunk.subarray(start));
    this.#move();
  }

  #move(): void {
    if (this.#isMoving) return;
    this.#isMoving = true;
    void this.#forwardAll().finally(() => (this.#isMoving = false));
  }

  async #forwardAll(): Promise<void> {
    for (;;) {
      await this.#stalled;
      const line = this.#lines.shift();
      if (!line || this.#isOver) break;
      await this.#forward(line);
    }
    if (this.#hasEnded && !this.#isOver) this.#options.to.end();
  }

  async #forward(line: Buffer): Promise<void> {
    const { judge, cut, delayMs } = this.#options;
    const verdict = line.at(-1) === lineFeed ? judge(line.toString('utf8', 0, line.length - 1)) : 'pass';
    if (delayMs > 0) await delay(delayMs);
    await this.#write(verdict === 'cut-within' ? line.subarray(0, Math.floor(line.length / 2)) : line);
    if (verdict !== 'pass') cut();
  }

  async #write(bytes: Buffer): Promise<void> {
    const { chunkBytes = bytes.length } = this.#options;
    for (let start = 0; start < bytes.length; start += chunkBytes) {
      if (this.#isOver) return;
      await this.#written(bytes.subarray(start, start + chunkBytes));
      if (chunkBytes < bytes.length) await turn();
    }
  }

  /** Resolves when the kernel has it, or the socket is gone. */
  #written(bytes: Buffer): Promise<void> {
    const { to } = this.#options;
    return new Promise((resolve) => {
      if (!to.writable) return resolve();
      to.write(bytes, () => resolve());
    });
  }
}
