declare const setTimeout: (run: () => void, delayMs: number) => unknown;

/** Lets everything go on that is ready, timers and pipes included, which promises alone do not. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
