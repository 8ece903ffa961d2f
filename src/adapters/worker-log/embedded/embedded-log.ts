import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import type { WorkerLog } from '../../../ports/worker-log.js';
import type { OpenEngine } from './engine.js';
import { openLevel } from './engine.js';
import { EmbeddedWorkerLog } from './embedded-worker-log.js';
import type { EmbeddedLogOptions } from './options.js';
import { Store } from './store.js';

export async function embeddedLog(options: EmbeddedLogOptions, open: OpenEngine = openLevel): Promise<WorkerLog> {
  const { folder, durability = 'sync', logger = nullLogger, clock = systemClock } = options;
  const store = new Store({ folder, sync: durability === 'sync', open, clock, logger });
  await store.engine();
  const log = new EmbeddedWorkerLog(store, durability);
  await log.sweepAll();
  return log;
}
