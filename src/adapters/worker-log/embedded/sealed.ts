import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

import { Damage } from './damage.js';

const sealBytes = 4;

const sealOf = (key: string, text: Buffer): number => crc32(text, crc32(key));

/**
 * A text with a checksum of it and of its key in front: the engine checks what it writes, and not what it reads, so
 * that either of them may come back changed.
 */
export function sealed(key: string, text: string): Buffer {
  const length = Buffer.byteLength(text);
  const value = Buffer.allocUnsafe(sealBytes + length);
  value.write(text, sealBytes);
  value.writeUInt32LE(sealOf(key, value.subarray(sealBytes)));
  return value;
}

/** The text of a sealed value. Throws `Damage`. */
export function unsealed(key: string, value: Buffer): string {
  const text = value.subarray(sealBytes);
  if (value.length < sealBytes || value.readUInt32LE() !== sealOf(key, text)) {
    throw new Damage('a checksum does not fit');
  }
  return text.toString();
}
