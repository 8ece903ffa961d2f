import type { Container } from 'inversify';

import type { HttpListener, HttpOptions } from '../adapters/browser-gateway/http/index.js';
import { listen } from '../adapters/browser-gateway/http/index.js';
import type { Runtime } from '../runtime/create-runtime.js';
import { Lifecycle } from '../runtime/lifecycle.js';
import { edgeContainer } from './edge-container.js';
import { resolve, resolveAll, resolveOptional } from './resolve.js';
import { tokens } from './tokens.js';

export interface HostOptions {
  /** Where browsers are served. Absent: nowhere. Another host than a loopback address needs an authenticator. */
  readonly listen?: { readonly host?: string | undefined; readonly port?: number | undefined } | undefined;
  readonly http?: HttpOptions | undefined;
}

/** A Runtime and what serves it. Disposing of it ends everything, in the reverse order of its making. */
export interface Host extends AsyncDisposable {
  readonly runtime: Runtime;
  /** Present where it listens. */
  readonly url?: string | undefined;
  /** As the Runtime's; browsers are served until it is disposed of. */
  drain(): Promise<void>;
}

/** Longer than any part takes that keeps its own deadline. */
const disposeMs = 60_000;

/**
 * Starts what is bound in the container: opens the log, ends programs that an earlier host left behind, recovers
 * Workers, listens. Rejects with a `TypeError` for a binding that is missing or doubled, and where the log cannot be
 * opened, where it cannot enter among the hosts that share it, or where it cannot listen; nothing is left then.
 */
export async function startHost(container: Container, options: HostOptions = {}): Promise<Host> {
  const clock = resolve(container, tokens.clock);
  const logger = resolve(container, tokens.logger);
  const log = resolve(container, tokens.workerLog);
  resolveOptional(container, tokens.authenticator);
  const register = resolveOptional(container, tokens.processRegister);
  const lifecycle = new Lifecycle({ clock, logger, deadlineMs: disposeMs });
  lifecycle.own('log', () => log[Symbol.asyncDispose]());
  const access = resolveOptional(container, tokens.access);
  if (access) lifecycle.own('access', () => access[Symbol.dispose]());
  try {
    await log.open?.();
    await register?.sweep();
    const record = resolveOptional(container, tokens.creationRecord);
    if (record) lifecycle.own('creation record', () => record[Symbol.asyncDispose]());
    await record?.open?.();
    // The Runtime begins to work when it is made: after all that could refuse, and after what was left has ended.
    const runtime = resolve(container, tokens.runtime);
    lifecycle.own('runtime', () => runtime[Symbol.asyncDispose]());
    // Who cannot enter among the hosts that share the log cannot do anything.
    if (resolveOptional(container, tokens.cluster)) await runtime.ready();
    for (const mounted of resolveAll(container, tokens.mountedRuntime)) {
      lifecycle.own('mounted runtime', () => mounted[Symbol.asyncDispose]());
    }
    const listener = options.listen && (await serve(container, options));
    if (listener) lifecycle.own('http', () => listener.close());
    return {
      runtime,
      url: listener?.url,
      drain: () => runtime.drain(),
      [Symbol.asyncDispose]: () => lifecycle[Symbol.asyncDispose](),
    };
  } catch (cause) {
    await lifecycle[Symbol.asyncDispose]();
    throw cause;
  }
}

function serve(container: Container, { listen: address, http }: HostOptions): Promise<HttpListener> {
  const edge = edgeContainer(container, http);
  const handler = resolve(edge, tokens.httpHandler);
  return listen({ handler, clock: resolve(edge, tokens.clock), ...address });
}
