import { ContainerModule } from 'inversify';

import type { EmbeddedLogOptions } from '../../adapters/worker-log/embedded/index.js';
import { embeddedLog } from '../../adapters/worker-log/embedded/index.js';
import { tokens } from '../tokens.js';

/** Workers live in a folder: they are there again when the host is. */
export const embeddedLogModule = (options: Omit<EmbeddedLogOptions, 'logger' | 'clock'>): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.workerLog)
      .toResolvedValue((logger, clock) => embeddedLog({ ...options, logger, clock }), [tokens.logger, tokens.clock])
      .inSingletonScope();
  });
