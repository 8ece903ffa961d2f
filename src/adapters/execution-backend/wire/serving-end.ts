import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import { Author } from './author.js';
import type { SharedKey } from './challenge.js';
import type { WireLimits } from './limits.js';
import { defaultHandshakeMs, longestGraceMs, wireLimits } from './limits.js';
import { ServedConnection } from './served-connection.js';
import { ServedWorkers } from './served-workers.js';
import type { WireTransport } from './transport.js';
import { WireError } from './wire-error.js';

export interface BackendServerOptions {
  readonly limits?: Partial<WireLimits> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /** How long executions outlive their connection at most, in milliseconds, where the host asks for it. 3 h. */
  readonly graceMs?: number | undefined;
  /** Until the host has said `initialize`. 10 s. */
  readonly handshakeMs?: number | undefined;
  /** How this backend is called in the handshake. */
  readonly version?: string | undefined;
}

/** What a single connection has of its own. */
export interface AcceptOptions {
  /** The host shows that it has one of them before anything else is said; what it begins is its own alone. */
  readonly keys?: readonly SharedKey[] | undefined;
  readonly heartbeat?: boolean | undefined;
  /** The host said `initialize`, after it has shown its key, `owner`, where there are keys. */
  readonly onOpen?: ((owner: string | undefined) => void) | undefined;
}

/** The serving end of EBP. */
export interface BackendServer extends AsyncDisposable {
  /**
   * Serves a host over this transport; several at a time. Resolves with the reason when that connection has
   * ended. Never rejects.
   */
  accept(transport: WireTransport, options?: AcceptOptions): Promise<WireError>;
}

/**
 * Serves an author's backend to hosts at the other end of transports. It keeps what the wire asks of every backend:
 * fencing, inputs that are not run twice, windows, resending. Disposing ends all executions, then the backend.
 */
export function backendServer(backend: ExecutionBackend, options: BackendServerOptions = {}): BackendServer {
  const logger = (options.logger ?? nullLogger).child({ backendId: backend.id });
  const author = new Author(backend, logger);
  const workers = new ServedWorkers(author, options.clock ?? systemClock, logger);
  const connections = new Set<ServedConnection>();
  const limits = wireLimits(options.limits);
  let disposing: Promise<void> | undefined;

  async function accept(transport: WireTransport, own: AcceptOptions = {}): Promise<WireError> {
    if (disposing) {
      transport.close();
      return new WireError('disposed');
    }
    const connection = new ServedConnection(transport, workers, {
      limits,
      handshakeMs: options.handshakeMs ?? defaultHandshakeMs,
      graceMs: options.graceMs ?? longestGraceMs,
      name: { name: backend.id, version: options.version ?? '0' },
      ...own,
    });
    connections.add(connection);
    const end = await connection.run();
    connections.delete(connection);
    return end;
  }

  async function dispose(): Promise<void> {
    await workers.close();
    for (const connection of connections) connection.close();
    author.abort();
    await backend[Symbol.asyncDispose]();
  }

  return {
    accept,
    [Symbol.asyncDispose]: () => (disposing ??= dispose()),
  };
}
