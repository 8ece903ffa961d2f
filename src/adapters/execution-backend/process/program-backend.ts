import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import type { ConnectionOptions } from './program-connection.js';
import { ProgramConnection } from './program-connection.js';
import { ProgramPerWorker } from './program-per-worker.js';
import { SharedProgram } from './shared-program.js';
import type { ProgramDependencies, ProgramOptions } from './start-program.js';

export interface ProgramBackendOptions extends ConnectionOptions {
  /** Called for each program that is started; what it throws refuses the spawn. */
  readonly program: () => ProgramOptions;
  /** One program for each Worker, or one for all of them. */
  readonly isolation: 'worker' | 'backend';
}

/** An execution backend whose executions are in programs that speak EBP on their stdio. Starts none before it is asked to. */
export function programBackend(
  options: ProgramBackendOptions,
  dependencies: ProgramDependencies = {},
): ExecutionBackend {
  const { clock = systemClock, register } = dependencies;
  const logger = (dependencies.logger ?? nullLogger).child({ backendId: options.id });
  const connect = (fields: object): ProgramConnection =>
    new ProgramConnection(options.program(), options, { clock, register, logger: logger.child({ ...fields }) });
  return options.isolation === 'worker'
    ? new ProgramPerWorker(options.id, (workerId) => connect({ workerId }), clock)
    : new SharedProgram(options.id, () => connect({}));
}
