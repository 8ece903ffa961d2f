import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';

const windowMs = 60_000;

/**
 * Tells the operator of tokens and codes that were wrong, never what they were: of the first one at once, then each
 * minute of how many there were since. However many come, the log gets a line a minute.
 */
export function failedAuthentications({
  clock,
  logger,
}: {
  readonly clock: Clock;
  readonly logger: Logger;
}): () => void {
  let count = 0;
  let quietUntil = 0;
  let isWaiting = false;
  function tell(): void {
    logger.warn('authentication failed', { count });
    count = 0;
    isWaiting = false;
    quietUntil = clock.now() + windowMs;
  }
  return () => {
    count += 1;
    if (isWaiting) return;
    const leftMs = quietUntil - clock.now();
    if (leftMs <= 0) return tell();
    isWaiting = true;
    clock.after(leftMs, tell);
  };
}
