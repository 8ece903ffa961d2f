import { Sequence } from '../../src/domain/ids.js';
import type { WorkerId } from '../../src/domain/ids.js';
import type { AppendResult, WorkerLog } from '../../src/ports/worker-log.js';
import { headAt, workerIdOf } from './heads.js';
import { encodedNotices, inputIdOf } from './observations.js';

export const call = { signal: new AbortController().signal };

/** What somebody who writes knows of a Worker's log. */
export interface Known {
  readonly workerId: WorkerId;
  revision: number;
  last: number;
  first: number;
  /** No later than this it begins: a trim that failed may have been done in part. */
  trimmedTo: number;
  exists: boolean;
}

/** Appends `count` notices and, where the log is not sure, looks at the head, as a Runtime does. */
export async function appendTo(log: WorkerLog, known: Known, count: number): Promise<AppendResult> {
  const revision = known.revision + 1;
  const last = known.last + count;
  const result = await log.append(known.workerId, Sequence(known.last), {
    observations: encodedNotices(known.last + 1, last),
    head: headAt(known.workerId, revision, last),
    inputs: [{ inputId: inputIdOf(revision), digest: String(revision), state: 'unknown' }],
  });
  const found = result === 'unknown' ? await log.head(known.workerId, call).catch(() => undefined) : undefined;
  const isThere = result === 'appended' || found?.revision === revision;
  if (isThere) Object.assign(known, { revision, last, exists: true });
  return result;
}

async function trimTo(log: WorkerLog, known: Known, before: number): Promise<void> {
  known.trimmedTo = Math.min(before, known.last + 1);
  try {
    await log.trim(known.workerId, Sequence(before));
    known.first = known.trimmedTo;
  } catch {
    await log.head(known.workerId, call);
    known.first = (await log.read(known.workerId, Sequence(0), 1, call)).first;
  }
}

/** An append waits until what was removed under its name is swept; this one is a conflict then. */
async function swept(log: WorkerLog, { workerId, revision, last }: Known): Promise<void> {
  await log.append(workerId, Sequence(last + 1), { observations: [], head: headAt(workerId, revision + 1, last + 1) });
}

async function removeOf(log: WorkerLog, known: Known): Promise<void> {
  await log.remove(known.workerId).catch(() => undefined);
  await swept(log, known);
  known.exists = (await log.head(known.workerId, call)) !== undefined;
}

/** A session of four Workers, the same whenever it is run: appends side by side, a trim, a removal. */
export async function session(log: WorkerLog, results: AppendResult[]): Promise<readonly Known[]> {
  const all = [1, 2, 3, 4].map((n): Known => {
    return { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
  });
  const [, second, , fourth] = all as [Known, Known, Known, Known];
  const round = async (count: number): Promise<void> => {
    const living = all.filter((known) => known !== fourth || known.exists || known.revision === 0);
    results.push(...(await Promise.all(living.map((known) => appendTo(log, known, count)))));
  };
  await round(2);
  await round(3);
  await trimTo(log, second, 4);
  await round(1);
  await removeOf(log, fourth);
  await round(2);
  return all;
}
