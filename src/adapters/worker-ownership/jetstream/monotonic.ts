/** Milliseconds of a clock that nobody sets: it goes on while the process is stopped. */
export const monotonicMs = (): number => performance.now();
