import type { Buffer } from 'node:buffer';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import type { Range } from './keys.js';

export type Operation =
  | { readonly type: 'put'; readonly key: string; readonly value: Buffer }
  | { readonly type: 'del'; readonly key: string };

interface Scan extends Range {
  readonly reverse?: boolean;
  readonly limit?: number;
}

/** The part of LevelDB that is used. An iteration sees the store as it was when it began. */
export interface Engine {
  get(key: string): Promise<Buffer | undefined>;
  keys(scan: Scan): AsyncIterable<string>;
  entries(scan: Scan): AsyncIterable<readonly [string, Buffer]>;
  /** All of it or nothing, and with `sync` on disk when it resolves. After a rejection nothing more can be written. */
  write(operations: readonly Operation[], options: { readonly sync: boolean }): Promise<void>;
  /** What the engine left out when it was opened, since it could not be read: lines for an operator. */
  readonly leftOut: readonly string[];
  /** Not atomic: keys go in ascending order. */
  clear(range: Range): Promise<void>;
  close(): Promise<void>;
}

export type OpenEngine = (folder: string) => Promise<Engine>;

/** LevelDB says nothing of damage to who opens it, and goes on without what it could not read: its own log tells. */
async function linesOfDamage(folder: string): Promise<readonly string[]> {
  const text = await readFile(join(folder, 'LOG'), 'utf8').catch(() => '');
  return text.split('\n').filter((line) => /corruption|dropping/i.test(line));
}

const mebibyte = 1024 * 1024;

export async function openLevel(folder: string): Promise<Engine> {
  const encodings = { keyEncoding: 'utf8', valueEncoding: 'buffer' } as const;
  const level = new ClassicLevel<string, Buffer>(folder, { ...encodings, writeBufferSize: 16 * mebibyte });
  await level.open();
  const leftOut = await linesOfDamage(folder);
  return {
    leftOut,
    get: (key) => level.get(key),
    keys: (scan) => level.keys(scan),
    entries: (scan) => level.iterator(scan),
    write: (operations, { sync }) => level.batch([...operations], { sync }),
    clear: (range) => level.clear(range),
    close: () => level.close(),
  };
}
