/** Between the two threads of the program: one has the wire, the other runs the user's code. */
export type ToEvaluator =
  | { readonly type: 'run'; readonly run: number; readonly code: string }
  /** Ends a run that is not in its synchronous part; answered by `ended` in any case. */
  | { readonly type: 'cancel'; readonly run: number }
  | { readonly type: 'exit' };

export type FromEvaluator =
  | {
      readonly type: 'output';
      /** The run that caused it, where one did. It may have ended. */
      readonly run: number | undefined;
      readonly stream: 'stdout' | 'stderr';
      readonly text: string;
      /** What it takes of the room; `SharedState.consumed` gives it back. */
      readonly size: number;
    }
  | ({ readonly type: 'ended'; readonly run: number } & RunResult)
  /** The process exits as soon as `SharedState.flushed` is set, or half a second later. */
  | { readonly type: 'exiting' };

export type RunResult =
  | { readonly how: 'value'; readonly text: string | undefined }
  | { readonly how: 'error'; readonly text: string }
  | { readonly how: 'cancelled' };

/** What both threads see at once, even while the evaluator is blocked: an `Int32Array` and its indices. */
export const sharedBytes = 12;
export const shared = {
  /** How much of the output was taken from the evaluator, modulo 2^32. */
  consumed: 0,
  /** Whether SIGINT ends what the evaluator does, and nothing else: one of `interrupt`. */
  interrupt: 1,
  /** 1 once everything that was said before `exiting` is written. */
  flushed: 2,
} as const;

/** At most one SIGINT is sent for each time that it is possible, and the evaluator waits for one that is sent. */
export const interrupt = { none: 0, possible: 1, sent: 2 } as const;

/** How much output may be under way before the code that prints has to wait. */
export const outputRoom = 1024 * 1024;
