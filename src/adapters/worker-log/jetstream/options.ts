import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { NatsServerOptions } from '../../nats/index.js';

/** What an answered append survives: `sync`: the loss of power, by the operator's promise. `interval`: the end of any process. */
export type JetStreamDurability = 'sync' | 'interval';

export interface JetStreamLogOptions extends NatsServerOptions {
  /** The stream, and the first word of its subjects: letters, digits, `_` and `-`. Hosts that name the same one share it. `workport`. */
  readonly name?: string | undefined;
  /** On how many servers of a cluster each record is. Where the stream is there already, it has to be what it has. 1. */
  readonly replicas?: 1 | 3 | 5 | undefined;
  /**
   * What is said of the servers, which nobody can ask: `sync` where they have `sync_interval: always`, or where replicas
   * are in places that do not lose power together. `interval`.
   */
  readonly durability?: JetStreamDurability | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}
