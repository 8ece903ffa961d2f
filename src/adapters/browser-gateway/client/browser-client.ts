import type { BrowserGateway, CallOptions, Frame, WorkerRef } from '../../../ports/browser-gateway.js';

import { leavable, linkedSignal } from '../../../ports/abort.js';
import { execute, read } from './calls.js';
import { Connections } from './connections.js';
import { problemFrame } from './transport.js';
import type { BrowserClientOptions } from './options.js';
import { contextOf } from './options.js';
import { unavailable } from './refusal.js';
import { SocketTransport } from './socket.js';
import { SseTransport } from './sse.js';
import { Stream } from './stream.js';

/** A gateway that is elsewhere. */
export interface BrowserClient extends BrowserGateway, AsyncDisposable {
  /**
   * Ends every stream and every wait: what was asked goes on, and is answered here `errored` / `runtime-unavailable`, as
   * is all that is asked later. Idempotent.
   */
  close(): Promise<void>;
}

/**
 * The gateway of a host, over its browser API. Reads, creates, inputs, stops and deletes that get no answer are sent a few
 * times: creates under an `Idempotency-Key` and inputs under an `inputId`, chosen here where the caller chose none, so that
 * they are executed at most once (W8); a stop or a delete does no more the second time (W13). What gets no answer at all is `errored` / `runtime-unavailable`.
 *
 * A stream that has begun comes back by itself for as long as it takes, after the last event that it gave: none is given
 * twice, none is left out. Where the host no longer knows that place, a `snapshot` in mid-stream says so: what came
 * before it is to be forgotten. A stream that may not come back ends: `worker-deleted` where its Worker is not found,
 * `revoked` where the token is refused, also when it was asked for once more. A token that ends, as a JWT does that
 * expires, is asked for once more where `token` is a function; where it is a text its streams end `revoked` at once. Where the host ends a connection, or it is
 * silent, nothing is told but to `onConnection`.
 */
export function browserClient({ onConnection, WebSocket, ...options }: BrowserClientOptions = {}): BrowserClient {
  const context = contextOf(options);
  const connections = new Connections(onConnection);
  const transport = WebSocket ? new SocketTransport(context, WebSocket) : new SseTransport(context);
  const closed = new AbortController();
  const isClosed = (): boolean => closed.signal.aborted;

  /** Stops waiting when the caller does, or when the client is closed. */
  async function whileOpen<T>(
    signal: AbortSignal | undefined,
    whenClosed: (executed: 'no' | 'unknown') => T,
    run: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    signal?.throwIfAborted();
    if (isClosed()) return whenClosed('no');
    const gone = linkedSignal([signal, closed.signal]);
    try {
      return await run(gone.signal);
    } catch (cause) {
      if (signal?.aborted || !isClosed()) throw cause;
      return whenClosed('unknown');
    } finally {
      gone.release();
    }
  }

  async function* frames(
    worker: WorkerRef,
    from: string | undefined,
    { signal }: CallOptions,
    left: AbortSignal,
  ): AsyncGenerator<Frame, void, void> {
    signal?.throwIfAborted();
    if (isClosed()) return yield problemFrame(unavailable('no'));
    const gone = linkedSignal([signal, closed.signal, left]);
    const stream = new Stream(worker, from, gone.signal, { context, transport, connections });
    gone.signal.addEventListener('abort', () => connections.forget(stream), { once: true });
    try {
      yield* stream.frames();
    } catch (cause) {
      if (signal?.aborted || !gone.signal.aborted) throw cause;
    } finally {
      gone.release();
      gone.abort();
    }
  }

  const close = async (): Promise<void> => {
    closed.abort();
    transport.close();
  };
  return {
    execute: (command, { signal } = {}) =>
      whileOpen(
        signal,
        (executed) => unavailable(executed),
        (either) => execute(context, command, either),
      ),
    read: (query, { signal } = {}) =>
      whileOpen(
        signal,
        () => unavailable('no'),
        (either) => read(context, query, either),
      ),
    observe(worker, from, call = {}) {
      const left = new AbortController();
      return leavable(frames(worker, from, call, left.signal), () => left.abort());
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}
