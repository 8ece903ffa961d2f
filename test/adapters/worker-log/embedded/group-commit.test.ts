import { expect, onTestFinished, test } from 'vitest';

import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import type { EmbeddedLogOptions } from '../../../../src/adapters/worker-log/embedded/index.js';
import { workerIdOf } from '../../../support/heads.js';
import { failingEngine } from '../../../support/failing-engine.js';
import { appendTo } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { virtualClock } from '../../../support/virtual-clock.js';

async function watched(options: Partial<EmbeddedLogOptions> = {}) {
  const engine = failingEngine();
  const log = embeddedLog({ folder: await temporaryFolder(), ...options }, engine.open);
  onTestFinished(() => log[Symbol.asyncDispose]());
  await log.open?.();
  return { engine, log };
}

const known = (n: number): Known => {
  return { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
};

test('P4: what many Workers append while a write is under way goes into one write, in the order in which it came', async () => {
  const { engine, log } = await watched();
  const workers = Array.from({ length: 50 }, (_, index) => known(index + 1));
  const [first, ...others] = workers as [Known, ...Known[]];
  await Promise.all(workers.map((worker) => appendTo(log, worker, 1)));
  const before = engine.writes.length;
  engine.befall = (write) => (write === before ? 'hangs' : undefined);
  const begun = engine.begun(0);
  const hanging = appendTo(log, first, 1);
  await begun;
  const rest = others.map((worker) => appendTo(log, worker, 1));
  engine.release();
  await Promise.all([hanging, ...rest]);
  expect(engine.writes).toHaveLength(before + 2);
  const heads = engine.writes.at(-1)?.flatMap(({ key }) => (key.startsWith('h:') ? [key.slice(2)] : []));
  expect(heads).toEqual(others.map(({ workerId }) => workerId));
});

test('W19: an append that does not follow the one under way is a conflict before that is written', async () => {
  const { engine, log } = await watched();
  const worker = known(1);
  await appendTo(log, worker, 1);
  const before = engine.writes.length;
  engine.befall = (write) => (write === before ? 'hangs' : undefined);
  const begun = engine.begun(0);
  const hanging = appendTo(log, { ...worker }, 1);
  await begun;
  expect(await appendTo(log, { ...worker, revision: 2 }, 1)).toBe('conflict');
  engine.release();
  expect(await hanging).toBe('appended');
});

test('W18: a group has a bound, and one append that is larger goes alone', async () => {
  const { engine, log } = await watched();
  await Promise.all([1, 2, 3].map((n) => appendTo(log, known(n), 30_000)));
  const groups = engine.writes.filter((operations) => operations.some(({ key }) => key.startsWith('o:')));
  expect(groups).toHaveLength(3);
});

test('P4: with sync every write is brought to disk before it is answered', async () => {
  const { engine, log } = await watched();
  await appendTo(log, known(1), 1);
  expect(log.durability).toBe('sync');
  expect(engine.synced.every((sync) => sync)).toBe(true);
});

test('P4: with interval what was written is brought to disk once the interval is over, and not again without need', async () => {
  const clock = virtualClock();
  const { engine, log } = await watched({ durability: 'interval', intervalMs: 500, clock });
  const worker = known(1);
  await appendTo(log, worker, 1);
  await appendTo(log, worker, 1);
  expect(engine.synced.slice(-2)).toEqual([false, false]);
  const begun = engine.begun(0);
  await clock.advance(500);
  await begun;
  expect(engine.synced.at(-1)).toBe(true);
  expect(clock.pending).toBe(0);
  await appendTo(log, worker, 1);
  expect(clock.pending).toBe(1);
});

test('W19: with interval an append after a sync that failed goes to an engine that was opened anew', async () => {
  const clock = virtualClock();
  const { engine, log } = await watched({ durability: 'interval', intervalMs: 500, clock });
  const worker = known(1);
  await appendTo(log, worker, 1);
  const next = engine.writes.length;
  engine.befall = (write) => (write === next ? 'fails' : undefined);
  const begun = engine.begun(0);
  await clock.advance(500);
  await begun;
  await clock.settle();
  expect(await appendTo(log, worker, 1)).toBe('appended');
  expect(engine.openings()).toBe(2);
});

test('W19: with interval nothing is written behind a sync that fails, where half a record may be', async () => {
  const clock = virtualClock();
  const { engine, log } = await watched({ durability: 'interval', intervalMs: 500, clock });
  const worker = known(1);
  await appendTo(log, worker, 1);
  const next = engine.writes.length;
  engine.befall = (write) => (write === next ? 'fails-late' : undefined);
  const begun = engine.begun(0);
  await clock.advance(500);
  await begun;
  const behind = appendTo(log, worker, 1);
  await clock.settle();
  expect(engine.writes).toHaveLength(next + 1);
  engine.release();
  expect(await behind).toBe('failed');
  expect(await appendTo(log, worker, 1)).toBe('appended');
  expect(engine.openings()).toBe(2);
});

test('P4, W19: with interval what follows a write that failed is brought to disk once its own interval is over', async () => {
  const clock = virtualClock();
  const { engine, log } = await watched({ durability: 'interval', intervalMs: 500, clock });
  const worker = known(1);
  await appendTo(log, worker, 1);
  const next = engine.writes.length;
  engine.befall = (write) => (write === next ? 'fails' : undefined);
  expect(await appendTo(log, worker, 1)).toBe('unknown');
  expect(await appendTo(log, worker, 1)).toBe('appended');
  const begun = engine.begun(0);
  await clock.advance(500);
  await begun;
  expect(engine.synced.at(-1)).toBe(true);
  expect(await appendTo(log, worker, 1)).toBe('appended');
  expect(engine.openings()).toBe(2);
});

test('P4: with none nothing is brought to disk before the log is closed', async () => {
  const { engine, log } = await watched({ durability: 'none' });
  const before = engine.synced.length;
  await appendTo(log, known(1), 1);
  expect(engine.synced.slice(before)).toEqual([false]);
  await log[Symbol.asyncDispose]();
  expect(engine.synced.at(-1)).toBe(true);
});
