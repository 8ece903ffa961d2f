import type { BackendServerOptions } from '../wire/serving-end.js';
import type { RefusalReason } from './refusals.js';

/** Where a backend is served, and to whom. */
export interface BackendListenOptions extends BackendServerOptions {
  /** `unix:PATH`, `tls:HOST:PORT` or `tcp:HOST:PORT`; port 0 is any free one. */
  readonly listen: string;
  /**
   * Holds the keys, a line each: hosts show that they have one of them. It is read for each connection, so that a key
   * that is taken out lets nobody in any more. `unix:` can do without, in a folder that is closed to others.
   */
  readonly keyFile?: string | undefined;
  /** For `tls:`: the certificate with what it was issued by, and its private key, in PEM. Read once. */
  readonly tls?: { readonly certFile: string; readonly keyFile: string } | undefined;
  /** `tcp:` is clear text: others than this machine are let in only where this is `true`. */
  readonly allowPlaintext?: boolean | undefined;
  /** Connections at a time that have not said `initialize` yet, and half as many of one address. 64. */
  readonly maxUnopened?: number | undefined;
  /** Connections at a time, all in all. 4096. */
  readonly maxConnections?: number | undefined;
}

/** A backend that listens for hosts. Disposing ends its executions, then itself, and closes all connections. */
export interface BackendListener extends AsyncDisposable {
  /** Where it listens, with the port that was taken. */
  readonly address: string;
  /** What there is, and what was refused since it listens. */
  counts(): ListenerCounts;
}

export interface ListenerCounts {
  /** Connections of hosts. */
  readonly open: number;
  /** Connections that have not said `initialize` yet. */
  readonly unopened: number;
  readonly refused: Readonly<Record<RefusalReason, number>>;
}
