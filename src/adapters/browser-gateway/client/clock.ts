import type { Clock } from '../../../ports/clock.js';

import { abortable } from '../../../ports/abort.js';

/** Times of a page. Unlike other clocks it keeps a program of Node alive: who awaits a stream waits through its delays. */
export const pageClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Resolves after a while; rejects when the signal aborts. Holds no timer afterwards. */
export async function wait(delayMs: number, clock: Clock, signal: AbortSignal): Promise<void> {
  let takeBack = (): void => undefined;
  try {
    await abortable(new Promise<void>((resolve) => (takeBack = clock.after(delayMs, resolve))), signal);
  } finally {
    takeBack();
  }
}

/** Between 0.5 and 1 of a delay that doubles with each failure, so that not all come back at once. */
export const backOffMs = (failures: number, { minDelayMs, maxDelayMs }: BackOff): number =>
  Math.min(maxDelayMs, minDelayMs * 2 ** failures) * (1 - Math.random() / 2);

export interface BackOff {
  readonly minDelayMs: number;
  readonly maxDelayMs: number;
}
