import { expect, onTestFinished, test } from 'vitest';

import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { systemClock, turn } from '../../../../src/ports/clock.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const known = (n: number): Known => {
  return { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
};

/** What would have ended the process. */
function unhandled(): readonly unknown[] {
  const causes: unknown[] = [];
  const hear = (cause: unknown): void => void causes.push(cause);
  process.on('unhandledRejection', hear);
  onTestFinished(() => void process.off('unhandledRejection', hear));
  return causes;
}

/** What it answers within some turns of the process, or `unanswered`. */
async function soon<T>(answer: Promise<T>): Promise<T | 'unanswered'> {
  const late = (async () => {
    for (let turns = 0; turns < 200; turns += 1) await turn();
    return 'unanswered' as const;
  })();
  return Promise.race([answer, late]);
}

test('W18: an append is answered at whichever moment the log ends', async () => {
  const causes = unhandled();
  for (let ticks = 0; ticks < 40; ticks += 1) {
    const log = embeddedLog({ folder: await temporaryFolder(), durability: 'none' });
    const of = known(1);
    await appendTo(log, of, 1);
    const answer = appendTo(log, of, 1);
    for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
    await log[Symbol.asyncDispose]();
    expect({ ticks, answer: await soon(answer) }).not.toEqual({ ticks, answer: 'unanswered' });
  }
  expect(causes).toEqual([]);
});

test('W18: appends are answered where a write fails before a sync, and the log cannot be opened again', async () => {
  const causes = unhandled();
  let isFull = false;
  let failWrite = (): void => undefined;
  let refuse = (): void => undefined;
  const open = async (folder: string): Promise<Engine> => {
    if (isFull) await new Promise<void>((resolve) => (refuse = resolve));
    if (isFull) throw new Error('the disk is full');
    const level = await openLevel(folder);
    const write: Engine['write'] = async (operations, options) => {
      if (!isFull) return level.write(operations, options);
      if (!options.sync) await new Promise<void>((resolve) => (failWrite = resolve));
      throw new Error('the disk is full');
    };
    return { ...level, write };
  };
  let sync = (): void => undefined;
  const clock = { ...systemClock, after: (_: number, run: () => void) => ((sync = run), () => undefined) };
  const log = embeddedLog({ folder: await temporaryFolder(), durability: 'interval', clock }, open);
  const [one, other] = [known(1), known(2)];
  await appendTo(log, one, 1);
  isFull = true;
  const first = appendTo(log, one, 1);
  await turn();
  sync();
  await turn();
  failWrite();
  // Whose append is in doubt reads the head.
  for (let turns = 0; turns < 20; turns += 1) await turn();
  refuse();
  expect(await soon(first)).toBe('unknown');
  expect(await soon(appendTo(log, other, 1))).toBe('failed');
  expect(causes).toEqual([]);
});

test('W19: a log that could not be opened is opened again once it can be, although the clock was set back', async () => {
  let now = 3_600_000;
  let isFull = true;
  const open = (folder: string): Promise<Engine> =>
    isFull ? Promise.reject(new Error('the disk is full')) : openLevel(folder);
  const clock = { ...systemClock, now: () => now };
  await using log = embeddedLog({ folder: await temporaryFolder(), clock }, open);
  expect(await appendTo(log, known(1), 1)).toBe('failed');
  isFull = false;
  now = 0;
  expect(await appendTo(log, known(1), 1)).toBe('appended');
});
