import { expect, test } from 'vitest';

import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/embedded-log.js';
import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { failingEngine } from '../../../support/failing-engine.js';
import { headAt, workerIdOf } from '../../../support/heads.js';
import { encodedNotices } from '../../../support/observations.js';
import { beforeSweeps } from '../../../support/swept-engine.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const workerId = workerIdOf(1);
const call = { signal: new AbortController().signal };

/** LevelDB, whose writes wait as long as `hold` says. */
function held() {
  let release = (): void => undefined;
  let waiting: Promise<void> | undefined;
  const open = async (folder: string): Promise<Engine> => {
    const engine = await openLevel(folder);
    return { ...engine, write: async (...args) => (await waiting, engine.write(...args)) };
  };
  const hold = (): void => void (waiting = new Promise((resolve) => (release = resolve)));
  return { open, hold, release: () => release() };
}

test('P4: a log that is being removed is read as it was until its removal is durable, and takes no append', async () => {
  const { open, hold, release } = held();
  await using log = embeddedLog({ folder: await temporaryFolder() }, open);
  await log.append(workerId, Sequence(0), { observations: encodedNotices(1, 3), head: headAt(workerId, 1, 3) });
  hold();
  const removed = log.remove(workerId);
  const page = await log.read(workerId, Sequence(1), 10, call);
  expect(page).toMatchObject({ last: 3, observations: [{ sequence: 2 }, { sequence: 3 }] });
  const head = headAt(workerId, 2, 4);
  expect(await log.append(workerId, Sequence(3), { observations: encodedNotices(4, 4), head })).toBe('conflict');
  release();
  await removed;
  expect(await log.read(workerId, Sequence(1), 10, call)).toMatchObject({ last: 0, observations: [] });
});

test('W13: what a removal leaves of a page that is being read is not told', async () => {
  const open = async (folder: string): Promise<Engine> => {
    const engine = await openLevel(folder);
    async function* entries(...args: Parameters<Engine['entries']>) {
      await log.remove(workerId);
      yield* engine.entries(...args);
    }
    return { ...engine, entries };
  };
  const log = embeddedLog({ folder: await temporaryFolder() }, open);
  await log.append(workerId, Sequence(0), { observations: encodedNotices(1, 3), head: headAt(workerId, 1, 3) });
  expect(await log.read(workerId, Sequence(0), 10, call)).toMatchObject({ last: 0, observations: [] });
  await log[Symbol.asyncDispose]();
});

/** LevelDB, whose sweeps wait until they are released. */
function unswept() {
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  return { open: beforeSweeps(() => released), release: () => release() };
}

const first = { observations: encodedNotices(1, 3), head: headAt(workerId, 1, 3) };

async function isSettledBefore(later: Promise<unknown>, promise: PromiseLike<unknown>): Promise<boolean> {
  let isSettled = false;
  void promise.then(() => (isSettled = true));
  await later;
  return isSettled;
}

test('W13: a removal is told before what is left is swept; an append under its name waits for that', async () => {
  const { open, release } = unswept();
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder }, open);
  await log.append(workerId, Sequence(0), first);
  await log.remove(workerId);
  expect(await log.read(workerId, Sequence(0), 10, call)).toMatchObject({ last: 0, observations: [] });
  const again = log.append(workerId, Sequence(0), first);
  // Without the wait it is answered before this one, and swept with what was removed.
  for (const n of [2, 3, 4])
    await log.append(workerIdOf(n), Sequence(0), { ...first, head: headAt(workerIdOf(n), 1, 3) });
  release();
  expect(await again).toBe('appended');
  await log[Symbol.asyncDispose]();
  await using reopened = embeddedLog({ folder });
  expect((await reopened.read(workerId, Sequence(0), 10, call)).observations).toEqual(first.observations);
});

test('W13: the end of the log waits for what is being swept, so that nothing of it is left', async () => {
  const { open, release } = unswept();
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder }, open);
  await log.append(workerId, Sequence(0), first);
  await log.remove(workerId);
  const ended = log[Symbol.asyncDispose]();
  expect(await isSettledBefore(log.head(workerId, call), ended)).toBe(false);
  release();
  await ended;
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: 'a', lt: '~' })) keys.push(key);
  await engine.close();
  expect(keys).toEqual([]);
});

test('R1: under a name whose removal could not be swept nothing is appended that the next sweep would take away', async () => {
  const open = beforeSweeps(() => Promise.reject(new Error('the disk fails')));
  const folder = await temporaryFolder();
  const first = { observations: encodedNotices(1, 3), head: headAt(workerId, 1, 3) };
  const log = embeddedLog({ folder }, open);
  await log.append(workerId, Sequence(0), first);
  await log.remove(workerId);
  expect(await log.append(workerId, Sequence(0), first)).toBe('failed');
  await log[Symbol.asyncDispose]();
  await using swept = embeddedLog({ folder });
  await swept.open?.();
  expect(await swept.append(workerId, Sequence(0), first)).toBe('appended');
});

async function keysOf(folder: string): Promise<readonly string[]> {
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: 'a', lt: '~' })) keys.push(key);
  await engine.close();
  return keys;
}

/** A folder with removed Workers that were not swept. */
async function leftUnswept(count: number): Promise<string> {
  const folder = await temporaryFolder();
  const log = embeddedLog(
    { folder },
    beforeSweeps(() => Promise.reject(new Error('the host died'))),
  );
  for (let n = 1; n <= count; n += 1) {
    await log.append(workerIdOf(n), Sequence(0), { ...first, head: headAt(workerIdOf(n), 1, 3) });
    await log.remove(workerIdOf(n));
  }
  await log[Symbol.asyncDispose]();
  return folder;
}

test('W13: a start waits for no sweep of an earlier life, and an append under such a name does', async () => {
  const folder = await leftUnswept(2);
  const { open, release } = unswept();
  const log = embeddedLog({ folder }, open);
  await log.open?.();
  const again = log.append(workerId, Sequence(0), first);
  const another = { ...first, head: headAt(workerIdOf(3), 1, 3) };
  expect(await isSettledBefore(log.append(workerIdOf(3), Sequence(0), another), again)).toBe(false);
  release();
  expect(await again).toBe('appended');
  await log[Symbol.asyncDispose]();
  await using reopened = embeddedLog({ folder });
  expect((await reopened.read(workerId, Sequence(0), 10, call)).observations).toEqual(first.observations);
});

test('W18: four removed logs are swept at once; those that wait when the log ends are swept at the next start', async () => {
  const folder = await leftUnswept(10);
  let begun = 0;
  let release = (): void => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const log = embeddedLog(
    { folder },
    beforeSweeps(() => ((begun += 1), released)),
  );
  await log.open?.();
  await log.append(workerIdOf(11), Sequence(0), { ...first, head: headAt(workerIdOf(11), 1, 3) });
  expect(begun).toBe(4);
  const ended = log[Symbol.asyncDispose]();
  release();
  await ended;
  expect(begun).toBe(4);
  expect((await keysOf(folder)).filter((key) => key.startsWith('x:'))).toHaveLength(6);
  const next = embeddedLog({ folder });
  await next.open?.();
  // An append under its name waits for the sweep.
  for (let n = 1; n <= 10; n += 1) {
    await next.append(workerIdOf(n), Sequence(9), { observations: [], head: headAt(workerIdOf(n), 9, 9) });
  }
  await next[Symbol.asyncDispose]();
  expect((await keysOf(folder)).filter((key) => !key.includes(workerIdOf(11)))).toEqual([]);
});

test('R1: what a sweep takes away stays hidden where a write of it fails', async () => {
  const folder = await temporaryFolder();
  const engine = failingEngine();
  const log = embeddedLog({ folder }, engine.open);
  await log.append(workerId, Sequence(0), first);
  const next = engine.writes.length;
  engine.befall = (write) => (write === next + 1 ? 'tears' : undefined);
  await log.remove(workerId);
  const another = { ...first, head: headAt(workerIdOf(2), 1, 3) };
  await log.append(workerId, Sequence(9), { observations: [], head: headAt(workerId, 9, 9) });
  expect(await log.append(workerIdOf(2), Sequence(0), another)).toBe('appended');
  expect(await log.head(workerId, call)).toBeUndefined();
  await log[Symbol.asyncDispose]();
  await using again = embeddedLog({ folder });
  await again.open?.();
  expect(await again.append(workerId, Sequence(0), first)).toBe('appended');
  expect((await again.read(workerIdOf(2), Sequence(0), 10, call)).observations).toEqual(first.observations);
});
