import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { systemClock } from '../../../../src/ports/clock.js';
import { failingEngine } from '../../../support/failing-engine.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices } from '../../../support/observations.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const worker = workerIdOf(1);
const known = (): Known => ({ workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false });

/** What was refused is tried again at the next question. */
function hurriedClock() {
  let now = 0;
  return { ...systemClock, now: () => (now += 2_000) };
}

test('W19: why a log cannot be opened again is told once, and again when it was open in between', async () => {
  const failing = failingEngine();
  let isFull = false;
  const open = (folder: string): Promise<Engine> =>
    isFull ? Promise.reject(new Error('the disk is full')) : failing.open(folder);
  const logger = recordingLogger();
  await using log = embeddedLog({ folder: await temporaryFolder(), clock: hurriedClock(), logger }, open);
  const of = known();
  const fullDisk = async (): Promise<void> => {
    isFull = true;
    const next = failing.writes.length;
    failing.befall = (write) => (write === next ? 'fails' : undefined);
    expect(await appendTo(log, of, 1)).toBe('unknown');
    for (let count = 0; count < 3; count += 1) expect(await appendTo(log, of, 1)).toBe('failed');
    isFull = false;
  };
  const told = () => logger.lines.filter(({ message }) => message === 'the log cannot be opened again');
  await appendTo(log, of, 1);
  await fullDisk();
  expect(told()).toHaveLength(1);
  expect(told()[0]?.fields['cause']).toMatchObject({ cause: { message: 'the disk is full' } });
  expect(await appendTo(log, of, 1)).toBe('appended');
  await fullDisk();
  expect(told()).toHaveLength(2);
});

test('W3: where it is seen that a log cannot be opened again, reads go on from what is open', async () => {
  const folder = await temporaryFolder();
  const engine = failingEngine();
  await using log = embeddedLog({ folder, clock: hurriedClock() }, engine.open);
  const of = known();
  await appendTo(log, of, 3);
  const next = engine.writes.length;
  engine.befall = (write) => (write === next ? 'fails' : undefined);
  await rm(join(folder, 'CURRENT'));
  expect(await appendTo(log, of, 1)).toBe('unknown');
  expect(await appendTo(log, of, 1)).toBe('failed');
  const page = await log.read(worker, Sequence(0), 10, call);
  expect(page.observations).toEqual(encodedNotices(1, 3));
});

test('W18: two ends of a log at once are one, and leave no timer behind', async () => {
  const clock = virtualClock();
  let closings = 0;
  const open = async (folder: string): Promise<Engine> => {
    const level = await openLevel(folder);
    return { ...level, close: () => ((closings += 1), level.close()) };
  };
  const log = embeddedLog({ folder: await temporaryFolder(), durability: 'interval', clock }, open);
  await appendTo(log, known(), 1);
  expect(clock.pending).toBe(1);
  await Promise.all([log[Symbol.asyncDispose](), log[Symbol.asyncDispose]()]);
  expect(clock.pending).toBe(0);
  expect(closings).toBe(1);
});

test('W18: a log that ends while it is opened again is closed once that is done', async () => {
  const failing = failingEngine();
  let release = (): void => undefined;
  let reached = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  let open = 0;
  const openEngine = async (folder: string): Promise<Engine> => {
    if (failing.openings() > 0) {
      reached();
      await held;
    }
    const engine = await failing.open(folder);
    open += 1;
    return { ...engine, close: () => ((open -= 1), engine.close()) };
  };
  const log = embeddedLog({ folder: await temporaryFolder(), clock: hurriedClock() }, openEngine);
  onTestFinished(() => log[Symbol.asyncDispose]());
  const of = known();
  await appendTo(log, of, 1);
  const next = failing.writes.length;
  failing.befall = (write) => (write === next ? 'fails' : undefined);
  const inDoubt = appendTo(log, of, 1);
  await isReached;
  const ended = log[Symbol.asyncDispose]();
  release();
  await Promise.all([inDoubt, ended]);
  expect(open).toBe(0);
});
