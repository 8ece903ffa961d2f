import { ContainerModule } from 'inversify';

import type { JetStreamLogOptions } from '../../adapters/worker-log/jetstream/index.js';
import { jetStreamLog } from '../../adapters/worker-log/jetstream/index.js';
import { tokens } from '../tokens.js';

/** Workers live on a NATS server: they are there again wherever the next host is. */
export const jetStreamLogModule = (options: Omit<JetStreamLogOptions, 'logger' | 'clock'>): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.workerLog)
      .toResolvedValue((logger, clock) => jetStreamLog({ ...options, logger, clock }), [tokens.logger, tokens.clock])
      .inSingletonScope();
  });
