import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { getRequestListener } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';

import type { RejectedCode } from '../../../domain/codes.js';
import { rejected } from '../../../domain/outcome.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import { isLoopback } from '../../../protocol/loopback.js';
import { webSocketUpgrade } from '../websocket/node-upgrade.js';
import { problemReply } from '../edge/problem.js';
import { writeRawReply } from '../edge/raw-reply.js';
import { responseOf } from '../edge/reply.js';

import type { HttpHandler } from './handler.js';
import { openSockets } from './open-sockets.js';
import { writeReply } from './outgoing.js';

export interface ListenOptions {
  readonly handler: HttpHandler;
  /** `127.0.0.1`. Another than a loopback address needs an authenticator. */
  readonly host?: string | undefined;
  /** 0, the default: any that is free. */
  readonly port?: number | undefined;
  /** How long the head of a request may take to come in. 10,000. */
  readonly headersTimeoutMs?: number | undefined;
  /** How long a request may take to come in as a whole. 30,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** Sockets that are open at once; further ones are closed as they come. 4096. */
  readonly connections?: number | undefined;
  readonly clock?: Clock | undefined;
}

export interface HttpListener extends AsyncDisposable {
  /** `http://host:port`, with the port that was bound. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** The server of Node. Every upgrade on it is answered: it is a WebSocket of the handler's, or refused. */
  readonly server: Server;
  /**
   * Ends streams and WebSockets with `server-draining`, lets requests finish for `graceMs` (5,000), then ends what is
   * left. Idempotent.
   */
  close(options?: { readonly graceMs?: number | undefined }): Promise<void>;
}

const maxHeaderBytes = 16_384;

const codeByError: Readonly<Record<string, RejectedCode>> = {
  HPE_HEADER_OVERFLOW: 'input-too-large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
};

/** What could not be read as a request is answered in the same words as any other. */
function refuseSocket(error: NodeJS.ErrnoException, socket: Duplex): void {
  if (error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = codeByError[error.code ?? ''] ?? 'request-invalid';
  const reply = problemReply({
    ...rejected(code),
    ...(code === 'input-too-large' && { limit: maxHeaderBytes }),
  });
  writeRawReply(reply, socket);
}

function bind(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve(server.address() as AddressInfo);
    });
  });
}

function serverOf({ handler, ...options }: ListenOptions): Server {
  const connectionOf = (socket: Socket) => ({ localPort: socket.localPort, close: () => void socket.destroy() });
  const listener = getRequestListener(
    async (request, { incoming, outgoing }) => {
      const { socket } = incoming as IncomingMessage;
      writeReply(await handler.reply(request, connectionOf(socket)), outgoing as ServerResponse);
      return RESPONSE_ALREADY_SENT;
    },
    // What is no request at all: a host or path that makes no URL.
    { overrideGlobalObjects: false, errorHandler: () => responseOf(problemReply(rejected('request-invalid'))) },
  );
  const server = createServer(
    {
      headersTimeout: options.headersTimeoutMs ?? 10_000,
      requestTimeout: options.requestTimeoutMs ?? 30_000,
      connectionsCheckingInterval: 1_000,
      maxHeaderSize: maxHeaderBytes,
      // Node answers such a request without a word; here it makes no URL.
      requireHostHeader: false,
    },
    (incoming: IncomingMessage, outgoing: ServerResponse) => void listener(incoming, outgoing),
  );
  server.maxConnections = options.connections ?? 4096;
  server.on('upgrade', webSocketUpgrade(handler));
  server.on('checkExpectation', (_incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { headers, ...refusal } = problemReply(rejected('request-invalid'));
    writeReply({ ...refusal, headers: { ...headers, connection: 'close' } }, outgoing);
  });
  server.on('connect', (_incoming: IncomingMessage, socket: Duplex) => {
    socket.on('error', () => socket.destroy());
    writeRawReply(problemReply(rejected('request-invalid')), socket);
  });
  server.on('clientError', (error, socket) => refuseSocket(error, socket));
  return server;
}

/** Serves `handler` on a port. Rejects where the port cannot be bound, and where anybody could come in from outside. */
export async function listen(options: ListenOptions): Promise<HttpListener> {
  const { host = '127.0.0.1', port = 0, clock = systemClock, handler } = options;
  if (!handler.needsToken && !isLoopback(host)) {
    throw new TypeError(`refusing to listen on ${host} without an authenticator: add one, or listen on 127.0.0.1`);
  }
  const server = serverOf(options);
  const sockets = openSockets(server);
  const address = await bind(server, host, port);
  let closing: Promise<void> | undefined;
  const close = ({ graceMs = 5_000 }: { readonly graceMs?: number | undefined } = {}): Promise<void> => {
    handler.drain();
    closing ??= sockets.close(graceMs, clock);
    return closing;
  };
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${address.port}`,
    host,
    port: address.port,
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}
