import { describe, expect, test } from 'vitest';

import { frameBudget } from '../../../../src/adapters/browser-gateway/console/page/frame-budget.js';

function budgetOf(perFrame: number) {
  const frames: (() => void)[] = [];
  const { allows, spend } = frameBudget(perFrame, (run) => frames.push(run));
  const take = (cost: number): boolean => {
    if (!allows(cost)) return false;
    spend(cost);
    return true;
  };
  return { take, allows, spend, frames, nextFrame: () => frames.splice(0).forEach((run) => run()) };
}

describe('what a frame has', () => {
  test('is shared by all who spend of it, and as much again in the next', () => {
    const { take, nextFrame, frames } = budgetOf(10);
    expect([4, 4, 4, 2, 1].map(take)).toEqual([true, true, false, true, false]);
    expect(frames).toHaveLength(1);
    nextFrame();
    expect(take(4)).toBe(true);
    expect(frames).toHaveLength(1);
  });

  test('is enough for the first who asks, however much that is', () => {
    const { take, nextFrame } = budgetOf(10);
    expect([100, 1].map(take)).toEqual([true, false]);
    nextFrame();
    expect([1, 100].map(take)).toEqual([true, false]);
  });

  test('may be overspent by what is known afterwards, and then nothing more begins in it', () => {
    const { allows, spend, nextFrame } = budgetOf(10);
    spend(6);
    expect(allows(0)).toBe(true);
    spend(6);
    expect(allows(0)).toBe(false);
    nextFrame();
    expect(allows(10)).toBe(true);
  });

  test('is asked for once in a frame, also by who spends nothing, and not where nobody spends', () => {
    const { allows, spend, frames } = budgetOf(10);
    expect(allows(1)).toBe(true);
    expect(frames).toEqual([]);
    spend(0);
    spend(0);
    expect(frames).toHaveLength(1);
  });
});
