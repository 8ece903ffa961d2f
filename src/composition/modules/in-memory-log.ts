import { ContainerModule } from 'inversify';

import type { InMemoryLogOptions } from '../../adapters/worker-log/in-memory/index.js';
import { inMemoryLog } from '../../adapters/worker-log/in-memory/index.js';
import { tokens } from '../tokens.js';

/** Workers live as long as the process. */
export const inMemoryLogModule = (options: InMemoryLogOptions = {}): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.workerLog)
      .toResolvedValue(() => inMemoryLog(options))
      .inSingletonScope();
  });
