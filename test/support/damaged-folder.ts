import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import { openLevel } from '../../src/adapters/worker-log/embedded/engine.js';
import { blocksOf } from '../../src/adapters/worker-log/embedded/engine-files/table-blocks.js';

/** The last of the files whose names end so, or begin so. */
export async function fileOf(folder: string, pattern: RegExp): Promise<string> {
  const names = (await readdir(folder)).filter((name) => pattern.test(name)).sort();
  const name = names.at(-1);
  if (name === undefined) throw new Error(`${folder} has no ${String(pattern)}`);
  return join(folder, name);
}

export const tableFile = /\.ldb$/;
export const writeAheadLog = /\.log$/;

/** Changes bytes where they are found: `change` gets the content and the place of `text` in it. */
export async function flip(file: string, place: number | string, by = 0x55): Promise<void> {
  const content = await readFile(file);
  const at = typeof place === 'number' ? (place < 0 ? content.length + place : place) : content.indexOf(place);
  if (at < 0) throw new Error(`${file} does not hold ${String(place)}`);
  content.writeUInt8(content.readUInt8(at) ^ by, at);
  await writeFile(file, content);
}

export const shorten = async (file: string, by: number): Promise<void> => {
  await truncate(file, (await readFile(file)).length - by);
};

export const lose = (file: string): Promise<void> => rm(file);

/** Brings everything from the write-ahead log into one table. Uncompressed, what is flipped is found by its text. */
export async function intoTables(folder: string, { compression } = { compression: false }): Promise<void> {
  const level = new ClassicLevel<string, Buffer>(folder, { compression });
  await level.open();
  await level.compactRange('', '~');
  await level.close();
}

/** Changes one value as it stands, its seal included. */
export async function changeValue(folder: string, key: string, change: (value: Buffer) => void): Promise<void> {
  const engine = await openLevel(folder);
  const value = await engine.get(key);
  if (!value) throw new Error(`there is no ${key}`);
  const changed = Buffer.from(value);
  change(changed);
  await engine.write([{ type: 'put', key, value: changed }], { sync: true });
  await engine.close();
}

export async function removeKey(folder: string, key: string): Promise<void> {
  const engine = await openLevel(folder);
  await engine.write([{ type: 'del', key }], { sync: true });
  await engine.close();
}

/** Makes the n-th block of a table one that the engine refuses. */
export async function spoilBlock(file: string, n: number): Promise<void> {
  const content = await readFile(file);
  const block = blocksOf(content)?.[n];
  if (!block) throw new Error(`${file} has no block ${String(n)}`);
  await flip(file, block.offset + block.bytes, 0x7f);
}
