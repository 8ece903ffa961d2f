import { ContainerModule } from 'inversify';

import type { PinoLoggerOptions } from '../../adapters/logger/pino/index.js';
import { pinoLogger } from '../../adapters/logger/pino/index.js';
import { tokens } from '../tokens.js';

export const pinoLoggerModule = (options: PinoLoggerOptions = {}): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.logger)
      .toResolvedValue(() => pinoLogger(options))
      .inSingletonScope();
  });
