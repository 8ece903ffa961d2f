import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import type { WorkerLog } from '../../../ports/worker-log.js';
import type { OpenEngine } from './engine.js';
import { openLevel } from './engine.js';
import { EmbeddedWorkerLog } from './embedded-worker-log.js';
import type { EmbeddedLogOptions } from './options.js';
import { Store } from './store.js';

/**
 * A log in a folder, without a server: many Workers' appends are written together, and each is told once its own is
 * as durable as `durability` says. Opened at first use, or by `open`. What is damaged is found when it is read: it makes
 * one Worker's log unreadable from there on, or that Worker `log-damaged`, and no other.
 */
export function embeddedLog(options: EmbeddedLogOptions, openEngine: OpenEngine = openLevel): WorkerLog {
  const { folder, durability = 'sync', intervalMs = 1_000, logger = nullLogger, clock = systemClock } = options;
  const store = new Store({ folder, durability, intervalMs, openEngine, clock, logger });
  return new EmbeddedWorkerLog(store);
}
