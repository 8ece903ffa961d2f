import { rejected } from '../../../domain/outcome.js';
import { responseSchemas } from '../../../protocol/browser.js';
import { emptyQuerySchema, sessionBodySchema } from '../../../protocol/browser-requests.js';
import { bearerToken } from '../edge/access.js';
import type { Parsed } from '../edge/parsed.js';
import { problemReply, quotaReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';
import { emptyReply, jsonReply } from '../edge/reply.js';

import { bodyForm } from './body.js';
import type { Call, AnonymousCall } from './call.js';
import { reading, sending } from './endpoint.js';

const nowhere = (): Parsed<undefined> => ({ value: undefined });

async function exchange({ edge }: AnonymousCall, code: string): Promise<Reply> {
  if (!edge.sessions) return problemReply(rejected('route-unknown'));
  const exchanged = await edge.sessions.exchange(code);
  if (exchanged.outcome === 'exchanged') {
    const { token, expiresAt } = exchanged;
    return jsonReply(200, { token, expiresAt: new Date(expiresAt).toISOString() });
  }
  edge.authenticationFailed();
  if (exchanged.outcome === 'limited') return quotaReply(exchanged.limit, exchanged.retryAfterMs);
  return problemReply(rejected('unauthenticated'));
}

export const openSession = sending({
  operationId: 'openSession',
  summary: 'Exchanges a code, which is good once, for the token of a session',
  needs: 'nothing',
  place: nowhere,
  body: bodyForm(sessionBodySchema),
  answers: { 200: { description: 'The token, and until when it is good', schema: responseSchemas.session } },
  codes: ['unauthenticated', 'quota-exceeded', 'media-type-unsupported', 'route-unknown'],
  run: (call, _place, { code }) => exchange(call, code),
});

async function end({ edge, request }: Call): Promise<Reply> {
  if (!edge.sessions) return problemReply(rejected('route-unknown'));
  const isEnded = await edge.sessions.end(bearerToken(request) ?? '');
  return isEnded ? emptyReply(204) : problemReply(rejected('forbidden'));
}

export const endSession = reading({
  operationId: 'endSession',
  summary: 'Ends the session of the token it comes with, and its live streams; another token is not ended so',
  needs: 'token',
  place: nowhere,
  query: emptyQuerySchema,
  answers: { 204: { description: 'The token is good no longer' } },
  codes: ['route-unknown'],
  run: end,
});
