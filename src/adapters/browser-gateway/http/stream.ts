import { parseCursor } from '../../../domain/observation/cursor.js';
import type { Refusal } from '../../../domain/outcome.js';
import { rejected } from '../../../domain/outcome.js';
import type { Frame, WorkerRef } from '../../../ports/browser-gateway.js';
import { streamQuerySchema } from '../../../protocol/browser-requests.js';

import { workerIn } from './addressed.js';
import type { Call } from './call.js';
import { withQuery } from './call.js';
import { FrameStream } from './frame-stream.js';
import { problemReply } from './problem.js';
import type { Reply } from './reply.js';
import type { Parameters } from './router.js';
import { securityHeaders } from './security-headers.js';

const streamHeaders = { ...securityHeaders, 'content-type': 'text/event-stream', 'x-accel-buffering': 'no' };

/**
 * Why the stream cannot be opened. Its first frame says so; after a cursor that frame may be long in coming, and a
 * page that is read from there tells the same.
 */
async function refusalOf(
  call: Call,
  { worker, from, first }: { worker: WorkerRef; from: string | undefined; first: Promise<IteratorResult<Frame>> },
): Promise<Refusal | undefined> {
  const byFrame = first.then(({ done, value }) => (!done && value.type === 'problem' ? value.problem : undefined));
  if (from === undefined || parseCursor(from) === undefined) return byFrame;
  const query = { type: 'observations', worker, after: from, limit: 1 } as const;
  const byPage = call.gateway.read(query, { signal: call.request.signal });
  return Promise.race([byFrame, byPage.then((page) => (page.outcome === 'answered' ? undefined : page))]);
}

async function open(call: Call, worker: WorkerRef, from: string | undefined): Promise<Reply> {
  const giveBack = call.quota.takeStream(call.principal);
  if (!giveBack) return problemReply(rejected('quota-exceeded'));
  const { signal } = call.request;
  const observing = new AbortController();
  const frames = call.gateway.observe(worker, from, { signal: observing.signal })[Symbol.asyncIterator]();
  const first = frames.next();
  let pending: Promise<IteratorResult<Frame>> | undefined = first;
  const next = (): Promise<IteratorResult<Frame>> => {
    const frame = pending ?? frames.next();
    pending = undefined;
    return frame;
  };
  const stream = new FrameStream(next, call.options, {
    clock: call.clock,
    failed: (error) => void call.defect(error),
    slow: () => call.connection.close?.(),
    released: () => {
      signal.removeEventListener('abort', leave);
      forget();
      giveBack();
      observing.abort();
      frames.return?.().catch(() => undefined);
    },
  });
  const leave = (): void => stream.close();
  const forget = call.streams.add(() => stream.end('server-draining'));
  signal.addEventListener('abort', leave, { once: true });
  try {
    signal.throwIfAborted();
    const refusal = await refusalOf(call, { worker, from, first });
    if (!refusal) return { status: 200, headers: streamHeaders, body: stream.body };
    stream.release();
    return problemReply(refusal);
  } catch (error) {
    stream.release();
    throw error;
  }
}

/** `Last-Event-ID` wins over `after`: it says where a reader that comes back has really been. */
export const observe = (call: Call, parameters: Parameters): Promise<Reply> =>
  withQuery(call, workerIn(parameters), streamQuerySchema, (worker, { after }) =>
    open(call, worker, call.request.headers.get('last-event-id') || after),
  );
