import { describe, expect, test } from 'vitest';

import { drawBudget } from '../../../../src/adapters/browser-gateway/console/page/draw-budget.js';

function budgetOf(perFrame: number) {
  const frames: (() => void)[] = [];
  const budget = drawBudget(perFrame, (run) => frames.push(run));
  return { take: budget.take, nextFrame: () => frames.splice(0).forEach((run) => run()), frames };
}

describe('what may be drawn in a frame', () => {
  test('is shared by all who draw in it, and as much again in the next', () => {
    const { take, nextFrame, frames } = budgetOf(10);
    expect(take([4, 4, 4])).toBe(2);
    expect(take([4])).toBe(0);
    expect(take([2])).toBe(1);
    expect(frames).toHaveLength(1);
    nextFrame();
    expect(take([4])).toBe(1);
  });

  test('is one piece at least, however heavy', () => {
    const { take, nextFrame } = budgetOf(10);
    expect(take([100, 1])).toBe(1);
    expect(take([1])).toBe(0);
    nextFrame();
    expect(take([1, 100])).toBe(1);
  });

  test('asks for no frame where nothing is drawn', () => {
    const { take, frames } = budgetOf(10);
    expect(take([])).toBe(0);
    expect(frames).toEqual([]);
  });
});
