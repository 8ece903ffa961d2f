import { ContainerModule } from 'inversify';

import type { JavascriptOptions } from '../../adapters/execution-backend/javascript/index.js';
import { javascriptBackend } from '../../adapters/execution-backend/javascript/index.js';
import type { ProcessRegister } from '../../adapters/execution-backend/subprocess/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

/** The built-in backend: each Worker a Node.js session in a process of its own. */
export const javascriptModule = (name: string, options: JavascriptOptions = {}): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.executionBackend)
      .toResolvedValue(
        (logger: Logger, clock: Clock, register: ProcessRegister | undefined) =>
          javascriptBackend(options, { logger, clock, register }),
        [tokens.logger, tokens.clock, { serviceIdentifier: tokens.processRegister, optional: true }],
      )
      .inSingletonScope()
      .whenNamed(name);
  });
