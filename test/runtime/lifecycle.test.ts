import { expect, test } from 'vitest';

import { Lifecycle } from '../../src/runtime/lifecycle.js';
import { recordingLogger } from '../support/recording-logger.js';
import { virtualClock } from '../support/virtual-clock.js';

function lifecycle(deadlineMs = 100) {
  const clock = virtualClock();
  const logger = recordingLogger();
  return { clock, logger, lifecycle: new Lifecycle({ clock, logger, deadlineMs }) };
}

test('H20: what was created is disposed of in reverse order, one after the other', async () => {
  const { lifecycle: owner } = lifecycle();
  const order: string[] = [];
  for (const name of ['a', 'b', 'c']) {
    owner.own(name, async () => {
      order.push(`${name} begins`);
      await Promise.resolve();
      order.push(`${name} ends`);
    });
  }
  await owner[Symbol.asyncDispose]();
  expect(order).toEqual(['c begins', 'c ends', 'b begins', 'b ends', 'a begins', 'a ends']);
});

test('H20: one that throws and one that hangs keep none of the others, and are told together', async () => {
  const { lifecycle: owner, clock, logger } = lifecycle();
  const order: string[] = [];
  const failure = new Error('failed');
  owner.own('first', () => void order.push('first'));
  owner.own('throws', () => {
    throw failure;
  });
  owner.own('hangs', () => new Promise<void>(() => undefined));
  owner.own('last', () => void order.push('last'));
  const disposal = owner[Symbol.asyncDispose]();
  const told = disposal.then(
    () => undefined,
    (cause: unknown) => cause,
  );
  await clock.advance(100);
  const error = await told;
  expect(error).toBeInstanceOf(AggregateError);
  expect((error as AggregateError).errors).toEqual([expect.any(Error), failure]);
  expect(order).toEqual(['last', 'first']);
  expect(logger.lines.map(({ fields }) => fields['name'])).toEqual(['hangs', 'throws']);
});

test('H20: disposing twice disposes once, and nothing is owned afterwards', async () => {
  const { lifecycle: owner } = lifecycle();
  let disposals = 0;
  owner.own('one', () => void (disposals += 1));
  await Promise.all([owner[Symbol.asyncDispose](), owner[Symbol.asyncDispose]()]);
  expect(disposals).toBe(1);
  expect(() => owner.own('late', () => undefined)).toThrow(TypeError);
});
