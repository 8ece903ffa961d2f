import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';

import { WebSocketServer } from 'ws';

import { rejected } from '../../../domain/outcome.js';
import { maxSocketMessageBytes, socketProtocol } from '../../../protocol/browser-socket.js';
import type { Connection } from '../edge/connection.js';
import { problemReply } from '../edge/problem.js';
import { writeRawReply } from '../edge/raw-reply.js';

import type { Upgrade } from './upgrade.js';
import { listenTo, wsPeer } from './ws-peer.js';

/** The handler's part in it. */
export interface Upgrades {
  upgrade(request: Request, connection: Connection): Upgrade;
}

const invalid = () => problemReply(rejected('request-invalid'), { 'sec-websocket-version': '13' });

function requestOf({ url = '', headersDistinct }: IncomingMessage): Request {
  const headers = new Headers();
  for (const [name, values = []] of Object.entries(headersDistinct)) {
    for (const value of values) headers.append(name, value);
  }
  return new Request(new URL(url, `http://${headers.get('host') ?? ''}`), { headers });
}

function judge(handler: Upgrades, incoming: IncomingMessage): Upgrade {
  let request: Request;
  try {
    request = requestOf(incoming);
  } catch {
    // What is no request at all: a host or path that makes no URL.
    return { refusal: invalid() };
  }
  return handler.upgrade(request, { localPort: incoming.socket.localPort });
}

/**
 * What answers the event `upgrade` of a server of Node: opens WebSockets on the handler's behalf, and refuses every
 * other upgrade. For hosts that call the handler themselves; `listen` does it on its own.
 */
export function webSocketUpgrade(handler: Upgrades): (incoming: IncomingMessage, socket: Duplex, head: Buffer) => void {
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    perMessageDeflate: false,
    maxPayload: maxSocketMessageBytes,
    // Bounded by their bytes; empty ones are not kept. A bound of their own closes with a code that is not ours.
    maxFragments: 0,
    handleProtocols: () => socketProtocol,
  });
  server.on('wsClientError', (_error: Error, socket: Socket) => writeRawReply(invalid(), socket));
  return (incoming, socket, head) => {
    socket.on('error', () => socket.destroy());
    const answer = judge(handler, incoming);
    if ('refusal' in answer) return writeRawReply(answer.refusal, socket);
    server.handleUpgrade(incoming, socket, head, (webSocket) => {
      // The close that follows says all that is to be done.
      webSocket.on('error', () => undefined);
      listenTo(webSocket, answer.open(wsPeer(webSocket, socket)));
    });
  };
}
