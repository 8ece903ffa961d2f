import { join } from 'node:path';

import type { WorkerId } from '../../../../domain/ids.js';
import { Damage } from '../damage.js';
import { doubtBegins, isInDoubt } from '../doubt.js';
import type { Engine } from '../engine.js';
import { openLevel } from '../engine.js';
import { checkFormat, isUnfinished } from '../format.js';
import { workersIn } from '../heads.js';
import { everyChunk, everyHead, everyInput, everyRemoval, formatKey } from '../keys.js';
import { lockFolder } from './folder-lock.js';
import { LogCopy } from './log-copy.js';
import type { Sink, WorkerReport } from './worker-remains.js';
import { readRemains } from './worker-remains.js';
import { workingCopy } from './working-copy.js';

export interface ExamineOptions {
  /** What is examined. Never changed. */
  readonly folder: string;
  /** An empty folder, best on the same disk, for a copy of it. */
  readonly workFolder: string;
  /** Where a folder is made of what can be read. It MUST be missing or empty. */
  readonly into?: string | undefined;
  /**
   * Awaited when `into` is marked as one that is not whole, which no host starts from, and nothing else is in it: for
   * what belongs beside it.
   */
  readonly onBegun?: (() => Promise<void>) | undefined;
  readonly onWorker: (report: WorkerReport) => void;
  readonly onProgress: (done: number, of: number) => void;
  readonly signal: AbortSignal;
}

export interface FolderReport {
  readonly workers: number;
  readonly damagedWorkers: number;
  /** What is wrong with the files. */
  readonly problems: readonly string[];
}

/** Every Worker that anything is left of, ascending, but for those that were removed and not swept yet. */
async function workersOf(engine: Engine): Promise<readonly WorkerId[]> {
  const heads = await workersIn(engine, everyHead);
  const removed = await workersIn(engine, everyRemoval);
  const others = [...(await workersIn(engine, everyInput)), ...(await workersIn(engine, everyChunk))];
  return [...new Set([...heads, ...others.filter((workerId) => !removed.has(workerId))])].sort();
}

/** So is one of a host that ended before its first write. */
async function isEmpty(engine: Engine): Promise<boolean> {
  for await (const _ of engine.keys({ gte: '!', lt: '~', limit: 1 })) return false;
  return true;
}

async function formatProblem(folder: string, engine: Engine): Promise<string | undefined> {
  try {
    const found = await engine.get(formatKey);
    if (!found) return (await isEmpty(engine)) ? undefined : 'its format is not to be found';
    if (isUnfinished(found)) return 'it is a copy that was not finished';
    checkFormat(folder, found);
    return undefined;
  } catch (cause) {
    if (cause instanceof Damage) return 'its format cannot be read';
    throw cause;
  }
}

const keepNothing: Sink = () => Promise.resolve();

async function readAll(engine: Engine, sink: Sink, options: ExamineOptions) {
  const workers = await workersOf(engine);
  let damagedWorkers = 0;
  for (const [index, workerId] of workers.entries()) {
    options.signal.throwIfAborted();
    const report = await readRemains(engine, workerId, sink);
    if (report.problems.length > 0) damagedWorkers += 1;
    options.onWorker(report);
    options.onProgress(index + 1, workers.length);
  }
  return { workers: workers.length, damagedWorkers };
}

async function writeAll(engine: Engine, into: string, isDoubtful: boolean, options: ExamineOptions) {
  await using copy = new LogCopy(await openLevel(into));
  await copy.begin();
  await options.onBegun?.();
  if (isDoubtful) await copy.add([doubtBegins]);
  const found = await readAll(engine, copy.add, options);
  await copy.end();
  return found;
}

/**
 * Reads a log's folder on a copy of it, tells of each Worker what can be read, and writes that to another folder where
 * one is named. Hosts are kept out meanwhile. Rejects with a `LogFolderError` where one has it (`in-use`), this process
 * included, and where a later version wrote it.
 */
export async function examineLog(options: ExamineOptions): Promise<FolderReport> {
  const { folder, workFolder, into } = options;
  const unlock = await lockFolder(folder, workFolder);
  try {
    const { engine, problems, isTailInDoubt } = await workingCopy(folder, join(workFolder, 'copy'));
    try {
      const wrongFormat = await formatProblem(folder, engine);
      const isDoubtful = isTailInDoubt || (await isInDoubt(engine));
      const found =
        into === undefined
          ? await readAll(engine, keepNothing, options)
          : await writeAll(engine, into, isDoubtful, options);
      return { ...found, problems: wrongFormat === undefined ? problems : [...problems, wrongFormat] };
    } finally {
      await engine.close();
    }
  } finally {
    await unlock();
  }
}
