import type * as z from 'zod';

import type { Scope } from '../../../ports/authenticator.js';
import type { ProblemCode } from '../../../protocol/browser.js';
import { emptyQuerySchema } from '../../../protocol/browser-requests.js';
import type { Parsed } from '../edge/parsed.js';
import { problemReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';

import { readBody } from './body.js';
import type { BodyForm } from './body.js';
import type { Call, AnonymousCall } from './call.js';
import { readQuery } from './query.js';
import type { Parameters } from './router.js';

/** An answer that is no Problem. */
export interface AnswerForm {
  readonly description: string;
  /** Absent: no body. */
  readonly schema?: z.ZodType;
  /** What a stream tells instead, by the names of the events. */
  readonly events?: Readonly<Record<string, z.ZodType>>;
  /** What its own headers say, by their names. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** `nothing`: nobody has to say who they are. `token`: any token that is good. */
export type Needs = Scope | 'token' | 'nothing';

/** What the document says of a route. What a schema stands here for is what the route parses with. */
export interface Description<N extends Needs = Needs> {
  readonly operationId: string;
  /** One line. */
  readonly summary: string;
  readonly needs: N;
  readonly query?: z.ZodObject;
  /** Names in lower case. */
  readonly headers?: z.ZodObject;
  readonly body?: BodyForm<unknown>;
  readonly answers: Readonly<Record<number, AnswerForm>>;
  /** What it can be refused with, beside what any request can. */
  readonly codes: readonly ProblemCode[];
}

type CallFor<N extends Needs> = N extends 'nothing' ? AnonymousCall : Call;

/** What is served at a path for a method. */
export interface EndpointFor<N extends Needs> extends Description<N> {
  readonly handle: (call: CallFor<N>, parameters: Parameters) => Promise<Reply>;
}
export type Endpoint = EndpointFor<Scope | 'token'> | EndpointFor<'nothing'>;

function within<Place, Query extends z.ZodType>(
  call: AnonymousCall,
  place: Parsed<Place>,
  schema: Query,
  run: (place: Place, query: z.output<Query>) => Promise<Reply>,
): Promise<Reply> {
  if ('refusal' in place) return Promise.resolve(problemReply(place.refusal));
  const query = readQuery(call.url.searchParams, schema);
  return 'refusal' in query ? Promise.resolve(problemReply(query.refusal)) : run(place.value, query.value);
}

interface Reading<N extends Needs, Place, Query extends z.ZodObject> extends Description<N> {
  /** What its path names, or why it names nothing. */
  readonly place: (parameters: Parameters) => Parsed<Place>;
  readonly query: Query;
  readonly body?: never;
  readonly run: (call: CallFor<N>, place: Place, query: z.output<Query>) => Promise<Reply>;
}

/** An endpoint without a body. */
export function reading<N extends Needs, Place, Query extends z.ZodObject>({
  place,
  run,
  ...description
}: Reading<N, Place, Query>): EndpointFor<N> {
  return {
    ...description,
    handle: (call, parameters) =>
      within(call, place(parameters), description.query, (named, query) => run(call, named, query)),
  };
}

interface Sending<N extends Needs, Place, Body> extends Description<N> {
  readonly place: (parameters: Parameters) => Parsed<Place>;
  readonly query?: never;
  readonly body: BodyForm<Body>;
  readonly run: (call: CallFor<N>, place: Place, body: Body) => Promise<Reply> | Reply;
}

/** An endpoint with a body instead of a query. */
export function sending<N extends Needs, Place, Body>({
  place,
  run,
  ...description
}: Sending<N, Place, Body>): EndpointFor<N> {
  return {
    ...description,
    handle: (call, parameters) =>
      within(call, place(parameters), emptyQuerySchema, async (named) => {
        const { options: limits, clock } = call.edge;
        const body = await readBody(call.request, description.body, { limits, clock });
        return 'refusal' in body ? problemReply(body.refusal) : await run(call, named, body.value);
      }),
  };
}
