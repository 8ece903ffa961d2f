import { describe, expect, test } from 'vitest';

import { onceDrawn } from '../../../../src/adapters/browser-gateway/console/page/once-drawn.js';

function asked() {
  const asks: Record<'frame' | 'timer', () => void> = { frame: () => undefined, timer: () => undefined };
  let runs = 0;
  onceDrawn(() => (runs += 1), {
    requestAnimationFrame: (run) => (asks.frame = run),
    setTimeout: (run) => (asks.timer = run),
  });
  return { ...asks, runs: () => runs };
}

describe('what is to run once the page is drawn', () => {
  test('runs with the next frame, and no second time', () => {
    const { frame, timer, runs } = asked();
    expect(runs()).toBe(0);
    frame();
    timer();
    expect(runs()).toBe(1);
  });

  test('runs without one where the page is hidden after it was asked', () => {
    const { timer, frame, runs } = asked();
    timer();
    frame();
    expect(runs()).toBe(1);
  });
});
