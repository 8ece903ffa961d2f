import { javascriptBackend } from '../adapters/execution-backend/javascript/index.js';
import { ConfigError } from '../composition/config/config-error.js';
import { messageOf } from '../contracts/message-of.js';
import { within } from '../contracts/within.js';
import type { ExecutionBackend } from '../ports/execution-backend.js';
import type { Logger } from '../ports/logger.js';
import { backendOf } from './check/backend-of.js';
import { limited } from './check/limited.js';
import { loadExported } from './check/load-module.js';

const loadMs = 30_000;

/** The backend that is named: the built-in one, or what a module exports. A `ConfigError` says why there is none. */
export async function backendNamed(name: string, logger: Logger, signal: AbortSignal): Promise<ExecutionBackend> {
  if (name === 'javascript') return javascriptBackend({}, { logger });
  const { value } = await loadExported(name, loadMs, signal, 'served');
  if (typeof value !== 'function') return backendOf(value, name);
  using limit = limited(signal, loadMs);
  const make = value as () => unknown;
  try {
    return backendOf(await within(limit.signal, 'the backend to be made', Promise.resolve(make())), name);
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    throw new ConfigError([`${name}: the backend could not be made: ${messageOf(cause)}`], { cause });
  }
}
