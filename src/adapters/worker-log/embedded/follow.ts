import type { Sequence } from '../../../domain/ids.js';
import type { LogPage } from '../../../ports/worker-log.js';
import type { Follower } from './followers.js';

interface FollowOptions {
  readonly after: Sequence;
  readonly signal: AbortSignal;
  /** A page after a sequence; `undefined` where there is no log. */
  readonly page: (after: Sequence) => Promise<LogPage | undefined>;
  readonly watch: (follower: Follower) => () => void;
}

/** Pages as they come. Who leaves is let go at once, also while a page is awaited. */
export function follow({ after, signal, page, watch }: FollowOptions): AsyncIterator<LogPage, undefined> {
  let position = after;
  let isOver = false;
  const hasEnded = (): boolean => isOver;
  let hasChanged = false;
  let wakeWaiting = (): void => undefined;
  const wake = (): void => {
    hasChanged = true;
    wakeWaiting();
  };
  const end = (): void => {
    isOver = true;
    signal.removeEventListener('abort', wake);
    unwatch();
    wake();
  };
  const unwatch = watch({ wake, end });
  signal.addEventListener('abort', wake, { once: true });

  const change = async (): Promise<void> => {
    if (!hasChanged && !signal.aborted) await new Promise<void>((resolve) => (wakeWaiting = resolve));
    hasChanged = false;
  };

  const next = async (): Promise<IteratorResult<LogPage, undefined>> => {
    for (;;) {
      if (isOver) return { done: true, value: undefined };
      if (signal.aborted) {
        end();
        throw signal.reason as Error;
      }
      hasChanged = false;
      const found = await page(position);
      if (!found) end();
      else if (found.observations.length > 0) {
        position = found.observations.at(-1)?.sequence ?? position;
        return hasEnded() ? { done: true, value: undefined } : { done: false, value: found };
      } else await change();
    }
  };

  return {
    next,
    return: () => {
      end();
      return Promise.resolve({ done: true, value: undefined });
    },
  };
}
