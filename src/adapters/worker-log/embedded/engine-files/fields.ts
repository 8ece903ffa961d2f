/** Reads what the engine encodes one behind the other. Throws a `RangeError` where there is no more. */
export class Fields {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  get isAtEnd(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** As many bytes as it takes, seven bits in each, the lowest first. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.#bytes.readUInt8(this.#offset++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  }

  bytes(count: number): Buffer {
    const start = this.#offset;
    this.skip(count);
    return this.#bytes.subarray(start, this.#offset);
  }

  skip(count: number): void {
    if (this.#offset + count > this.#bytes.length) throw new RangeError('there is no more');
    this.#offset += count;
  }

  /** What is not read yet. */
  rest(): Buffer {
    return this.#bytes.subarray(this.#offset);
  }

  skipText(): void {
    this.skip(this.number());
  }
}
