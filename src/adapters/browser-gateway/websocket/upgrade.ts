import { rejected } from '../../../domain/outcome.js';
import { socketProtocol } from '../../../protocol/browser-socket.js';
import type { Edge } from '../edge/edge.js';
import type { Connection } from '../edge/connection.js';
import { problemReply } from '../edge/problem.js';
import type { Reply } from '../edge/reply.js';

import { SocketSession } from './socket-session.js';
import type { SocketListener, SocketPeer } from './socket-peer.js';

/** What becomes of a request for an upgrade: the answer instead of it, or what speaks on the socket once that is open. */
export type Upgrade = { readonly refusal: Reply } | { readonly open: (peer: SocketPeer) => SocketListener };

function offersProtocol({ headers }: Request): boolean {
  const offered = headers.get('sec-websocket-protocol')?.split(',') ?? [];
  return offered.some((name) => name.trim() === socketProtocol);
}

/** Judges a request for a socket at `path`. Who asks is known later: by the first message. */
export function judgeUpgrade(request: Request, connection: Connection, edge: Edge, path: string): Upgrade {
  const refuse = (...code: Parameters<typeof rejected>): Upgrade => ({ refusal: problemReply(rejected(...code)) });
  const url = new URL(request.url);
  if (edge.originOf(request, connection) === 'refused') return refuse('forbidden');
  if (url.pathname !== path) return refuse('route-unknown');
  if (edge.streams.isDraining) return refuse('runtime-draining');
  if (!offersProtocol(request)) return refuse('request-invalid');
  return { open: (peer) => new SocketSession(peer, edge) };
}
