import { Buffer } from 'node:buffer';

/** The last bytes of what a program printed, as text that begins at a whole character. */
export class OutputTail {
  readonly #maxBytes: number;
  #chunks: Buffer[] = [];
  #bytes = 0;
  #dropped = false;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    // Twice the room: what is cut off is copied now and then only.
    if (this.#bytes > 2 * this.#maxBytes) this.#cut();
  }

  get text(): string {
    this.#cut();
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  /** Whether its beginning is gone. */
  get isTruncated(): boolean {
    return this.#dropped || this.#bytes > this.#maxBytes;
  }

  #cut(): void {
    if (this.#bytes <= this.#maxBytes) return;
    const all = Buffer.concat(this.#chunks);
    let from = all.length - this.#maxBytes;
    while (from < all.length && ((all[from] ?? 0) & 0xc0) === 0x80) from += 1;
    const kept = all.subarray(from);
    this.#chunks = [kept];
    this.#bytes = kept.length;
    this.#dropped = true;
  }
}
