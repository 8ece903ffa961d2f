/** Time for everything that waits. Tests give a virtual one. */
export interface Clock {
  /** Milliseconds since 1970, UTC. */
  now(): number;
  /** Calls `run` once, `delayMs` from now; the returned function takes it back. Does not keep a process alive. */
  after(delayMs: number, run: () => void): () => void;
}

declare const setTimeout: (run: () => void, delayMs: number) => number | { unref(): void };
declare const clearTimeout: (timer: number | { unref(): void }) => void;

export const systemClock: Clock = {
  now: () => Date.now(),
  after(delayMs, run) {
    const timer = setTimeout(run, delayMs);
    if (typeof timer === 'object') timer.unref();
    return () => clearTimeout(timer);
  },
};

/** Lets everything else that is ready go on, input and timers included, which promises alone do not. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
