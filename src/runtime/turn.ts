declare const setTimeout: (run: () => void, delayMs: number) => unknown;

/** Lets everything else that is ready go on, input and timers included, which promises alone do not. */
export const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
