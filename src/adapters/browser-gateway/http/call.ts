import type * as z from 'zod';

import { emptyQuerySchema } from '../../../protocol/browser-requests.js';
import type { Admitted } from '../edge/access.js';
import type { Edge } from '../edge/edge.js';

import { readBody } from './body.js';
import type { Parsed } from './parsed.js';
import { problemReply } from './problem.js';
import { readQuery } from './query.js';
import type { Reply } from './reply.js';

/** What is known of the socket a request came over. */
export interface Connection {
  /** The port that the server is bound to: the loopback names are good with this one only. */
  readonly localPort?: number | undefined;
  /** Ends the socket at once. */
  close?(): void;
}

/** One request on its way through a route. */
export interface Call extends Admitted {
  readonly request: Request;
  readonly url: URL;
  readonly connection: Connection;
  readonly edge: Edge;
}

/** Goes on with what a request names in its path and asks for in its query, or answers why it cannot be taken. */
export async function withQuery<Place, T>(
  call: Call,
  place: Parsed<Place>,
  schema: z.ZodType<T>,
  run: (place: Place, query: T) => Promise<Reply>,
): Promise<Reply> {
  if ('refusal' in place) return problemReply(place.refusal);
  const query = readQuery(call.url.searchParams, schema);
  return 'refusal' in query ? problemReply(query.refusal) : run(place.value, query.value);
}

export interface BodyForm<T> {
  readonly schema: z.ZodType<T>;
  /** Stands for a body that is not there; without it there has to be one. */
  readonly whenAbsent?: T;
}

/** The same with a body instead of a query. */
export function withBody<Place, T>(
  call: Call,
  place: Parsed<Place>,
  { schema, whenAbsent }: BodyForm<T>,
  run: (place: Place, body: T) => Promise<Reply>,
): Promise<Reply> {
  return withQuery(call, place, emptyQuerySchema, async (named) => {
    const body = await readBody(call.request, schema, {
      limits: call.edge.options,
      clock: call.edge.clock,
      ...(whenAbsent !== undefined && { whenAbsent }),
    });
    return 'refusal' in body ? problemReply(body.refusal) : run(named, body.value);
  });
}
