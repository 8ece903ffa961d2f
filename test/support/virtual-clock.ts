import { virtualClock as standing } from '../../src/contracts/faults/virtual-clock.js';
import type { VirtualClock as StandingClock } from '../../src/contracts/faults/virtual-clock.js';

export interface VirtualClock extends StandingClock {
  /** From now on the clock shows so many milliseconds less than its timers have waited. */
  lag(ms: number): void;
  /** Resolves when so many timers are armed. */
  armed(count: number): Promise<void>;
}

/** Time that stands still until a test moves it. */
export function virtualClock(start?: number): VirtualClock {
  const clock = standing(start);
  let lagMs = 0;
  return {
    now: () => clock.now() - lagMs,
    after: clock.after,
    advance: clock.advance,
    settle: clock.settle,
    get pending() {
      return clock.pending;
    },
    lag: (ms) => void (lagMs = ms),
    async armed(count) {
      while (clock.pending < count) await clock.settle();
    },
  };
}
