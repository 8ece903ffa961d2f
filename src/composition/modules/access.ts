import { ContainerModule } from 'inversify';

import { sessionAuthenticator } from '../../adapters/authenticator/session/index.js';
import type { Sessions } from '../../ports/authenticator.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import type { AccessOptions, HostAccess } from '../host-access.js';
import { hostAccess } from '../host-access.js';
import { tokens } from '../tokens.js';

/** Who may come in: by tokens, by sessions, and by JWTs. Replaced while the host runs by what is bound to `tokens.access`. */
export const accessModule = (options: AccessOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    bind(tokens.sessions)
      .toResolvedValue((clock: Clock) => sessionAuthenticator({ clock }), [tokens.clock])
      .inSingletonScope();
    bind(tokens.access)
      .toResolvedValue(
        (sessions: Sessions, clock: Clock, logger: Logger) => hostAccess(options, { sessions, clock, logger }),
        [tokens.sessions, tokens.clock, tokens.logger],
      )
      .inSingletonScope();
    bind(tokens.authenticator)
      .toResolvedValue((access: HostAccess) => access, [tokens.access])
      .inSingletonScope();
  });
