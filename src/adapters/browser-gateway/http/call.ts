import type { Admitted } from '../edge/access.js';
import type { Edge } from '../edge/edge.js';

/** What is known of the socket a request came over. */
export interface Connection {
  /** The port that the server is bound to: the loopback names are good with this one only. */
  readonly localPort?: number | undefined;
  /** Ends the socket at once. */
  close?(): void;
}

/** One request on its way through a route, of whomever. */
export interface OpenCall {
  readonly request: Request;
  readonly url: URL;
  readonly connection: Connection;
  readonly edge: Edge;
}

/** One request of somebody who may come in. */
export interface Call extends OpenCall, Admitted {}
