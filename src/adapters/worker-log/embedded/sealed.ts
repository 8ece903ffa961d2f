import { Buffer } from 'node:buffer';
import { crc32 } from 'node:zlib';

/** What was written is not what is read: a disk, or somebody, has changed it. */
export class Damage extends Error {}

const sealBytes = 4;

/** A text with its checksum in front: the engine checks what it writes, and not what it reads. */
export function sealed(text: string): Buffer {
  const length = Buffer.byteLength(text);
  const value = Buffer.allocUnsafe(sealBytes + length);
  value.write(text, sealBytes);
  value.writeUInt32LE(crc32(value.subarray(sealBytes)));
  return value;
}

/** The text of a sealed value. Throws `Damage`. */
export function unsealed(value: Buffer): string {
  const text = value.subarray(sealBytes);
  if (value.length < sealBytes || value.readUInt32LE() !== crc32(text)) throw new Damage('a checksum does not fit');
  return text.toString();
}
