import type { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import { Damage } from './damage.js';
import type { Range } from './keys.js';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string };

interface Scan extends Range {
  readonly reverse?: boolean;
  readonly limit?: number;
  /** How far it reads ahead, 16 KiB where it is not said: more for who reads all of a long range. */
  readonly highWaterMarkBytes?: number;
}

/**
 * The part of LevelDB that is used. An iteration sees the store as it was when it began. Reads reject with `Damage`
 * where what they meet cannot be read; an iteration does so when it has told all that can be.
 */
export interface Engine {
  get(key: string): Promise<Buffer | undefined>;
  keys(scan: Scan): AsyncIterable<string>;
  entries(scan: Scan): AsyncIterable<readonly [string, Buffer]>;
  /** All of it or nothing, and with `sync` on disk when it resolves. After a rejection nothing more can be written. */
  write(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  /** What the engine left out when it was opened, since it could not be read: lines for an operator. */
  readonly leftOut: readonly string[];
  close(): Promise<void>;
}

export type OpenEngine = (folder: string) => Promise<Engine>;

/** LevelDB says nothing of damage to who opens it, and goes on without what it could not read: its own log tells. */
async function linesOfDamage(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'LOG'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => /corruption|dropping/i.test(line));
}

const mebibyte = 1024 * 1024;
const encodings = { keyEncoding: 'utf8', valueEncoding: 'buffer' } as const;

const isCorruption = (cause: unknown): boolean => (cause as { readonly code?: string }).code === 'LEVEL_CORRUPTION';

const damageOf = (cause: unknown): unknown =>
  isCorruption(cause) ? new Damage('a block of the engine cannot be read', { cause }) : cause;

/** What is left of a scan behind a key. */
function restOf(scan: Scan, told: string | undefined, count: number): object {
  const { gte, lt, reverse = false, limit } = scan;
  const behind = told === undefined ? { gte, lt } : reverse ? { gte, lt: told } : { gt: told, lt };
  return { ...behind, reverse, ...(limit !== undefined && { limit: limit - count }) };
}

/**
 * The engine passes over a block that it cannot read, says so at the end, and withholds then what it read last: that is
 * asked for again, one by one.
 */
async function* tell<T>(
  scan: Scan,
  iterate: (options: object) => AsyncIterable<T>,
  keyOf: (entry: T) => string,
): AsyncGenerator<T, void, void> {
  let last: string | undefined;
  let count = 0;
  const counted = (entry: T): T => {
    last = keyOf(entry);
    count += 1;
    return entry;
  };
  try {
    for await (const entry of iterate(scan)) yield counted(entry);
  } catch (first) {
    if (!isCorruption(first)) throw first;
    try {
      for await (const entry of iterate({ ...restOf(scan, last, count), highWaterMarkBytes: 0 })) yield counted(entry);
    } catch (cause) {
      throw damageOf(cause);
    }
    throw damageOf(first);
  }
}

export async function openLevel(folder: string): Promise<Engine> {
  const level = new ClassicLevel<string, Buffer>(folder, { ...encodings, writeBufferSize: 16 * mebibyte });
  await level.open();
  const leftOut = await linesOfDamage(folder);
  return {
    leftOut,
    async get(key) {
      try {
        return await level.get(key);
      } catch (cause) {
        throw damageOf(cause);
      }
    },
    keys: (scan) =>
      tell(
        scan,
        (options) => level.keys(options),
        (key) => key,
      ),
    entries: (scan) =>
      tell(
        scan,
        (options) => level.iterator(options),
        ([key]) => key,
      ),
    async write(operations, { sync }) {
      // An array of them would be copied and encoded operation by operation first.
      const batch = level.batch();
      for (const operation of operations) {
        if (operation.type === 'put') batch.put(operation.key, operation.value);
        else batch.del(operation.key);
      }
      await batch.write({ sync });
    },
    close: () => level.close(),
  };
}
