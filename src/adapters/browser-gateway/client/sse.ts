import type { Observation } from '../../../domain/observation/event.js';
import type { Frame, WorkerRef } from '../../../ports/browser-gateway.js';

import { abortable, linkedSignal } from '../../../ports/abort.js';
import { EventSourceReader } from './sse-parser.js';
import type { ServerSentEvent } from './sse-parser.js';
import { answerOf, apiUrl, headersOf } from './http.js';
import type { CarriedFrames, Transport } from './transport.js';
import { eventsFrame, frameOf, opened, problemFrame } from './transport.js';
import type { Context } from './options.js';
import { withQuery, workerPath } from './paths.js';
import { readRefusalIn } from './refusal.js';

/** What has come at once: neighbouring observations are one frame. */
function* framesOf(events: readonly ServerSentEvent[]): Generator<Frame, void, void> {
  let observations: Observation[] = [];
  for (const { name, data } of events) {
    if (name === 'observation') {
      observations.push(JSON.parse(data) as Observation);
      continue;
    }
    if (observations.length > 0) yield eventsFrame(observations);
    observations = [];
    const frame = frameOf(name, JSON.parse(data));
    if (frame) yield frame;
  }
  if (observations.length > 0) yield eventsFrame(observations);
}

/** Reads when it is asked to, and no further than what came at once (P3). */
async function* framesIn(body: ReadableStream<Uint8Array>, heard: <T>(of: Promise<T>) => Promise<T>) {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  const events = new EventSourceReader();
  try {
    for (;;) {
      const { done, value } = await heard(reader.read());
      if (done) return;
      yield* framesOf(events.take(decoder.decode(value, { stream: true })));
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

const isStream = (response: Response): boolean =>
  response.ok && (response.headers.get('content-type') ?? '').startsWith('text/event-stream');

/** Server-sent events, read with `fetch`: a token goes into a header. Each stream is a request of its own. */
export class SseTransport implements Transport {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  async *open(worker: WorkerRef, after: string | undefined, signal: AbortSignal): CarriedFrames {
    const gone = linkedSignal([signal]);
    const { clock, silenceMs } = this.#context;
    /** Waits no longer than a stream may be silent. */
    const heard = async <T>(operation: Promise<T>): Promise<T> => {
      const takeBack = clock.after(silenceMs, () => gone.abort());
      return abortable(operation, gone.signal).finally(takeBack);
    };
    try {
      const response = await heard(this.#request(worker, after, gone.signal));
      if (isStream(response) && response.body) {
        yield opened;
        yield* framesIn(response.body, heard);
      } else {
        const refusal = readRefusalIn((await heard(answerOf(response))).body);
        if (refusal) yield problemFrame(refusal);
      }
    } catch {
      signal.throwIfAborted();
    } finally {
      gone.release();
      gone.abort();
    }
    return 'lost';
  }

  close(): void {
    // Nothing is shared by the streams, and each is aborted by its own signal.
  }

  async #request(worker: WorkerRef, after: string | undefined, signal: AbortSignal): Promise<Response> {
    const headers = await headersOf(this.#context);
    signal.throwIfAborted();
    const path = withQuery(`${workerPath(worker)}/observations/stream`, { after });
    return this.#context.fetch(apiUrl(this.#context, path), {
      headers: { ...headers, accept: 'text/event-stream' },
      redirect: 'error',
      signal,
    });
  }
}
