import { maskedCrc32c } from './crc32c.js';
import { Fields } from './fields.js';
import { unsnappied } from './snappy.js';

/** A block of a table file: `bytes` from `offset` on, then its type (1 byte) and its checksum (4). */
export interface TableBlock {
  readonly offset: number;
  readonly bytes: number;
}

const footerBytes = 48;
const trailerBytes = 5;
/** Nothing that the engine knows: it says so, and reads on behind it. */
const spoiledType = 0x7f;

const isSound = (table: Buffer, { offset, bytes }: TableBlock): boolean =>
  offset + bytes + trailerBytes <= table.length &&
  maskedCrc32c(table.subarray(offset, offset + bytes + 1)) === table.readUInt32LE(offset + bytes + 1);

function handleOf(fields: Fields): TableBlock {
  return { offset: fields.number(), bytes: fields.number() };
}

/** The blocks that a block of the index names. */
function handlesOf(table: Buffer, index: TableBlock): readonly TableBlock[] {
  const stored = table.subarray(index.offset, index.offset + index.bytes);
  const content = table[index.offset + index.bytes] === 1 ? unsnappied(stored) : stored;
  const restarts = content.readUInt32LE(content.length - 4);
  const fields = new Fields(content.subarray(0, content.length - 4 * (restarts + 1)));
  const handles: TableBlock[] = [];
  while (!fields.isAtEnd) {
    fields.number();
    const keyBytes = fields.number();
    const valueBytes = fields.number();
    fields.skip(keyBytes);
    handles.push(handleOf(new Fields(fields.bytes(valueBytes))));
  }
  return handles;
}

/**
 * Every block of a table file, those of its index and its filter last; `undefined` where that cannot be told any more.
 * Source: https://github.com/google/leveldb/blob/main/doc/table_format.md
 */
export function blocksOf(table: Buffer): readonly TableBlock[] | undefined {
  try {
    const footer = new Fields(table.subarray(table.length - footerBytes));
    const [filters, index] = [handleOf(footer), handleOf(footer)];
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
