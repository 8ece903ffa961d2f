import { Fields } from './fields.js';

/**
 * Decompresses a block, in front of which its length stands. Throws a `RangeError` where it is none. Source:
 * https://github.com/google/snappy/blob/main/format_description.txt
 */
export function unsnappied(block: Buffer): Buffer {
  const fields = new Fields(block);
  const length = fields.number();
  const bytes = fields.rest();
  const out = Buffer.alloc(length);
  let written = 0;
  const copy = (distance: number, count: number): void => {
    if (distance === 0 || distance > written || written + count > length) throw new RangeError('no block');
    for (const end = written + count; written < end; written += 1) out[written] = out.readUInt8(written - distance);
  };
  for (let offset = 0; offset < bytes.length;) {
    const tag = bytes.readUInt8(offset++);
    const size = tag >>> 2;
    if ((tag & 3) === 0) {
      const extra = Math.max(0, size - 59);
      const count = (extra > 0 ? bytes.readUIntLE(offset, extra) : size) + 1;
      offset += extra;
      if (offset + count > bytes.length || written + count > length) throw new RangeError('no block');
      written += bytes.copy(out, written, offset, offset + count);
      offset += count;
    } else if ((tag & 3) === 1) copy(((tag >>> 5) << 8) | bytes.readUInt8(offset++), ((tag >>> 2) & 7) + 4);
    else {
      const width = (tag & 3) === 2 ? 2 : 4;
      copy(bytes.readUIntLE(offset, width), size + 1);
      offset += width;
    }
  }
  return out;
}
