import { expect, test } from 'vitest';

import { virtualClock } from '../../src/contracts/faults/virtual-clock.js';

test.each([NaN, -1, Infinity])('a virtual clock that is to move on by %d ms says so and stands still', async (ms) => {
  const clock = virtualClock(7);
  await expect(clock.advance(ms)).rejects.toThrow(TypeError);
  expect(clock.now()).toBe(7);
});
