import type { Clock } from '../../../ports/clock.js';

const windowMs = 60_000;

/** Counts per principal: inputs in the current minute, and streams that are open. Holds nothing of who is gone. */
export interface Quota {
  /** False where the minute's inputs are used up. */
  takeInput(principal: string): boolean;
  /** Takes one stream; the returned function gives it back, once. `undefined` where none is left. */
  takeStream(principal: string): (() => void) | undefined;
}

export function quota(
  limits: { readonly inputsPerMinute: number; readonly streams: number },
  { clock }: { readonly clock: Clock },
): Quota {
  const inputs = new Map<string, number>();
  const streams = new Map<string, number>();
  let windowEndsAt = 0;

  function giveBack(principal: string): void {
    const left = (streams.get(principal) ?? 1) - 1;
    if (left > 0) streams.set(principal, left);
    else streams.delete(principal);
  }

  return {
    takeInput(principal) {
      if (clock.now() >= windowEndsAt) {
        inputs.clear();
        windowEndsAt = clock.now() + windowMs;
      }
      const taken = inputs.get(principal) ?? 0;
      if (taken >= limits.inputsPerMinute) return false;
      inputs.set(principal, taken + 1);
      return true;
    },
    takeStream(principal) {
      const open = streams.get(principal) ?? 0;
      if (open >= limits.streams) return undefined;
      streams.set(principal, open + 1);
      let held = true;
      return () => {
        if (held) giveBack(principal);
        held = false;
      };
    },
  };
}
