import type { Part } from '../../domain/observation/event.js';
import type { HarnessInputs } from './harness.js';

/**
 * What each input of a harness says, as one text. `{count}` and `{bytes}` are replaced by numbers. `null`: the backend
 * has no such input.
 */
export interface Words {
  readonly completes: string;
  readonly streams: string | null;
  readonly runsUntilCancelled: string | null;
  readonly asks: string | null;
  readonly withdraws: string | null;
  readonly fails: string | null;
}

/** What a backend is asked that knows nothing better: those of `examples/backends` answer to it. */
const defaultWords: Words = {
  completes: 'complete',
  streams: 'stream {count} {bytes}',
  runsUntilCancelled: 'wait',
  asks: 'ask',
  withdraws: 'withdraw',
  fails: 'fail',
};

const say = (text: string): readonly Part[] => [{ type: 'text', text }];

/** The inputs of a harness whose backend is told by a word what to do. */
export function wordInputs(words: Partial<Words> = {}): HarnessInputs {
  const { completes, streams, runsUntilCancelled, asks, withdraws, fails } = { ...defaultWords, ...words };
  return {
    completes: () => say(completes),
    ...(streams !== null && {
      streams: (count, bytes = 1) =>
        say(streams.replaceAll('{count}', String(count)).replaceAll('{bytes}', String(bytes))),
    }),
    ...(runsUntilCancelled !== null && { runsUntilCancelled: () => say(runsUntilCancelled) }),
    ...(asks !== null && { asks: () => say(asks) }),
    ...(withdraws !== null && { withdraws: () => say(withdraws) }),
    ...(fails !== null && { fails: () => say(fails) }),
  };
}
