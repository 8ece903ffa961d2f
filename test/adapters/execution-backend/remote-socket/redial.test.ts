import { describe, expect, test } from 'vitest';

import type { DialProblem } from '../../../../src/adapters/execution-backend/remote-socket/dial-error.js';
import { DialError, problems } from '../../../../src/adapters/execution-backend/remote-socket/dial-error.js';
import type { Connected, RedialOptions } from '../../../../src/adapters/execution-backend/remote-socket/redial.js';
import { Redial } from '../../../../src/adapters/execution-backend/remote-socket/redial.js';
import { virtualClock } from '../../../support/virtual-clock.js';

type Plan = (attempt: number, signal: AbortSignal) => Promise<Connected>;

const fails = (problem: DialProblem) => Promise.reject(new DialError(problem));
const refused: Plan = () => fails(problems.nobodyListens);
const hangs: Plan = () => new Promise(() => undefined);
const never = new AbortController().signal;

function redial(plan: Plan, options: Partial<RedialOptions> = {}) {
  const clock = virtualClock();
  const startedAt = clock.now();
  const attempts: number[] = [];
  const outcomes: (DialProblem | undefined)[] = [];
  const line = new Redial({
    connect: (signal) => {
      attempts.push(clock.now() - startedAt);
      return plan(attempts.length, signal);
    },
    connectMs: 10_000,
    settledMs: 5000,
    clock,
    random: () => 0,
    onOutcome: (outcome) => outcomes.push(outcome),
    onSettled: () => undefined,
    onWaiting: () => undefined,
    ...options,
  });
  return { line, clock, attempts, outcomes };
}

/** Connections that last so many milliseconds. */
const lasting =
  (clock: () => ReturnType<typeof virtualClock>, lastMs: number): Plan =>
  () =>
    Promise.resolve({
      ended: new Promise((resolve) => void clock().after(lastMs, () => resolve(problems.lost))),
    });

const gaps = (attempts: readonly number[]): readonly number[] =>
  attempts.slice(1).map((at, index) => at - (attempts[index] ?? 0));

describe('E5: a connection that cannot be made', () => {
  test('is tried at 0, 1, 2, 5, 10, 20, 30 s and every 30 s for ever', async () => {
    const { line, clock, attempts } = redial(refused);
    line.start();
    await clock.advance(24 * 60 * 60_000);
    expect(attempts[0]).toBe(0);
    expect(gaps(attempts).slice(0, 8)).toEqual([1000, 2000, 5000, 10_000, 20_000, 30_000, 30_000, 30_000]);
    expect(attempts.length).toBeGreaterThan(2800);
  });

  test('is tried up to a quarter sooner by chance, so that many hosts do not come at once', async () => {
    const { line, clock, attempts } = redial(refused, { random: () => 1 });
    line.start();
    await clock.advance(20_000);
    expect(gaps(attempts)).toEqual([750, 1500, 3750, 7500]);
  });

  test('and whose attempt hangs is given up after its deadline, and tried again', async () => {
    const signals: AbortSignal[] = [];
    const { line, clock, attempts, outcomes } = redial((attempt, signal) => {
      signals.push(signal);
      return hangs(attempt, signal);
    });
    line.start();
    await clock.advance(9999);
    expect([signals[0]?.aborted, outcomes]).toEqual([false, []]);
    await clock.advance(1001);
    expect([signals[0]?.aborted, outcomes]).toEqual([true, [problems.silent]]);
    expect(attempts).toEqual([0, 11_000]);
  });
});

describe('E5: a connection that is lost', () => {
  test('after it has lasted is made anew at once, and from there as in the beginning', async () => {
    const one: { clock: ReturnType<typeof virtualClock> } = { clock: virtualClock() };
    const first = lasting(() => one.clock, 60_000);
    const { line, clock, attempts } = redial((attempt, signal) => (attempt === 1 ? first : refused)(attempt, signal));
    one.clock = clock;
    line.start();
    await clock.advance(70_000);
    expect(attempts).toEqual([0, 60_000, 61_000, 63_000, 68_000]);
  });

  test('soon each time is not made anew faster than one that cannot be made', async () => {
    const one: { clock: ReturnType<typeof virtualClock> } = { clock: virtualClock() };
    const plan = lasting(() => one.clock, 4000);
    const { line, clock, attempts } = redial(plan);
    one.clock = clock;
    line.start();
    await clock.advance(150_000);
    expect(gaps(attempts)).toEqual([4000, 5000, 6000, 9000, 14_000, 24_000, 34_000, 34_000]);
  });
});

describe('who waits for a connection', () => {
  test('shares the attempt that is under way', async () => {
    const { line, clock, attempts } = redial(hangs);
    line.start();
    const waiting = Promise.all([line.attempted(never), line.opened(AbortSignal.timeout(1e6)), line.attempted(never)]);
    await clock.advance(1);
    expect(attempts).toEqual([0]);
    line.end();
    expect(await waiting).toEqual(Array(3).fill(problems.disposed));
  });

  test('begins one at once where none is under way, and hears of it alone', async () => {
    const { line, clock, attempts } = redial(refused);
    line.start();
    await clock.advance(20_000);
    const before = attempts.length;
    expect(await line.attempted(never)).toMatchObject(problems.nobodyListens);
    expect(attempts.length).toBe(before + 1);
  });

  test('for as long as it takes is told once it is open', async () => {
    const open: Plan = () => Promise.resolve({ ended: new Promise(() => undefined) });
    const { line, clock, attempts } = redial((attempt, signal) => (attempt < 4 ? refused : open)(attempt, signal));
    const opened = line.opened(never);
    await clock.advance(8000);
    expect(await opened).toBeUndefined();
    expect(attempts).toHaveLength(4);
    expect(await line.attempted(never)).toBeUndefined();
    expect(attempts).toHaveLength(4);
  });

  test('for as long as it takes is told of what no further attempt mends', async () => {
    const { line, clock } = redial((attempt) => fails(attempt < 3 ? problems.nobodyListens : problems.wrongKey));
    const opened = line.opened(never);
    await clock.advance(8000);
    expect(await opened).toMatchObject(problems.wrongKey);
  });

  test('waits no longer than its signal', async () => {
    const { line, clock } = redial(refused);
    const abort = new AbortController();
    const opened = line.opened(abort.signal);
    await clock.advance(8000);
    abort.abort();
    expect(await opened).toBe(problems.silent);
  });

  test('W18: is told when all is over, and nothing is tried any more', async () => {
    const { line, clock, attempts } = redial(refused);
    const opened = line.opened(never);
    await clock.advance(100);
    line.end();
    expect(await opened).toBe(problems.disposed);
    await clock.advance(100_000);
    expect([attempts.length, clock.pending]).toEqual([1, 0]);
    expect(await line.attempted(never)).toBe(problems.disposed);
  });
});
