import { ContainerModule } from 'inversify';

import type { ProcessRegister, SubprocessOptions } from '../../adapters/execution-backend/subprocess/index.js';
import { subprocessBackend } from '../../adapters/execution-backend/subprocess/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

/** A backend whose Workers are programs. In the operator log it is called by `name`, where its options give no id. */
export const subprocessModule = (name: string, options: SubprocessOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.executionBackend)
      .toResolvedValue(
        (logger: Logger, clock: Clock, register: ProcessRegister | undefined) =>
          subprocessBackend({ id: name, ...options }, { logger, clock, register }),
        [tokens.logger, tokens.clock, { serviceIdentifier: tokens.processRegister, optional: true }],
      )
      .inSingletonScope()
      .whenNamed(name);
  });
