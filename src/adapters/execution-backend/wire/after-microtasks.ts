const settled = Promise.resolve();

/**
 * Runs once everything that is ready now has run: after all microtasks, before any input or timer. A tick alone would
 * run before the microtasks where it is asked for outside of one; a promise costs less than `queueMicrotask`.
 */
export const afterMicrotasks = (run: () => void): void => void settled.then(() => process.nextTick(run));
