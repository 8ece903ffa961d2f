import type { Clock } from '../../ports/clock.js';
import type { Logger } from '../../ports/logger.js';

/** Files in PEM. */
export interface NatsTlsOptions {
  /** Who the server's certificate has to come from. The authorities of Node. */
  readonly caFile?: string | undefined;
  readonly certFile?: string | undefined;
  readonly keyFile?: string | undefined;
}

/** How a NATS server is reached. */
export interface NatsServerOptions {
  /** `host:port` or `nats://host:port` of one or more servers of one cluster, without credentials. */
  readonly servers: readonly string[];
  readonly user?: string | undefined;
  readonly password?: string | undefined;
  readonly token?: string | undefined;
  /** A file with the seed of an nkey. */
  readonly nkeyFile?: string | undefined;
  /** A file with a JWT and its seed, as `nsc` makes it. */
  readonly credsFile?: string | undefined;
  /** `true`: TLS is required, with the authorities of Node. Absent: as the server asks for. */
  readonly tls?: NatsTlsOptions | true | undefined;
}

export interface NatsConnectionOptions extends NatsServerOptions {
  /** What the server calls this connection in its own lists. */
  readonly name: string;
  readonly clock: Clock;
  readonly logger: Logger;
}
