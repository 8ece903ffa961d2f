import { expect, test } from 'vitest';

import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import type { Engine, OpenEngine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { Sequence } from '../../../../src/domain/ids.js';
import type { WorkerHead, WorkerLog } from '../../../../src/ports/worker-log.js';
import { failingEngine } from '../../../support/failing-engine.js';
import { headAt, workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices, inputIdOf } from '../../../support/observations.js';
import { beforeSweeps } from '../../../support/swept-engine.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const worker = workerIdOf(1);
const known = (): Known => ({ workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false });

async function headsOf(log: WorkerLog): Promise<readonly WorkerHead[]> {
  const heads: WorkerHead[] = [];
  for await (const head of log.heads(call)) heads.push(head);
  return heads;
}

const page = (log: WorkerLog) => log.read(worker, Sequence(0), 1_000, call);

/** Does something in one life of the log, and answers the next one, opened. */
async function afterLife(work: (log: WorkerLog) => Promise<unknown>, openEngine: OpenEngine = openLevel) {
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder, durability: 'none' }, openEngine);
  await work(log);
  await log[Symbol.asyncDispose]();
  const next = embeddedLog({ folder });
  await next.open?.();
  return next;
}

test('O7, R1: after reopening every observation has the same bytes, in chunks of any size', async () => {
  const sizes = [1, 7, 300, 2, 1];
  await using log = await afterLife(async (first) => {
    const of = known();
    for (const size of sizes) await appendTo(first, of, size);
  });
  expect(await page(log)).toEqual({ first: 1, last: 311, observations: encodedNotices(1, 311) });
  expect(await headsOf(log)).toEqual([headAt(worker, 5, 311)]);
  expect(await log.input(worker, inputIdOf(3), call)).toMatchObject({ digest: '3' });
});

test('W13: a tombstone is there after reopening, and takes no observations', async () => {
  const tombstone = { ...headAt(worker, 9, 0), stopsOwed: [] };
  await using log = await afterLife(async (first) => {
    await appendTo(first, known(), 3);
    await first.remove(worker, tombstone);
  });
  expect(await headsOf(log)).toEqual([tombstone]);
  expect((await page(log)).observations).toEqual([]);
  expect(
    await log.append(worker, Sequence(0), { observations: encodedNotices(1, 1), head: headAt(worker, 10, 1) }),
  ).toBe('conflict');
  expect(await log.append(worker, Sequence(0), { observations: [], head: { ...tombstone, revision: 10 } })).toBe(
    'appended',
  );
});

test('W13: a removal that was interrupted before it was swept is one, and is swept at the next opening', async () => {
  const open = beforeSweeps(() => Promise.reject(new Error('the host died')));
  const folder = await temporaryFolder();
  const first = embeddedLog({ folder }, open);
  await appendTo(first, known(), 3);
  await first.remove(worker);
  expect(await headsOf(first)).toEqual([]);
  await first[Symbol.asyncDispose]();

  const unswept = embeddedLog({ folder }, open);
  expect((await page(unswept)).observations).toEqual([]);
  expect(await unswept.input(worker, inputIdOf(1), call)).toBeUndefined();
  await unswept[Symbol.asyncDispose]();

  const swept = embeddedLog({ folder });
  await swept.open?.();
  // An append under its name waits for the sweep.
  expect(await swept.append(worker, Sequence(9), { observations: [], head: headAt(worker, 9, 9) })).toBe('conflict');
  await swept[Symbol.asyncDispose]();
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: 'a', lt: '~' })) keys.push(key);
  await engine.close();
  expect(keys).toEqual([]);
});

test('O7: a trim that was interrupted leaves a log without a gap', async () => {
  const engine = failingEngine();
  await using log = await afterLife(async (first) => {
    const of = known();
    for (let count = 0; count < 1_500; count += 1) await appendTo(first, of, 1);
    const next = engine.writes.length;
    engine.befall = (write) => (write === next + 1 ? 'fails' : undefined);
    await expect(first.trim(worker, Sequence(1_401))).rejects.toThrow();
  }, engine.open);
  const { first, last } = await page(log);
  expect(first).toBeGreaterThan(1);
  expect(first).toBeLessThan(1_401);
  const { observations } = await log.read(worker, Sequence(0), 2_000, call);
  expect(observations).toEqual(encodedNotices(first, last));
});

test('a head is one question to the engine, however long its log is', async () => {
  const asked: string[] = [];
  const open = async (folder: string): Promise<Engine> => {
    const level = await openLevel(folder);
    const heard = <T>(name: string, answer: T): T => (asked.push(name), answer);
    return {
      ...level,
      get: (key) => heard('get', level.get(key)),
      keys: (scan) => heard('keys', level.keys(scan)),
      entries: (scan) => heard('entries', level.entries(scan)),
    };
  };
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder, durability: 'none' }, open);
  const of = known();
  for (let count = 0; count < 50; count += 1) await appendTo(log, of, 20);
  asked.length = 0;
  expect(await log.head(worker, call)).toMatchObject({ sequence: 1_000 });
  expect(await headsOf(log)).toHaveLength(1);
  expect(asked).toEqual(['get', 'entries', 'entries']);
  await log[Symbol.asyncDispose]();
});
