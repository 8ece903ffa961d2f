import { CorrelationId } from '../domain/ids.js';
import type { Errored } from '../domain/outcome.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { newUuid } from './ids.js';

/** What nobody foresaw: its cause goes to the operator log, its id to the caller. */
export function defect(cause: unknown, { clock, logger }: { clock: Clock; logger: Logger }): Errored {
  const correlationId = CorrelationId(newUuid(clock.now()));
  logger.error('a defect', { correlationId, cause });
  return { outcome: 'errored', code: 'internal', executed: 'unknown', correlationId };
}
