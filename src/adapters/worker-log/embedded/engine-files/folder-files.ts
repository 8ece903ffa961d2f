import type { Dirent } from 'node:fs';
import { open, readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

import type { Manifest } from './manifest.js';
import { manifestOf } from './manifest.js';

/** The last bytes of every table file. */
const tableEnd = '57fb808b247547db';

const fileName = (number: number, ending: string): string => `${String(number).padStart(6, '0')}.${ending}`;

async function tableProblem(folder: string, number: number, bytes: number): Promise<string | undefined> {
  const name = fileName(number, 'ldb');
  const file = await open(join(folder, name), 'r').catch(() => undefined);
  if (!file) return `${name} is missing`;
  try {
    const { size } = await file.stat();
    if (size !== bytes) return `${name} has ${String(size)} of ${String(bytes)} bytes`;
    const { buffer } = await file.read(Buffer.alloc(8), 0, 8, size - 8);
    return buffer.toString('hex') === tableEnd ? undefined : `${name} is no table file any more`;
  } finally {
    await file.close();
  }
}

async function problemsOf(folder: string, { logNumber, tables }: Manifest): Promise<readonly string[]> {
  const problems: string[] = [];
  for (const [number, bytes] of tables) {
    const problem = await tableProblem(folder, number, bytes);
    if (problem !== undefined) problems.push(problem);
  }
  const log = fileName(logNumber, 'log');
  if (logNumber > 0 && !(await isFile(join(folder, log)))) problems.push(`${log} is missing`);
  return problems;
}

const isFile = (path: string): Promise<boolean> =>
  stat(path).then(
    (found) => found.isFile(),
    () => false,
  );

/** How much the write-ahead logs hold. */
export async function logBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const name of await readdir(folder)) if (name.endsWith('.log')) bytes += (await stat(join(folder, name))).size;
  return bytes;
}

/** The table files that the engine reads; none where that cannot be told. Others may be left of a write that was cut. */
export async function tableFiles(folder: string): Promise<readonly string[]> {
  const current = await readFile(join(folder, 'CURRENT'), 'utf8').catch(() => '');
  const content = await readFile(join(folder, current.trim())).catch(() => undefined);
  const manifest = content && manifestOf(content);
  return [...(manifest?.tables.keys() ?? [])].map((number) => fileName(number, 'ldb'));
}

const isData = ({ name }: Dirent): boolean => /^\d+\.(ldb|log)$/.test(name);

/**
 * What is wrong with the files of a folder, to be asked before the engine opens it: where one of them is missing or
 * short the engine goes on with what is left, in silence, and deletes what it does not know. Nothing, where there is
 * no log yet.
 */
export async function folderProblems(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  // To open a pipe is to wait for who writes to it.
  const special = entries.filter((entry) => !entry.isFile() && !entry.isDirectory() && !entry.isSymbolicLink());
  if (special.length > 0) return special.map(({ name }) => `${name} is no file`);
  const current = await readFile(join(folder, 'CURRENT'), 'utf8').catch(() => undefined);
  if (current === undefined) return entries.some(isData) ? ['CURRENT is missing'] : [];
  const [, name] = /^(MANIFEST-\d+)\n$/.exec(current) ?? [];
  if (name === undefined) return ['CURRENT names no file'];
  const content = await readFile(join(folder, name)).catch(() => undefined);
  if (!content) return [`${name} is missing`];
  const manifest = manifestOf(content);
  return manifest ? problemsOf(folder, manifest) : [`${name} cannot be read`];
}

/**
 * What `read` finds twice. Another host may have the folder, and take away files while they are looked at: it names them
 * no more then, and what is wrong for ever stays so.
 */
export async function lastingProblems(read: () => Promise<readonly string[]>): Promise<readonly string[]> {
  const found = await read();
  if (found.length === 0) return found;
  const again = await read();
  return found.filter((problem) => again.includes(problem));
}
