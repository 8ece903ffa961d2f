const now = Promise.resolve();

/** Runs once everything that is ready now has run: after all microtasks, before any input or timer. */
export const afterMicrotasks = (run: () => void): void => void now.then(() => process.nextTick(run));
