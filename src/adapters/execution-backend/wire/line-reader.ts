import { Buffer, isUtf8 } from 'node:buffer';

export type LineFault = 'line-too-long' | 'line-not-utf8';

export interface LineSink {
  /** A whole line without its line feed; `bytes` is its length on the wire. */
  line(text: string, bytes: number): void;
  /** A line that cannot be read. What is left of it is passed over. */
  fault(fault: LineFault): void;
}

const lineFeed = 10;
/** What is kept of the buffer between lines. */
const keptCapacity = 64 * 1024;

/** Cuts chunks of bytes into lines (E1). Holds the beginning of one line, never more than the limit. */
export class LineReader {
  readonly #sink: LineSink;
  #limit: number;
  #held = Buffer.allocUnsafe(0);
  #length = 0;
  #discarding = false;
  #stopped = false;
  #paused = false;
  #backlog: Buffer[] = [];
  /** The number of the line that is being read, from 1. */
  lineNumber = 1;

  constructor(limit: number, sink: LineSink) {
    this.#limit = limit;
    this.#sink = sink;
  }

  setLimit(limit: number): void {
    this.#limit = limit;
  }

  /** Whether the last line has no end. */
  get isUnfinished(): boolean {
    return this.#length > 0 || this.#discarding;
  }

  /** Nothing is handed on until `resume`, not even the rest of the chunk at hand. */
  pause(): void {
    this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    const backlog = this.#backlog;
    this.#backlog = [];
    for (const bytes of backlog) this.push(bytes);
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** Nothing is handed on any more, not even the rest of the chunk at hand. */
  stop(): void {
    this.#stopped = true;
    this.#backlog = [];
    this.#held = Buffer.allocUnsafe(0);
    this.#length = 0;
  }

  push(chunk: Uint8Array): void {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    while (!this.#stopped) {
      if (this.#paused) {
        if (from < bytes.length) this.#backlog.push(bytes.subarray(from));
        return;
      }
      const end = bytes.indexOf(lineFeed, from);
      if (end < 0) {
        if (from < bytes.length) this.#hold(bytes.subarray(from));
        return;
      }
      this.#finish(bytes.subarray(from, end));
      this.lineNumber += 1;
      from = end + 1;
    }
  }

  #finish(tail: Buffer): void {
    if (this.#discarding) {
      this.#discarding = false;
      return;
    }
    if (this.#length + tail.length > this.#limit) {
      this.#release();
      this.#sink.fault('line-too-long');
      return;
    }
    if (this.#length === 0) {
      this.#deliver(tail);
      return;
    }
    this.#append(tail);
    const line = this.#held.subarray(0, this.#length);
    this.#length = 0;
    this.#deliver(line);
    if (this.#held.length > keptCapacity && this.#length === 0) this.#release();
  }

  #deliver(line: Buffer): void {
    if (isUtf8(line)) this.#sink.line(line.toString('utf8'), line.length);
    else this.#sink.fault('line-not-utf8');
  }

  #hold(part: Buffer): void {
    if (this.#discarding) return;
    if (this.#length + part.length > this.#limit) {
      this.#discarding = true;
      this.#release();
      this.#sink.fault('line-too-long');
      return;
    }
    this.#append(part);
  }

  #append(part: Buffer): void {
    const needed = this.#length + part.length;
    if (needed > this.#held.length) {
      const grown = Buffer.allocUnsafe(Math.min(this.#limit, Math.max(needed, 2 * this.#held.length, 4096)));
      this.#held.copy(grown, 0, 0, this.#length);
      this.#held = grown;
    }
    part.copy(this.#held, this.#length);
    this.#length = needed;
  }

  #release(): void {
    this.#held = Buffer.allocUnsafe(0);
    this.#length = 0;
  }
}
