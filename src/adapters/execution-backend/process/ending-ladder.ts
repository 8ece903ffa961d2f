import type { Clock } from '../../../ports/clock.js';

/** How long a program has to exit by itself once its stdin is closed. */
export const stdinGraceMs = 2000;

export interface Rungs {
  readonly clock: Clock;
  closeInput(): void;
  signal(name: 'SIGTERM' | 'SIGKILL'): void;
}

export interface EndingLadder {
  /**
   * Close stdin → 2 s (or `graceMs`, if that is less) → SIGTERM → `graceMs` → SIGKILL. 0: SIGKILL at once.
   * The first cause stays; a later call only ever hastens the end.
   */
  begin(cause: string, graceMs: number): void;
  /** The process is gone: nothing more is sent. */
  finish(): void;
  readonly cause: string | undefined;
  readonly killed: boolean;
}

export function endingLadder(rungs: Rungs): EndingLadder {
  const { clock } = rungs;
  let cause: string | undefined;
  let killAt = Infinity;
  let killed = false;
  let finished = false;
  let disarm: (() => void)[] = [];

  const disarmAll = (): void => {
    for (const cancel of disarm) cancel();
    disarm = [];
  };
  const kill = (): void => {
    disarmAll();
    killed = true;
    rungs.signal('SIGKILL');
  };
  return {
    begin(newCause, graceMs) {
      if (finished || killed) return;
      cause ??= newCause;
      const politeMs = Math.min(stdinGraceMs, graceMs);
      const newKillAt = clock.now() + politeMs + graceMs;
      if (newKillAt >= killAt) return;
      killAt = newKillAt;
      rungs.closeInput();
      if (graceMs <= 0) return kill();
      disarmAll();
      disarm = [clock.after(politeMs, () => rungs.signal('SIGTERM')), clock.after(politeMs + graceMs, kill)];
    },
    finish() {
      finished = true;
      disarmAll();
    },
    get cause() {
      return cause;
    },
    get killed() {
      return killed;
    },
  };
}
