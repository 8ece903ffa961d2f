import { exitCodes } from './exit-codes.js';

export interface EndSignals {
  /** Resolves at the first signal. */
  readonly first: Promise<void>;
  /** As if a signal had come. */
  ask(): void;
  forget(): void;
}

/** Ctrl-C and SIGTERM: the first one asks, the second one ends the process at once. */
export function endSignals(): EndSignals {
  let asked: () => void = () => undefined;
  const first = new Promise<void>((resolve) => (asked = resolve));
  let isAsked = false;
  const hear = (): void => {
    if (isAsked) process.exit(exitCodes.failed);
    isAsked = true;
    asked();
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.on(signal, hear);
  return {
    first,
    ask: hear,
    forget() {
      for (const signal of signals) process.off(signal, hear);
    },
  };
}
