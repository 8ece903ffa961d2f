import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import type { WorkerLog } from '../../../ports/worker-log.js';
import type { LoadNats } from '../../nats/index.js';
import { JetStreamWorkerLog } from './jetstream-worker-log.js';
import type { JetStreamLogOptions } from './options.js';

const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * A log on NATS JetStream, which several hosts share: each append is one message, behind the Worker's last one or not
 * at all. Opened at first use, or by `open`, which rejects with a `LogServerError` that says what to do. A connection
 * that breaks is made again for ever.
 */
export function jetStreamLog(options: JetStreamLogOptions, load?: LoadNats): WorkerLog {
  const { name = 'workport', logger = nullLogger, clock = systemClock } = options;
  if (!namePattern.test(name)) throw new TypeError('name: letters, digits, "_" and "-", at most 64');
  return new JetStreamWorkerLog({ ...options, name, logger, clock, load });
}
