import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { NatsConnection, NatsServerOptions } from '../../nats/index.js';

interface OwnershipOptions {
  /** Begins the names of the buckets and subjects: letters, digits, `_` and `-`. Hosts that name the same one share their Workers. `workport`. */
  readonly name?: string | undefined;
  /** How long a host that says nothing is still taken to own its Workers, in milliseconds, 500 at least. 10,000. */
  readonly leaseMs?: number | undefined;
  /** On how many servers of a cluster each entry is. Where the buckets are there already, it has to be what they have. 1. */
  readonly replicas?: 1 | 3 | 5 | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Over a connection of somebody else's, who closes it, or over one of its own. */
export type JetStreamOwnershipOptions = OwnershipOptions &
  (({ readonly connection: NatsConnection } & { readonly servers?: undefined }) | NatsServerOptions);

/** What is left to choose when the defaults are in. */
export interface OwnershipSettings {
  readonly name: string;
  readonly leaseMs: number;
  readonly replicas: 1 | 3 | 5 | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
}
