import { expect, test } from 'vitest';

import { Refusals } from '../../../../src/adapters/execution-backend/serve/refusals.js';
import { RecordingLogger, TestClock } from '../wire/support.js';

function counting() {
  const [clock, logger] = [new TestClock(), new RecordingLogger()];
  const refusals = new Refusals(clock, logger);
  const told = () =>
    logger.lines.map(({ level, fields }) => `${level} ${String(fields['reason'])} ${String(fields['count'])}`);
  return { clock, refusals, told, logger };
}

test('a reason is told at once, then every 10 s with how many there were, and not where there were none', () => {
  const { clock, refusals, told } = counting();
  for (let index = 0; index < 1000; index += 1) refusals.count('unauthorized', { remote: `10.0.0.${index}` });
  expect(told()).toEqual(['warn unauthorized 1']);
  clock.pass(10_000);
  expect(told()).toEqual(['warn unauthorized 1', 'warn unauthorized 999']);
  clock.pass(10_000);
  expect(clock.pending).toBe(0);
  refusals.count('unauthorized', {});
  expect(told()).toEqual(['warn unauthorized 1', 'warn unauthorized 999', 'warn unauthorized 1']);
  expect(refusals.counts.unauthorized).toBe(1001);
});

test('reasons are told apart, with where the last one was from', () => {
  const { clock, refusals, told, logger } = counting();
  refusals.count('too-many', { remote: 'a' });
  refusals.count('tls', { remote: 'b' });
  refusals.count('tls', { remote: 'c' });
  clock.pass(10_000);
  expect(told()).toEqual(['warn too-many 1', 'warn tls 1', 'warn tls 1']);
  expect(logger.lines.at(-1)?.fields).toMatchObject({ remote: 'c' });
});

test('who only looks whether something listens is counted, and no matter for the operator', () => {
  const { refusals, told } = counting();
  refusals.count('left', {});
  expect(told()).toEqual(['debug left 1']);
  expect(refusals.counts).toMatchObject({ left: 1, system: 0 });
});

test('at the end what was not told is told, and no timer is left', () => {
  const { clock, refusals, told } = counting();
  refusals.count('tls', {});
  refusals.count('tls', {});
  refusals[Symbol.dispose]();
  expect(told()).toEqual(['warn tls 1', 'warn tls 1']);
  expect(clock.pending).toBe(0);
});
