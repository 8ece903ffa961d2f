import type { Errored } from '../domain/outcome.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { newCorrelationId } from './ids.js';
import { LogUnreadable } from './log-reader.js';

/** What nobody foresaw, or a log that cannot be read: the cause goes to the operator log, its id to the caller. */
export function defect(cause: unknown, { clock, logger }: { clock: Clock; logger: Logger }): Errored {
  const correlationId = newCorrelationId(clock);
  if (cause instanceof LogUnreadable) {
    logger.error('the log cannot be read', { correlationId, cause });
    return { outcome: 'errored', code: 'log-unavailable', executed: 'no', correlationId };
  }
  logger.error('a defect', { correlationId, cause });
  return { outcome: 'errored', code: 'internal', executed: 'unknown', correlationId };
}
