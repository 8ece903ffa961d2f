import { rejected } from '../../../domain/outcome.js';
import { socketHeadersSchema } from '../../../protocol/browser-socket.js';
import { problemReply } from '../edge/problem.js';

import type { EndpointFor } from './endpoint.js';

/** The place of the WebSocket. What comes here asks for no upgrade: one that does never gets to a route. */
export const openSocket: EndpointFor<'nothing'> = {
  operationId: 'openSocket',
  summary: 'The WebSocket `workport.v1`, whose first message says who asks: see `x-workport-socket`',
  needs: 'nothing',
  headers: socketHeadersSchema,
  answers: { 101: { description: 'The WebSocket is open' } },
  codes: ['runtime-draining'],
  handle: () => Promise.resolve(problemReply(rejected('request-invalid'))),
};
