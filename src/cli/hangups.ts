export interface Hangups {
  /** From now on each SIGHUP, one that came before included, has `run` run: one after the other. */
  listen(run: () => Promise<void>): void;
  forget(): void;
}

/** SIGHUP, which would end the process, as the word to read again. */
export function hangups(): Hangups {
  let run: (() => Promise<void>) | undefined;
  let isAsked = false;
  let isRunning = false;
  async function work(): Promise<void> {
    if (isRunning || !run) return;
    isRunning = true;
    while (isAsked) {
      isAsked = false;
      await run();
    }
    isRunning = false;
  }
  const hear = (): void => {
    isAsked = true;
    void work();
  };
  process.on('SIGHUP', hear);
  return {
    listen(next) {
      run = next;
      void work();
    },
    forget: () => void process.off('SIGHUP', hear),
  };
}
