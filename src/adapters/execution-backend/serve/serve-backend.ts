import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import { serveBackend as serveOverTransport } from '../process/index.js';
import type { BackendServerOptions } from '../wire/serving-end.js';
import type { WireTransport } from '../wire/transport.js';
import { listenForHosts } from './listener.js';
import type { BackendListener, BackendListenOptions } from './options.js';

/**
 * Serves a backend to the hosts that connect to an address. Resolves once it listens. Rejects with a `ListenError`, and
 * then the backend is still its caller's; else the listener ends it.
 */
export function serveBackend(backend: ExecutionBackend, listening: BackendListenOptions): Promise<BackendListener>;
/**
 * Serves a backend to the host at the other end of `transport`, and ends it when the host is gone. Without a transport
 * this is the whole of a program: it speaks on stdin and stdout, and the process exits when stdin ends, whatever is
 * left open. Started by hand, from a terminal, it only says what it is and exits with 64.
 */
export function serveBackend(
  backend: ExecutionBackend,
  transport?: WireTransport,
  options?: BackendServerOptions,
): Promise<void>;
export function serveBackend(
  backend: ExecutionBackend,
  where?: BackendListenOptions | WireTransport,
  options?: BackendServerOptions,
): Promise<BackendListener | void> {
  if (where && 'listen' in where) return listenForHosts(backend, where);
  return serveOverTransport(backend, where, options);
}
