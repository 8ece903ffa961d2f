import type { Frame } from '../../src/ports/browser-gateway.js';

export interface FrameSource {
  observe(from: string | undefined, signal: AbortSignal): AsyncIterable<Frame>;
  push(...frames: readonly Frame[]): void;
  /** Ends the stream without an `end` frame. */
  finish(): void;
  fail(error: unknown): void;
  /** How many frames were taken. */
  readonly taken: number;
  /** Observers that were let go of: by abort and by `return`. */
  readonly released: number;
}

type Step = { readonly frame: Frame } | { readonly error: unknown } | 'done';

/** One observer's frames, handed out one by one as they are asked for. */
export function frameSource(...first: readonly Frame[]): FrameSource {
  const steps: Step[] = first.map((frame) => ({ frame }));
  let wake = (): void => undefined;
  let taken = 0;
  let released = 0;
  const add = (...more: readonly Step[]): void => {
    steps.push(...more);
    wake();
  };

  async function* frames(signal: AbortSignal): AsyncGenerator<Frame> {
    signal.addEventListener('abort', () => wake());
    try {
      for (;;) {
        signal.throwIfAborted();
        const step = steps.shift();
        if (step === undefined) await new Promise<void>((resolve) => (wake = resolve));
        else if (step === 'done') return;
        else if ('error' in step) throw step.error;
        else {
          taken += 1;
          yield step.frame;
        }
      }
    } finally {
      released += 1;
    }
  }

  return {
    observe: (_from, signal) => frames(signal),
    push: (...more) => add(...more.map((frame) => ({ frame }))),
    finish: () => add('done'),
    fail: (error) => add({ error }),
    get taken() {
      return taken;
    },
    get released() {
      return released;
    },
  };
}
