import { rejected } from '../../../domain/outcome.js';
import type { WorkerRef } from '../../../ports/browser-gateway.js';
import { streamSchemas } from '../../../protocol/browser.js';
import { streamHeadersSchema, streamQuerySchema } from '../../../protocol/browser-requests.js';
import { Observing } from '../edge/observing.js';
import { workerIn } from '../edge/addressed.js';
import { problemReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';
import { securityHeaders } from '../edge/security-headers.js';

import type { Call } from './call.js';
import { reading } from './endpoint.js';
import { FrameStream } from './frame-stream.js';
import { codesOfWorker } from './refusal-codes.js';

const streamHeaders = { ...securityHeaders, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };

async function open(call: Call, worker: WorkerRef, from: string | undefined): Promise<Reply> {
  const { edge } = call;
  const giveBack = edge.quota.takeStream(call.principalId);
  if (!giveBack) return problemReply({ ...rejected('quota-exceeded'), limit: edge.options.streams });
  const { signal } = call.request;
  const observing = new Observing(call.gateway, worker, from);
  const stream = new FrameStream(() => observing.next(), edge.options, {
    clock: edge.clock,
    failed: (error) => void edge.reportDefect(error),
    slow: () => call.connection.close?.(),
    released: () => {
      signal.removeEventListener('abort', leave);
      forget();
      giveBack();
      observing.release();
    },
  });
  const leave = (): void => stream.close();
  const forget = edge.streams.add((code) => stream.end(code), call.revoked);
  signal.addEventListener('abort', leave, { once: true });
  try {
    signal.throwIfAborted();
    const refusal = await observing.refusal();
    if (!refusal) return { status: 200, headers: streamHeaders, body: stream.body };
    stream.release();
    return problemReply(refusal);
  } catch (error) {
    stream.release();
    throw error;
  }
}

/** `Last-Event-ID` wins over `after`: it says where a reader that comes back has really been. */
export const observe = reading({
  operationId: 'streamObservations',
  summary: 'A Worker as it is, and everything that happens to it from there on, as server-sent events',
  needs: 'read',
  place: workerIn,
  query: streamQuerySchema,
  headers: streamHeadersSchema,
  answers: {
    200: {
      description: 'The events `snapshot`, `observation`, `gap` and `end`; a comment each 15 seconds',
      events: streamSchemas,
    },
  },
  codes: [...codesOfWorker, 'cursor-invalid', 'cursor-unknown', 'quota-exceeded'],
  run: (call, worker, { after }) => open(call, worker, call.request.headers.get('last-event-id') || after),
});
