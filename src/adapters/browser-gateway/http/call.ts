import type { Admitted } from '../edge/access.js';
import type { Connection } from '../edge/connection.js';
import type { Edge } from '../edge/edge.js';

/** One request on its way through a route, of whomever. */
export interface AnonymousCall {
  readonly request: Request;
  readonly url: URL;
  readonly connection: Connection;
  readonly edge: Edge;
}

/** One request of somebody who may come in. */
export interface Call extends AnonymousCall, Admitted {}
