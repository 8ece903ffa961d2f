import type { FileHandle } from 'node:fs/promises';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

import { tableFiles } from './folder-files.js';
import type { TableBlock } from './table-blocks.js';
import { footerBytes, footerOf, indexEntries, isSound, trailerBytes } from './table-blocks.js';

export interface KeyRange {
  readonly gte: string;
  readonly lt: string;
}

async function bytesOf(file: FileHandle, offset: number, bytes: number): Promise<Buffer> {
  const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, offset);
  if (bytesRead < bytes) throw new RangeError('there is no more');
  return buffer;
}

async function indexOf(file: FileHandle) {
  const { size } = await file.stat();
  const [, { offset, bytes }] = footerOf(await bytesOf(file, size - footerBytes, footerBytes));
  const index = await bytesOf(file, offset, bytes + trailerBytes);
  if (!isSound(index, { offset: 0, bytes })) throw new RangeError('no index');
  return indexEntries(index, { offset: 0, bytes });
}

/** The blocks of a table that may hold keys of a range; they lie one behind the other. */
async function blocksIn(file: FileHandle, { gte, lt }: KeyRange): Promise<readonly TableBlock[]> {
  const entries = await indexOf(file);
  const from = entries.findIndex(({ upTo }) => upTo >= gte);
  const last = entries.findIndex(({ upTo }) => upTo >= lt);
  return from < 0 ? [] : entries.slice(from, last < 0 ? undefined : last + 1).map(({ block }) => block);
}

async function isSoundIn(file: FileHandle, range: KeyRange): Promise<boolean> {
  try {
    const blocks = await blocksIn(file, range);
    const [first, last] = [blocks[0], blocks.at(-1)];
    if (!first || !last) return true;
    const content = await bytesOf(file, first.offset, last.offset + last.bytes + trailerBytes - first.offset);
    return blocks.every(({ offset, bytes }) => isSound(content, { offset: offset - first.offset, bytes }));
  } catch (cause) {
    if (cause instanceof RangeError) return false;
    throw cause;
  }
}

/**
 * The table files of a folder of which a block is not what was written that may hold keys of a range. The engine checks
 * no block when it reads: one changed byte may end a scan before its end, or hide keys from it, in silence.
 */
export async function unsoundTables(folder: string, range: KeyRange): Promise<readonly string[]> {
  const unsound: string[] = [];
  for (const name of await tableFiles(folder)) {
    const file = await open(join(folder, name), 'r').catch(() => undefined);
    // Another host, which has the folder, may have removed it.
    if (!file) continue;
    try {
      if (!(await isSoundIn(file, range))) unsound.push(name);
    } finally {
      await file.close();
    }
  }
  return unsound;
}
