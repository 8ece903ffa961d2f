import { expect, test } from 'vitest';

import { endingLadder } from '../../../../src/adapters/execution-backend/process/ending-ladder.js';
import { virtualClock } from '../../../support/virtual-clock.js';

function rungs() {
  const clock = virtualClock(0);
  const steps: string[] = [];
  const tell = (step: string): number => steps.push(`${clock.now()} ${step}`);
  const ladder = endingLadder({ clock, closeInput: () => tell('close stdin'), signal: tell });
  return { clock, steps, ladder };
}

test('the ladder closes stdin, sends SIGTERM after 2 s and SIGKILL after the grace', async () => {
  const { clock, steps, ladder } = rungs();
  ladder.begin('stop', 5000);
  await clock.advance(60_000);
  expect(steps).toEqual(['0 close stdin', '2000 SIGTERM', '7000 SIGKILL']);
  expect(ladder).toMatchObject({ cause: 'stop', killed: true });
});

test('a grace below 2 s is also the time for stdin', async () => {
  const { clock, steps, ladder } = rungs();
  ladder.begin('stop', 100);
  await clock.advance(60_000);
  expect(steps).toEqual(['0 close stdin', '100 SIGTERM', '200 SIGKILL']);
});

test('no grace means SIGKILL at once', () => {
  const { clock, steps, ladder } = rungs();
  ladder.begin('stop', 0);
  expect(steps).toEqual(['0 close stdin', '0 SIGKILL']);
  expect(clock.pending).toBe(0);
});

test('a second begin keeps the first cause and can only hasten the end', async () => {
  const { clock, steps, ladder } = rungs();
  ladder.begin('stop', 5000);
  ladder.begin('shutdown', 60_000);
  await clock.advance(1000);
  ladder.begin('protocol-violation', 100);
  await clock.advance(60_000);
  expect(steps).toEqual(['0 close stdin', '1000 close stdin', '1100 SIGTERM', '1200 SIGKILL']);
  expect(ladder.cause).toBe('stop');
});

test('a finished ladder sends nothing more', async () => {
  const { clock, steps, ladder } = rungs();
  ladder.begin('stop', 5000);
  ladder.finish();
  ladder.begin('again', 0);
  await clock.advance(60_000);
  expect(steps).toEqual(['0 close stdin']);
  expect(ladder.killed).toBe(false);
});
