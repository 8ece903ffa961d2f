import { ContainerModule } from 'inversify';

import type { RemoteSocketOptions } from '../../adapters/execution-backend/remote-socket/index.js';
import { remoteSocketBackend } from '../../adapters/execution-backend/remote-socket/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

/** A backend at the other end of a socket. In the operator log it is called by `name`, where its options give no id. */
export const remoteSocketModule = (name: string, options: RemoteSocketOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.executionBackend)
      .toResolvedValue(
        (logger: Logger, clock: Clock) => remoteSocketBackend({ id: name, ...options }, { logger, clock }),
        [tokens.logger, tokens.clock],
      )
      .inSingletonScope()
      .whenNamed(name);
  });
