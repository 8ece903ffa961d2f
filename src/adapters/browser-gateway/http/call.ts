import type * as z from 'zod';

import type { CorrelationId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type { BrowserGateway } from '../../../ports/browser-gateway.js';
import { emptyQuerySchema } from '../../../protocol/browser-requests.js';

import { readBody } from './body.js';
import type { Parsed } from './parsed.js';
import type { ResolvedHttpOptions } from './options.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import { readQuery } from './query.js';
import type { Quota } from './quota.js';
import type { LiveStreams } from './live-streams.js';

/** What is known of the socket a request came over. */
export interface Connection {
  /** The port that the server is bound to: the loopback names are good with this one only. */
  readonly localPort?: number | undefined;
  /** Ends the socket at once. */
  close?(): void;
}

/** One request on its way through a route. */
export interface Call {
  readonly request: Request;
  readonly url: URL;
  readonly connection: Connection;
  /** What this principal may reach. */
  readonly gateway: BrowserGateway;
  /** Whose quotas count. */
  readonly principal: string;
  readonly options: ResolvedHttpOptions;
  readonly clock: Clock;
  readonly quota: Quota;
  readonly streams: LiveStreams;
  /** Tells the operator of a defect; returns the id under which it is found. */
  defect(error: unknown): CorrelationId;
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
      limits: call.options,
      clock: call.clock,
      ...(whenAbsent !== undefined && { whenAbsent }),
    });
    return 'refusal' in body ? problemReply(body.refusal) : run(named, body.value);
  });
}
