import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';

import { blockBytes, fragmentTypes as types, headerBytes } from './engine-records.js';

/** How many bytes at the end of a write-ahead log belong to a record that is not whole. */
function tornBytes(block: Buffer, recordStart: number | undefined, blockStart: number) {
  let whole = recordStart;
  let offset = 0;
  while (block.length - offset >= headerBytes) {
    const length = block.readUInt16LE(offset + 4);
    const type = block[offset + 6];
    const end = offset + headerBytes + length;
    const isKnown = type === types.full || type === types.first || type === types.middle || type === types.last;
    if (!isKnown || end > block.length) return { recordStart: whole ?? blockStart + offset, isTorn: true };
    if (type === types.first) whole = blockStart + offset;
    if (type === types.full || type === types.last) whole = undefined;
    offset = end;
  }
  const rest = block.length - offset;
  // The end of a block that no header fits into is padding.
  const isTorn = rest > 0 && block.length < blockBytes;
  return { recordStart: isTorn ? (whole ?? blockStart + offset) : whole, isTorn };
}

async function tornIn(file: string): Promise<number> {
  const handle = await open(file, 'r');
  try {
    const block = Buffer.alloc(blockBytes);
    let start = 0;
    let recordStart: number | undefined;
    for (;;) {
      const { bytesRead } = await handle.read(block, 0, blockBytes, start);
      const found = tornBytes(block.subarray(0, bytesRead), recordStart, start);
      recordStart = found.recordStart;
      start += bytesRead;
      if (bytesRead === blockBytes && !found.isTorn) continue;
      const { size } = await handle.stat();
      return recordStart === undefined ? 0 : size - recordStart;
    }
  } finally {
    await handle.close();
  }
}

export interface TornTail {
  readonly file: string;
  readonly bytes: number;
}

/**
 * The write that a crash of the machine left half done, if there is one: nobody was told of it, and the engine cuts it
 * off, in silence, when it opens the folder. To be asked before that.
 */
export async function tornTail(folder: string): Promise<TornTail | undefined> {
  const names = await readdir(folder).catch(() => []);
  const file = names
    .filter((name) => /^\d+\.log$/.test(name))
    .sort()
    .at(-1);
  if (file === undefined) return undefined;
  const bytes = await tornIn(join(folder, file));
  return bytes > 0 ? { file, bytes } : undefined;
}
