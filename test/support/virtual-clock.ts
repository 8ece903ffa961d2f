import { manualClock } from './manual-clock.js';
import type { Clock } from '../../src/ports/clock.js';

export interface VirtualClock extends Clock {
  /** Moves time on: what falls due runs in order, and what each timer sets in motion settles before the next one. */
  advance(ms: number): Promise<void>;
  /** Lets what is in motion come to rest, without moving time. */
  settle(): Promise<void>;
  /** From now on the clock shows so many milliseconds less than its timers have waited. */
  lag(ms: number): void;
  /** How many timers are armed. */
  readonly pending: number;
  /** Resolves when so many timers are armed. */
  armed(count: number): Promise<void>;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** Time that stands still until a test moves it. */
export function virtualClock(start = Date.UTC(2026, 10, 30)): VirtualClock {
  const clock = manualClock(start);
  const due: number[] = [];
  let lagMs = 0;
  const settle = async (): Promise<void> => {
    for (let round = 0; round < 5; round += 1) await turn();
  };
  return {
    now: () => clock.now() - lagMs,
    lag: (ms) => void (lagMs = ms),
    after(delayMs, run) {
      due.push(clock.now() + delayMs);
      return clock.after(delayMs, run);
    },
    async advance(ms) {
      const until = clock.now() + ms;
      await settle();
      for (;;) {
        const next = Math.min(...due.filter((at) => at <= until));
        if (next === Infinity) break;
        due.splice(0, due.length, ...due.filter((at) => at !== next));
        clock.advance(Math.max(0, next - clock.now()));
        await settle();
      }
      clock.advance(until - clock.now());
      await settle();
    },
    settle,
    get pending() {
      return clock.pending;
    },
    async armed(count) {
      while (clock.pending < count) await turn();
    },
  };
}
