import { maskedCrc32c } from './crc32c.js';
import { Fields } from './fields.js';
import { unsnappied } from './snappy.js';

/** A block of a table file: `bytes` from `offset` on, then its type (1 byte) and its checksum (4). */
export interface TableBlock {
  readonly offset: number;
  readonly bytes: number;
}

export const footerBytes = 48;
export const trailerBytes = 5;
/** The engine's own end of a key in a table: a sequence and a type. */
const keyTrailerBytes = 8;
/** Nothing that the engine knows: it says so, and reads on behind it. */
const spoiledType = 0x7f;

export const isSound = (table: Buffer, { offset, bytes }: TableBlock): boolean =>
  offset + bytes + trailerBytes <= table.length &&
  maskedCrc32c(table.subarray(offset, offset + bytes + 1)) === table.readUInt32LE(offset + bytes + 1);

function handleOf(fields: Fields): TableBlock {
  return { offset: fields.number(), bytes: fields.number() };
}

/** Of a footer: where the block is that names the filters, and where the index is. */
export function footerOf(footer: Buffer): readonly [filters: TableBlock, index: TableBlock] {
  const fields = new Fields(footer);
  return [handleOf(fields), handleOf(fields)];
}

/** A block that an index names, and a key that none in it is above. */
export interface IndexEntry {
  readonly upTo: string;
  readonly block: TableBlock;
}

/** What a block of the index names, in the order of the keys. */
export function indexEntries(table: Buffer, index: TableBlock): readonly IndexEntry[] {
  const stored = table.subarray(index.offset, index.offset + index.bytes);
  const content = table[index.offset + index.bytes] === 1 ? unsnappied(stored) : stored;
  const restarts = content.readUInt32LE(content.length - 4);
  const fields = new Fields(content.subarray(0, content.length - 4 * (restarts + 1)));
  const entries: IndexEntry[] = [];
  let key = Buffer.alloc(0);
  while (!fields.isAtEnd) {
    const [shared, keyBytes, valueBytes] = [fields.number(), fields.number(), fields.number()];
    key = Buffer.concat([key.subarray(0, shared), fields.bytes(keyBytes)]);
    const upTo = key.toString('latin1', 0, key.length - keyTrailerBytes);
    entries.push({ upTo, block: handleOf(new Fields(fields.bytes(valueBytes))) });
  }
  return entries;
}

const handlesOf = (table: Buffer, index: TableBlock): readonly TableBlock[] =>
  indexEntries(table, index).map(({ block }) => block);

/**
 * Every block of a table file, those of its index and its filter last; `undefined` where that cannot be told any more.
 * Source: https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function blocksOf(table: Buffer): readonly TableBlock[] | undefined {
  try {
    const [filters, index] = footerOf(table.subarray(table.length - footerBytes));
    if (!isSound(table, index) || !isSound(table, filters)) return undefined;
    return [...handlesOf(table, index), ...handlesOf(table, filters), filters, index];
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}

/** The blocks that are not what was written; `undefined` where the file tells no blocks. */
export const unsoundBlocks = (table: Buffer): readonly TableBlock[] | undefined =>
  blocksOf(table)?.filter((block) => !isSound(table, block));

/**
 * Makes the engine refuse a block that is not sound. It checks nothing when it reads, and one with a wrong length in it
 * may end the process.
 */
export function spoil(table: Buffer, { offset, bytes }: TableBlock): void {
  table.writeUInt8(spoiledType, offset + bytes);
}
