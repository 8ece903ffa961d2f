import { closeSync, openSync } from 'node:fs';

export interface Hangups {
  /** From now on each SIGHUP, one that came before included, has `run` run: one after the other. */
  listen(run: () => Promise<void>): void;
  forget(): void;
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch {
    return false;
  }
}

/**
 * SIGHUP, which would end the process, as the word to read again. Where it tells that the terminal is gone from which the
 * process was started, `onTerminalGone` is called instead, once: shell and kernel may both tell.
 */
export function hangups(onTerminalGone: () => void): Hangups {
  const hadTerminal = hasTerminal();
  let isGone = false;
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
    if (isGone) return;
    isGone = hadTerminal && !hasTerminal();
    if (isGone) return onTerminalGone();
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
