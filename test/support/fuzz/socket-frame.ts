export const opcodes = { continuation: 0x0, text: 0x1, binary: 0x2, close: 0x8, ping: 0x9, pong: 0xa } as const;

export interface FrameOptions {
  readonly opcode: number;
  /** `true` where absent: the message ends here. */
  readonly fin?: boolean | undefined;
  /** RSV1 to RSV3, as three bits. */
  readonly reserved?: number | undefined;
  /** Absent: no mask, which no client may send. */
  readonly mask?: readonly [number, number, number, number] | undefined;
  /** How its length is written. The shortest form where absent. */
  readonly lengthBytes?: 0 | 2 | 8 | undefined;
}

function lengthField(length: number, lengthBytes: 0 | 2 | 8): Buffer {
  const [first, extended] = lengthBytes === 0 ? [length, 0] : lengthBytes === 2 ? [126, 2] : [127, 8];
  const field = Buffer.alloc(1 + extended);
  field[0] = first;
  if (extended === 2) field.writeUInt16BE(length, 1);
  if (extended === 8) field.writeBigUInt64BE(BigInt(length), 1);
  return field;
}

/** A frame of RFC 6455, well formed or not. */
export function encodeFrame(payload: Uint8Array | string, options: FrameOptions): Buffer {
  const { opcode, fin = true, reserved = 0, mask } = options;
  const plain = Buffer.from(payload);
  const shortest = plain.length < 126 ? 0 : plain.length < 65_536 ? 2 : 8;
  const size = lengthField(plain.length, options.lengthBytes ?? shortest);
  if (mask) size[0] = (size[0] ?? 0) | 0x80;
  const masked = mask ? plain.map((byte, at) => byte ^ (mask[at % 4] ?? 0)) : plain;
  return Buffer.concat([
    Buffer.from([(fin ? 0x80 : 0) | (reserved << 4) | opcode]),
    size,
    Buffer.from(mask ?? []),
    masked,
  ]);
}

export interface ServerFrame {
  readonly opcode: number;
  readonly payload: Buffer;
}

/** Reads what a server sends. Throws for what a server may not send. */
export class FrameReader {
  #rest: Buffer = Buffer.alloc(0);
  #fragments: Buffer[] | undefined;

  /** The messages and control frames that are whole with these bytes. */
  read(chunk: Buffer): readonly ServerFrame[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: ServerFrame[] = [];
    for (let raw = this.#next(); raw; raw = this.#next()) {
      const whole = this.#whole(raw);
      if (whole) frames.push(whole);
    }
    return frames;
  }

  #next(): { readonly first: number; readonly payload: Buffer } | undefined {
    const [first, short] = this.#rest;
    if (first === undefined || short === undefined) return undefined;
    if (short & 0x80) throw new Error('a server masks nothing');
    if (first & 0x70) throw new Error('reserved bits from the server');
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const start = 2 + extended;
    if (this.#rest.length < start) return undefined;
    const length =
      extended === 2 ? this.#rest.readUInt16BE(2) : extended === 8 ? Number(this.#rest.readBigUInt64BE(2)) : short;
    if (this.#rest.length < start + length) return undefined;
    const payload = this.#rest.subarray(start, start + length);
    this.#rest = this.#rest.subarray(start + length);
    return { first, payload };
  }

  #whole({ first, payload }: { readonly first: number; readonly payload: Buffer }): ServerFrame | undefined {
    const opcode = first & 0x0f;
    const fin = (first & 0x80) !== 0;
    if (opcode >= opcodes.close) {
      if (!fin || payload.length > 125) throw new Error('a control frame of the wrong form from the server');
      return { opcode, payload };
    }
    const begins = opcode === opcodes.text && !this.#fragments;
    const goesOn = opcode === opcodes.continuation && this.#fragments;
    if (!begins && !goesOn) throw new Error(`opcode ${opcode} from the server where it may not be`);
    const fragments = [...(this.#fragments ?? []), payload];
    this.#fragments = fin ? undefined : fragments;
    return fin ? { opcode: opcodes.text, payload: Buffer.concat(fragments) } : undefined;
  }
}
