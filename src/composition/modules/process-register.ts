import { ContainerModule } from 'inversify';

import type { ProcessRegisterOptions } from '../../adapters/execution-backend/subprocess/index.js';
import { processRegister } from '../../adapters/execution-backend/subprocess/index.js';
import { tokens } from '../tokens.js';

export const processRegisterModule = (options: ProcessRegisterOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.processRegister)
      .toResolvedValue((logger) => processRegister(options, { logger }), [tokens.logger])
      .inSingletonScope();
  });
