import type { Clock } from '../../ports/clock.js';

/** Time that stands still until it is told to move. */
export interface VirtualClock extends Clock {
  /**
   * Moves time on by so many milliseconds. What falls due runs in the order of its time, also what is set meanwhile,
   * and what it sets in motion comes to rest before the next falls due. Rejects what is no number of them.
   */
  advance(ms: number): Promise<void>;
  /** Lets what is in motion come to rest, without moving time. Real files, sockets and timers are not waited for. */
  settle(): Promise<void>;
  /** How many timers wait. */
  readonly pending: number;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

const turnsToRest = 5;
/** Where there is no `setImmediate`, timers are the next best. */
const nextTurn: (run: () => void) => unknown =
  (globalThis as { readonly setImmediate?: (run: () => void) => unknown }).setImmediate ??
  ((run) => setTimeout(run, 0));

async function settle(): Promise<void> {
  for (let count = 0; count < turnsToRest; count += 1) await new Promise<void>((resolve) => nextTurn(resolve));
}

/** For a Runtime, a backend and a fault backend that are to share one time. `start`: milliseconds since 1970. */
export function virtualClock(start = Date.UTC(2026, 10, 30)): VirtualClock {
  let now = start;
  const timers = new Set<Timer>();
  const nextAt = (): number => [...timers].reduce((earliest, { at }) => Math.min(earliest, at), Infinity);
  const ring = (): void => {
    for (const timer of [...timers].filter(({ at }) => at <= now)) if (timers.delete(timer)) timer.run();
  };
  return {
    now: () => now,
    after(delayMs, run) {
      const timer = { at: now + delayMs, run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    async advance(ms) {
      if (!(ms >= 0 && ms < Infinity)) throw new TypeError(`virtualClock: time moves on by 0 ms or more, not by ${ms}`);
      const until = now + ms;
      await settle();
      for (let at = nextAt(); at <= until; at = nextAt()) {
        now = Math.max(now, at);
        ring();
        await settle();
      }
      now = Math.max(now, until);
    },
    settle,
    get pending() {
      return timers.size;
    },
  };
}
