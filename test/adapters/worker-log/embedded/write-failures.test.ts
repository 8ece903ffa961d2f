import { expect, onTestFinished, test } from 'vitest';

import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { systemClock } from '../../../../src/ports/clock.js';
import type { AppendResult, WorkerLog } from '../../../../src/ports/worker-log.js';
import { failingEngine } from '../../../support/failing-engine.js';
import type { WriteFault } from '../../../support/failing-engine.js';
import { appendTo, call, session } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { workerIdOf } from '../../../support/heads.js';
import { encodedNotices, inputIdOf } from '../../../support/observations.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const [worker, otherWorker] = [workerIdOf(1), workerIdOf(2)];

/** A folder that could not be opened is tried again at the next question. */
function hurriedClock() {
  let now = 0;
  return { ...systemClock, now: () => (now += 2_000) };
}

async function failing() {
  const folder = await temporaryFolder();
  const engine = failingEngine();
  const log = embeddedLog({ folder, clock: hurriedClock() }, engine.open);
  onTestFinished(() => log[Symbol.asyncDispose]());
  return { folder, engine, log };
}

/** Every byte that is known to be there is there, and nothing else is. */
async function expectKnown(log: WorkerLog, known: Known): Promise<void> {
  const head = await log.head(known.workerId, call);
  if (!known.exists) {
    expect(head).toBeUndefined();
    expect((await log.read(known.workerId, Sequence(0), 100, call)).observations).toEqual([]);
    expect(await log.input(known.workerId, inputIdOf(1), call)).toBeUndefined();
    return;
  }
  expect(head).toMatchObject({ sequence: known.last, revision: known.revision });
  const page = await log.read(known.workerId, Sequence(0), 100, call);
  expect(page).toEqual({
    first: known.first,
    last: known.last,
    observations: encodedNotices(known.first, known.last),
  });
  expect(await log.input(known.workerId, inputIdOf(known.revision), call)).toMatchObject({ state: 'unknown' });
  expect(await log.input(known.workerId, inputIdOf(known.revision + 1), call)).toBeUndefined();
}

async function sessionWith(fault: WriteFault | undefined, write: number) {
  const { folder, engine, log } = await failing();
  engine.befall = (n) => (n === write ? fault : undefined);
  const results: AppendResult[] = [];
  const all = await session(log, results);
  for (const known of all) await expectKnown(log, known);
  await log[Symbol.asyncDispose]();
  const again = embeddedLog({ folder });
  await again.open?.();
  for (const known of all) await expectKnown(again, known);
  await again[Symbol.asyncDispose]();
  return { results, writes: engine.writes.length, openings: engine.openings() };
}

test('W19: of a session of which no write fails everything is there after reopening', async () => {
  const { results, writes, openings } = await sessionWith(undefined, -1);
  expect(new Set(results)).toEqual(new Set(['appended']));
  expect(writes).toBeGreaterThan(6);
  expect(openings).toBe(1);
});

test.each<WriteFault>(['fails', 'tears', 'in-doubt'])(
  'W19: whichever write of a session %s, what was answered is so, also after reopening, and nothing is half there',
  async (fault) => {
    // How many writes a session makes depends on what goes together in one.
    for (let write = 0, writes = 1; write < writes; write += 1) {
      const found = await sessionWith(fault, write);
      writes = found.writes;
      expect({ write, writes, openings: found.openings }).toEqual({ write, writes, openings: write < writes ? 2 : 1 });
    }
  },
);

test.each<WriteFault>(['fails', 'tears'])(
  'W19: an append whose write %s is in doubt, and is not there',
  async (fault) => {
    const { engine, log } = await failing();
    const known = { workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
    expect(await appendTo(log, known, 2)).toBe('appended');
    const next = engine.writes.length;
    engine.befall = (n) => (n === next ? fault : undefined);
    expect(await appendTo(log, known, 2)).toBe('unknown');
    expect(known.last).toBe(2);
    expect(await appendTo(log, known, 3)).toBe('appended');
    await expectKnown(log, known);
  },
);

test('W19: appends that wait behind a write that fails are told that nothing of them is written', async () => {
  const { engine, log } = await failing();
  const known = { workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
  const other = { ...known, workerId: otherWorker };
  await Promise.all([appendTo(log, known, 1), appendTo(log, other, 1)]);
  const next = engine.writes.length;
  engine.befall = (n) => (n === next ? 'fails-late' : undefined);
  const begun = engine.begun(0);
  const first = appendTo(log, { ...known }, 1);
  await begun;
  const behind = appendTo(log, { ...other }, 1);
  await log.read(otherWorker, Sequence(0), 1, call);
  engine.release();
  expect(await Promise.all([first, behind])).toEqual(['unknown', 'failed']);
  expect(engine.writes).toHaveLength(next + 1);
  await expectKnown(log, known);
  await expectKnown(log, other);
});

test('W18: while a write hangs reads go on, and what waits behind it is written when it is let go', async () => {
  const { engine, log } = await failing();
  const known = { workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
  const other = { ...known, workerId: otherWorker };
  await Promise.all([appendTo(log, known, 1), appendTo(log, other, 1)]);
  const next = engine.writes.length;
  engine.befall = (n) => (n === next ? 'hangs' : undefined);
  const begun = engine.begun(0);
  const hanging = appendTo(log, known, 2);
  await begun;
  const behind = appendTo(log, other, 2);
  expect((await log.read(worker, Sequence(0), 10, call)).last).toBe(1);
  expect((await log.read(otherWorker, Sequence(0), 10, call)).last).toBe(1);
  engine.release();
  expect(await Promise.all([hanging, behind])).toEqual(['appended', 'appended']);
  await expectKnown(log, known);
  await expectKnown(log, other);
});
