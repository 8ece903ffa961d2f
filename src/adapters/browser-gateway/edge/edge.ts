import { CorrelationId } from '../../../domain/ids.js';
import type { Sessions } from '../../../ports/authenticator.js';
import type { BrowserGateway } from '../../../ports/browser-gateway.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger, unfailing } from '../../../ports/logger.js';

import type { Connection } from './connection.js';
import type { Access, Admitted } from './access.js';
import { admit } from './access.js';
import { failedAuthentications } from './failed-authentications.js';
import type { LiveStreams } from './live-streams.js';
import { liveStreams } from './live-streams.js';
import type { HttpOptions, ResolvedHttpOptions } from './options.js';
import { resolveHttpOptions } from './options.js';
import type { Origin } from './origin.js';
import { originCheck } from './origin.js';
import type { Quota } from './quota.js';
import { quota } from './quota.js';
import type { Strangers } from './strangers.js';
import { strangers } from './strangers.js';

export type EdgeDependencies = {
  /** What is served where there is no authenticator. */
  readonly gateway: BrowserGateway;
  /** The Runtime of this host, where others are mounted beside it: `/readyz` speaks of it alone. `gateway`. */
  readonly local?: BrowserGateway | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  readonly options?: HttpOptions | undefined;
} & Access;

/** What requests and sockets share: who may come in, what they may hold open, and whom to tell of a defect. */
export interface Edge {
  readonly options: ResolvedHttpOptions;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly quota: Quota;
  readonly streams: LiveStreams;
  readonly strangers: Strangers;
  readonly sessions?: Sessions | undefined;
  /** Whether that name and that page may ask; who may not is told to the operator. */
  originOf(request: Request, connection: Connection): Origin;
  /** Whether callers have to say who they are. */
  readonly needsToken: boolean;
  /** The gateway of who holds a token; `undefined` where nobody does. */
  admit(token: string | undefined, signal: AbortSignal): Promise<Admitted | undefined>;
  /** Tells the operator that somebody came with a token or a code that is not good. */
  authenticationFailed(): void;
  /** Whether recovery is over in the Runtime of this host, and it is not shut down. */
  isReady(signal: AbortSignal): Promise<boolean>;
  /** Tells the operator of a defect; returns the id under which it is found. */
  reportDefect(error: unknown): CorrelationId;
}

export function edgeOf(dependencies: EdgeDependencies): Edge {
  const { clock = systemClock, sessions, gateway, local = gateway } = dependencies;
  const logger = unfailing(dependencies.logger ?? nullLogger);
  const options = resolveHttpOptions(dependencies.options);
  const origins = originCheck(options);
  const authenticationFailed = failedAuthentications({ clock, logger });
  return {
    options,
    clock,
    logger,
    quota: quota(options, { clock }),
    streams: liveStreams(),
    originOf(request, { localPort }) {
      const origin = origins.check(request, localPort);
      const { headers } = request;
      if (origin === 'refused') {
        logger.debug('host or origin refused', { host: headers.get('host'), origin: headers.get('origin') });
      }
      return origin;
    },
    strangers: strangers(options.strangers),
    sessions,
    needsToken: dependencies.authenticator !== undefined,
    authenticationFailed,
    async admit(token, signal) {
      const admitted = await admit(token, { ...dependencies, signal });
      if (!admitted && token !== undefined) authenticationFailed();
      return admitted;
    },
    async isReady(signal) {
      const answer = await local.read({ type: 'runtimes' }, { signal });
      return answer.outcome === 'answered' && answer.runtimes.every(({ ready, draining }) => ready && !draining);
    },
    reportDefect(error) {
      const correlationId = CorrelationId(crypto.randomUUID());
      logger.error('request failed', { correlationId, cause: error });
      return correlationId;
    },
  };
}
