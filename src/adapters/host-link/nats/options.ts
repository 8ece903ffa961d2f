import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { NatsConnection, NatsServerOptions } from '../../nats/index.js';

interface LinkOptions {
  /** The first word of the subjects: letters, digits, `_` and `-`. Hosts that name the same one ask one another. `workport`. */
  readonly name?: string | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

/** Over a connection of somebody else's, who closes it, or over one of its own. */
export type NatsLinkOptions = LinkOptions &
  (({ readonly connection: NatsConnection } & { readonly servers?: undefined }) | NatsServerOptions);
