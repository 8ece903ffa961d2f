import { ContainerModule } from 'inversify';

import type { AcpOptions, ProcessRegister } from '../../adapters/execution-backend/acp/index.js';
import { acpBackend } from '../../adapters/execution-backend/acp/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

/** A backend whose Workers are agents. In the operator log it is called by `name`, where its options give no id. */
export const acpModule = (name: string, options: AcpOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.executionBackend)
      .toResolvedValue(
        (logger: Logger, clock: Clock, register: ProcessRegister | undefined) =>
          acpBackend({ id: name, ...options }, { logger, clock, register }),
        [tokens.logger, tokens.clock, { serviceIdentifier: tokens.processRegister, optional: true }],
      )
      .inSingletonScope()
      .whenNamed(name);
  });
