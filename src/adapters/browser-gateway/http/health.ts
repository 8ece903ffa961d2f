import { responseSchemas } from '../../../protocol/browser.js';
import { jsonReply } from '../edge/reply.js';

import type { EndpointFor } from './endpoint.js';

/** Probes ask in many ways: what stands in their query is not looked at. */
export const live: EndpointFor<'nothing'> = {
  operationId: 'readLiveness',
  summary: 'Whether the host answers at all',
  needs: 'nothing',
  answers: { 200: { description: 'It does', schema: responseSchemas.live } },
  codes: [],
  handle: () => Promise.resolve(jsonReply(200, { live: true })),
};

export const ready: EndpointFor<'nothing'> = {
  operationId: 'readReadiness',
  summary: 'Whether recovery is over and nothing is being shut down',
  needs: 'nothing',
  answers: {
    200: { description: 'It is ready', schema: responseSchemas.ready },
    503: { description: 'It is not ready', schema: responseSchemas.ready },
  },
  codes: [],
  handle: async ({ edge, request }) => {
    const isReady = await edge.isReady(request.signal);
    return jsonReply(isReady ? 200 : 503, { ready: isReady });
  },
};
