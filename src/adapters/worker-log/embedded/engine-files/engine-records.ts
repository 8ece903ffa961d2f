/**
 * The engine's write-ahead log and its MANIFEST are blocks of 32 KiB; a record is fragments, each with a header of
 * seven bytes: checksum (4), length (2), type (1).
 * Source: https://github.com/google/leveldb/blob/main/doc/log_format.md
 */
export const blockBytes = 32 * 1024;
export const headerBytes = 7;
export const fragmentTypes = { full: 1, first: 2, middle: 3, last: 4 } as const;

/** The records of a file that is read whole, up to one that is not whole. Checksums are left to the engine. */
export function* recordsOf(content: Buffer): Generator<Buffer, void, void> {
  let fragments: Buffer[] = [];
  for (let offset = 0; offset + headerBytes <= content.length;) {
    const room = blockBytes - (offset % blockBytes);
    if (room < headerBytes) {
      offset += room;
      continue;
    }
    const start = offset + headerBytes;
    const end = start + content.readUInt16LE(offset + 4);
    const type = content[offset + 6];
    if (end > content.length) return;
    if (type === fragmentTypes.full || type === fragmentTypes.first) fragments = [];
    fragments.push(content.subarray(start, end));
    if (type === fragmentTypes.full || type === fragmentTypes.last) yield Buffer.concat(fragments);
    offset = end;
  }
}
