import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { initializeResult, protocolVersion } from '../../../protocol/ebp.js';
import type { SharedKey } from './challenge.js';
import { prove } from './challenge.js';
import { demotedLogger } from './demoted-logger.js';
import type { WireLimits } from './limits.js';
import { smallerLimits } from './limits.js';
import type { PeerHandler, Reply } from './peer.js';
import { Peer } from './peer.js';
import type { WireTransport } from './transport.js';
import { WireError } from './wire-error.js';

export interface HostConnection {
  readonly peer: Peer;
  readonly limits: WireLimits;
}

export interface HandshakeOptions {
  readonly host: { readonly name: string; readonly version: string };
  readonly limits: WireLimits;
  readonly handshakeMs: number;
  /** Both ends show that they have it before anything else is said. */
  readonly key?: SharedKey | undefined;
  readonly graceMs: number;
  readonly logger: Logger;
  /** Who tries again tells the operator what is wrong; each attempt is for debugging. */
  readonly isRetried: boolean;
  readonly clock: Clock;
  /** Gets what comes in once the handshake is done. */
  readonly handler: (connection: HostConnection) => PeerHandler;
}

/** Speaks first, and waits for the answer. Rejects with a `WireError`; the transport is then closed. */
export async function handshake(transport: WireTransport, options: HandshakeOptions): Promise<HostConnection> {
  let handler: PeerHandler | undefined;
  const tooEarly = (): boolean => {
    peer.violation('message-before-initialize');
    return true;
  };
  const peer: Peer = new Peer(transport, {
    maxLineBytes: options.limits.maxLineBytes,
    logger: options.isRetried ? demotedLogger(options.logger, () => handler === undefined) : options.logger,
    handler: {
      request: (id, method, params) => (handler ? handler.request(id, method, params) : void tooEarly()),
      notification: (method, params, bytes) => (handler ? handler.notification(method, params, bytes) : tooEarly()),
    },
  });
  const deadline = new AbortController();
  const cancel = options.clock.after(options.handshakeMs, () => deadline.abort());
  peer.start();
  try {
    if (options.key) await prove(peer, options.key, deadline.signal);
    const reply = await firstAnswer(peer, options, deadline.signal);
    const limits = await agreedLimits(peer, reply, options.limits);
    peer.open(limits.maxLineBytes);
    peer.notify('initialized', {});
    const connection = { peer, limits };
    handler = options.handler(connection);
    return connection;
  } catch (error) {
    peer.close();
    throw error;
  } finally {
    cancel();
  }
}

function firstAnswer(peer: Peer, options: HandshakeOptions, signal: AbortSignal): Promise<Reply> {
  const params = {
    protocolVersions: [protocolVersion],
    host: options.host,
    limits: options.limits,
    graceMs: options.graceMs,
  };
  return peer.request('initialize', params, signal);
}

async function agreedLimits(peer: Peer, reply: Reply, own: WireLimits): Promise<WireLimits> {
  if (reply.type === 'aborted') throw new WireError('handshake-timeout');
  if (reply.type === 'lost' || reply.type === 'unsent') throw await peer.closed;
  if (reply.type === 'error') throw new WireError(isVersionError(reply.data) ? 'unsupported-version' : 'backend-fault');
  const parsed = initializeResult.safeParse(reply.result);
  if (!parsed.success) {
    peer.violation('result-invalid');
    throw await peer.closed;
  }
  if (parsed.data.protocolVersion !== protocolVersion) throw new WireError('unsupported-version');
  return smallerLimits(own, parsed.data.limits);
}

const isVersionError = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'kind' in data && data.kind === 'unsupported-version';
