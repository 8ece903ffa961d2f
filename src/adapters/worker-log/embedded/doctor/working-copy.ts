import { copyFile, link, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { ClassicLevel } from 'classic-level';

import type { Engine } from '../engine.js';
import { openLevel } from '../engine.js';
import { folderProblems } from '../engine-files/folder-files.js';
import { spoil, unsoundBlocks } from '../engine-files/table-blocks.js';
import { tornTail } from '../engine-files/torn-tail.js';

const isTable = (name: string): boolean => name.endsWith('.ldb');
const isLeft = (name: string): boolean => ['LOCK', 'LOG', 'LOG.old'].includes(name);

/** Table files never change: a second name will do. */
async function copyFiles(folder: string, copy: string): Promise<void> {
  await mkdir(copy);
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    if (!entry.isFile() || isLeft(entry.name)) continue;
    const [from, to] = [join(folder, entry.name), join(copy, entry.name)];
    if (isTable(entry.name)) await link(from, to).catch(() => copyFile(from, to));
    else await copyFile(from, to);
  }
}

async function replace(file: string, content: Buffer): Promise<void> {
  await writeFile(`${file}.new`, content);
  await rename(`${file}.new`, file);
}

interface TableProblems {
  readonly problems: readonly string[];
  /** Tables of which nothing can be read. */
  readonly lost: readonly string[];
}

/** Makes the engine refuse what is not sound: it checks nothing when it reads. */
async function checkTables(copy: string): Promise<TableProblems> {
  const problems: string[] = [];
  const lost: string[] = [];
  for (const name of (await readdir(copy)).filter(isTable)) {
    const file = join(copy, name);
    const content = await readFile(file);
    const unsound = unsoundBlocks(content);
    if (!unsound) {
      lost.push(name);
      problems.push(`${name} cannot be read`);
      await rm(file);
    } else if (unsound.length > 0) {
      problems.push(`${name} has ${String(unsound.length)} damaged blocks`);
      for (const block of unsound) spoil(content, block);
      await replace(file, content);
    }
  }
  return { problems, lost };
}

export interface WorkingCopy {
  readonly engine: Engine;
  readonly problems: readonly string[];
  /** Whether the end of any log may be missing, although it was seen. */
  readonly isTailInDoubt: boolean;
}

async function openRepaired(copy: string): Promise<Engine> {
  await ClassicLevel.repair(copy);
  return openLevel(copy);
}

/** A copy of a folder that can be read, however damaged that is, and what is wrong with its files. */
export async function workingCopy(folder: string, copy: string): Promise<WorkingCopy> {
  await copyFiles(folder, copy);
  const wrong = await folderProblems(copy);
  const { problems, lost } = await checkTables(copy);
  const torn = await tornTail(copy);
  let isRepaired = wrong.length > 0 || lost.length > 0;
  const opening = isRepaired ? openRepaired(copy) : openLevel(copy);
  const engine = await opening.catch((cause: unknown) => {
    if (isRepaired) throw cause;
    isRepaired = true;
    return openRepaired(copy);
  });
  const cut = torn ? [`${torn.file} ends in a write that is half done: ${String(torn.bytes)} bytes`] : [];
  const repaired = isRepaired ? ['the engine cannot open it: its files are put together anew'] : [];
  const leftOut = engine.leftOut.map((line) => line.replace(/^\S+ \S+ /, '').replaceAll(`${copy}/`, ''));
  return {
    engine,
    problems: [...new Set([...wrong, ...problems, ...cut, ...repaired, ...leftOut])],
    isTailInDoubt: isRepaired || torn !== undefined || leftOut.length > 0,
  };
}
