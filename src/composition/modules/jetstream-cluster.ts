import { ContainerModule } from 'inversify';

import type { NatsServerOptions } from '../../adapters/nats/index.js';
import { natsLink } from '../../adapters/host-link/nats/index.js';
import { jetStreamOwnership } from '../../adapters/worker-ownership/jetstream/index.js';
import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';
import { tokens } from '../tokens.js';

export type JetStreamClusterOptions = NatsServerOptions & {
  /** Hosts that name the same one share their Workers. `workport`. */
  readonly name?: string | undefined;
  /** How long a host that says nothing is still taken to own its Workers, in milliseconds, 500 at least. 10,000. */
  readonly leaseMs?: number | undefined;
  /** On how many servers of a cluster each entry is. 1. */
  readonly replicas?: 1 | 3 | 5 | undefined;
};

/** The hosts that share a log on a NATS server share its Workers: each is at one of them at a time. */
export const jetStreamClusterModule = (options: JetStreamClusterOptions): ContainerModule =>
  new ContainerModule(({ bind }) => {
    const cluster = (logger: Logger, clock: Clock) => ({
      ownership: jetStreamOwnership({ ...options, logger, clock }),
      link: natsLink({ ...options, logger, clock }),
    });
    bind(tokens.cluster).toResolvedValue(cluster, [tokens.logger, tokens.clock]).inSingletonScope();
  });
