import { recordsOf } from './engine-records.js';
import { Fields } from './fields.js';

/** What the engine says of its own files. */
export interface Manifest {
  /** The write-ahead log that is still needed; 0 for none. Later ones have higher numbers. */
  readonly logNumber: number;
  /** The number of each table file, and its length in bytes. */
  readonly tables: ReadonlyMap<number, number>;
}

const tags = {
  comparator: 1,
  logNumber: 2,
  nextFile: 3,
  lastSequence: 4,
  compactPointer: 5,
  deletedFile: 6,
  newFile: 7,
  previousLog: 9,
} as const;

function applyField(manifest: { logNumber: number; tables: Map<number, number> }, fields: Fields): boolean {
  const tag = fields.number();
  switch (tag) {
    case tags.comparator:
      fields.skipText();
      return true;
    case tags.logNumber:
      manifest.logNumber = fields.number();
      return true;
    case tags.nextFile:
    case tags.lastSequence:
    case tags.previousLog:
      fields.number();
      return true;
    case tags.compactPointer:
      fields.number();
      fields.skipText();
      return true;
    case tags.deletedFile:
      fields.number();
      manifest.tables.delete(fields.number());
      return true;
    case tags.newFile:
      fields.number();
      manifest.tables.set(fields.number(), fields.number());
      fields.skipText();
      fields.skipText();
      return true;
    default:
      return false;
  }
}

/**
 * The files that a MANIFEST names; `undefined` where it cannot be read. Source:
 * https://github.com/google/leveldb/blob/main/db/version_edit.cc
 */
export function manifestOf(content: Buffer): Manifest | undefined {
  const manifest = { logNumber: 0, tables: new Map<number, number>() };
  try {
    for (const record of recordsOf(content)) {
      const fields = new Fields(record);
      while (!fields.isAtEnd) if (!applyField(manifest, fields)) return undefined;
    }
    return manifest;
  } catch (cause) {
    if (cause instanceof RangeError) return undefined;
    throw cause;
  }
}
