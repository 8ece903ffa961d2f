import type { Clock } from '../../../ports/clock.js';

const windowMs = 60_000;

/** Counts per principal: inputs in the current minute, and what is open. Holds nothing of who is gone. */
export interface Quota {
  /** Takes one of the minute's inputs, or answers in how many milliseconds there are some again. */
  takeInput(principal: string): 'taken' | number;
  /** Takes one stream or WebSocket; the returned function gives it back, once. `undefined` where none is left. */
  takeStream(principal: string): (() => void) | undefined;
  /** The same for a subscription on a WebSocket. */
  takeSubscription(principal: string): (() => void) | undefined;
}

/** At most `limit` at once of something, for each principal. */
function held(limit: number): (principal: string) => (() => void) | undefined {
  const open = new Map<string, number>();
  return (principal) => {
    const before = open.get(principal) ?? 0;
    if (before >= limit) return undefined;
    open.set(principal, before + 1);
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      const left = (open.get(principal) ?? 1) - 1;
      if (left > 0) open.set(principal, left);
      else open.delete(principal);
    };
  };
}

export function quota(
  limits: { readonly inputsPerMinute: number; readonly streams: number; readonly subscriptions: number },
  { clock }: { readonly clock: Clock },
): Quota {
  const inputs = new Map<string, number>();
  let windowEndsAt = 0;
  return {
    takeInput(principal) {
      if (clock.now() >= windowEndsAt) {
        inputs.clear();
        windowEndsAt = clock.now() + windowMs;
      }
      const taken = inputs.get(principal) ?? 0;
      if (taken >= limits.inputsPerMinute) return windowEndsAt - clock.now();
      inputs.set(principal, taken + 1);
      return 'taken';
    },
    takeStream: held(limits.streams),
    takeSubscription: held(limits.subscriptions),
  };
}
