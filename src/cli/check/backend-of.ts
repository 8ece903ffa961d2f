import { ConfigError } from '../../composition/config/config-error.js';
import type { ExecutionBackend } from '../../ports/execution-backend.js';
import { isObject } from './load-module.js';

export const specification = 'execution-backend/1';

/** What the function of a module made, where it is a backend. A `ConfigError` says what it is instead. */
export function backendOf(made: unknown, file: string): ExecutionBackend {
  if (isObject(made) && made['specification'] === specification) return made as unknown as ExecutionBackend;
  const said = isObject(made)
    ? `an object whose specification is ${JSON.stringify(made['specification'])}`
    : typeof made;
  throw new ConfigError([
    `${file}: the exported function has to make an ExecutionBackend ("${specification}"), not ${said}`,
  ]);
}
