/** Up to here it costs less to copy a body than to write it by itself. */
const copiedBytes = 4_096;

const opcodes = { continuation: 0x0, text: 0x1 };
const finBit = 0x80;

function headerBytes(length: number): number {
  if (length < 126) return 2;
  return length < 65_536 ? 4 : 10;
}

function writeHeader(buffer: Buffer, first: number, length: number): void {
  buffer[0] = first;
  if (length < 126) {
    buffer[1] = length;
  } else if (length < 65_536) {
    buffer[1] = 126;
    buffer.writeUInt16BE(length, 2);
  } else {
    buffer[1] = 127;
    buffer.writeUIntBE(0, 2, 2);
    buffer.writeUIntBE(length, 4, 6);
  }
}

/**
 * The frame of RFC 6455 in which a server says a piece of a text message, as what is written one after the other: a long
 * last part is not copied, so that many sockets may write the very same bytes.
 */
export function textFrame(parts: readonly Uint8Array[], isFirst: boolean, isLast: boolean): readonly Uint8Array[] {
  let length = 0;
  for (const { byteLength } of parts) length += byteLength;
  const body = length > copiedBytes ? parts.at(-1) : undefined;
  let at = headerBytes(length);
  const buffer = Buffer.allocUnsafe(at + length - (body?.byteLength ?? 0));
  writeHeader(buffer, (isLast ? finBit : 0) | (isFirst ? opcodes.text : opcodes.continuation), length);
  for (const part of parts) {
    if (part === body) break;
    buffer.set(part, at);
    at += part.byteLength;
  }
  return body ? [buffer, body] : [buffer];
}
