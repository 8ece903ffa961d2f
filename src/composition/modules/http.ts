import { ContainerModule } from 'inversify';

import type { Asset, HttpOptions } from '../../adapters/browser-gateway/http/index.js';
import { httpHandler } from '../../adapters/browser-gateway/http/index.js';
import type { Authenticator, Principal, Sessions } from '../../ports/authenticator.js';
import type { BrowserGateway } from '../../ports/browser-gateway.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { audited } from '../../runtime/audited.js';
import { scoped } from '../../runtime/scoped.js';
import { tokens } from '../tokens.js';

/** The browser API. It belongs into a container of the edge: see `edgeContainer`. */
export const httpModule = (options: HttpOptions = {}): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.httpHandler)
      .toResolvedValue(
        (
          gateway: BrowserGateway,
          local: BrowserGateway,
          logger: Logger,
          clock: Clock,
          authenticator: Authenticator | undefined,
          sessions: Sessions | undefined,
          assets: readonly Asset[] | undefined,
        ) => {
          const shared = { gateway, local, logger, clock, options, assets };
          if (!authenticator) return httpHandler(shared);
          const gatewayFor = (principal: Principal): BrowserGateway =>
            audited(scoped(gateway, principal), { logger, principal });
          return httpHandler({ ...shared, authenticator, gatewayFor, sessions });
        },
        [
          tokens.gateway,
          tokens.localGateway,
          tokens.logger,
          tokens.clock,
          { serviceIdentifier: tokens.authenticator, optional: true },
          { serviceIdentifier: tokens.sessions, optional: true },
          { serviceIdentifier: tokens.assets, optional: true },
        ],
      )
      .inSingletonScope();
  });
