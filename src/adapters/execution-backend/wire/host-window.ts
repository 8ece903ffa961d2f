import type { WireLimits } from './limits.js';

/** What the frame around the events of a line may take at most; it does not count in the window. */
const frameBytes = 512;

interface Line {
  readonly first: number;
  readonly bytes: number;
}

/**
 * What a backend has sent of one Worker and was not acknowledged. Bytes are counted by whole lines that nothing is
 * recorded of, so that the count never exceeds the sender's own.
 */
export class HostWindow {
  #released = 0;
  #bytes = 0;
  #lines: Line[] = [];
  #head = 0;

  /** A new connection: everything after `position` is sent again. */
  restart(position: number): void {
    this.#released = position;
    this.#bytes = 0;
    this.#lines = [];
    this.#head = 0;
  }

  /** `false`: it is more than the window holds, and nothing of it counts. */
  admit(first: number, count: number, bytes: number, limits: WireLimits): boolean {
    if (first + count - 1 - this.#released > limits.windowEvents) return false;
    const counted = Math.max(0, bytes - frameBytes);
    const isAlone = this.#bytes === 0 && count === 1;
    if (!isAlone && this.#bytes + counted > limits.windowBytes) return false;
    this.#lines.push({ first, bytes: counted });
    this.#bytes += counted;
    return true;
  }

  release(upTo: number): void {
    this.#released = Math.max(this.#released, upTo);
    let line = this.#lines[this.#head];
    while (line && line.first <= this.#released) {
      this.#bytes -= line.bytes;
      this.#head += 1;
      line = this.#lines[this.#head];
    }
    if (this.#head < 512 && line) return;
    this.#lines = this.#lines.slice(this.#head);
    this.#head = 0;
  }
}
