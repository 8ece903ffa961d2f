import { once } from 'node:events';
import { createServer, request } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Transform } from 'node:stream';

import { WebSocket, WebSocketServer } from 'ws';

import { socketProtocol } from '../../../src/protocol/browser-socket.js';
import type { Place } from './recording.js';

/** Where on the network something can be planted; `bytes`: in the answer to an upgrade, which is no part of a socket. */
export type PlantPlace = Exclude<Place, 'ready line' | 'DOM'>;

export interface Plant {
  readonly place: PlantPlace;
  readonly text: string;
}

export interface StandIn extends AsyncDisposable {
  readonly url: string;
}

/** What an answer's body is, as the recording sees it. */
function bodyPlace({ url = '' }: IncomingMessage, answer: IncomingMessage): PlantPlace {
  if (url.endsWith('/openapi.json')) return 'OpenAPI';
  const type = answer.headers['content-type'] ?? '';
  if (type.startsWith('application/problem+json')) return 'problem';
  return type.startsWith('text/event-stream') ? 'SSE' : 'body';
}

/** Puts a text where the first `anchor` ends, and leaves all else as it is. */
function planting(anchor: string, text: string | undefined): Transform {
  let left = text;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const at = left === undefined ? -1 : chunk.indexOf(anchor);
      if (left === undefined || at < 0) return done(null, chunk);
      const end = at + anchor.length;
      const planted = Buffer.concat([chunk.subarray(0, end), Buffer.from(left), chunk.subarray(end)]);
      left = undefined;
      done(null, planted);
    },
  });
}

/** What stands between a host and who records it. It passes everything on, and plants one text in the first thing that fits. */
export async function standIn(hostUrl: string, plant?: Plant): Promise<StandIn> {
  const { host, hostname, port } = new URL(hostUrl);
  let left = plant;
  /** The text, where it is to be planted here; once. */
  function take(place: PlantPlace): string | undefined {
    if (left?.place !== place) return undefined;
    const { text } = left;
    left = undefined;
    return text;
  }

  function forward(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const { method, url, headers } = incoming;
    const asked = request({ hostname, port, method, path: url, headers: { ...headers, host } }, (answer) => {
      const status = take('status text') ?? answer.statusMessage ?? '';
      const header = take('header');
      const fields = { ...answer.headers, ...(header !== undefined && { 'x-planted': header }) };
      delete fields['content-length'];
      outgoing.sendDate = false;
      outgoing.writeHead(answer.statusCode ?? 0, status, fields).flushHeaders();
      const place = bodyPlace(incoming, answer);
      answer.pipe(planting(place === 'SSE' ? 'data: {' : '{', take(place))).pipe(outgoing);
      outgoing.once('close', () => answer.destroy());
    });
    asked.on('error', () => outgoing.destroy());
    incoming.pipe(asked);
  }

  const sockets = new Set<Socket>();
  const server = createServer(forward);
  const upgrades = new WebSocketServer({ noServer: true, perMessageDeflate: false });
  upgrades.on('headers', (headers) => {
    const text = take('bytes');
    if (text !== undefined) headers.push(`x-planted: ${text}`);
  });
  server.on('connection', (socket) => sockets.add(socket));
  server.on('upgrade', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const far = new WebSocket(`ws://${host}${incoming.url ?? ''}`, socketProtocol);
    far.once('open', () => {
      upgrades.handleUpgrade(incoming, socket, head, (near) => {
        near.on('message', (data: Buffer) => far.send(data.toString()));
        near.on('close', () => far.close());
        far.on('message', (data: Buffer) =>
          near.send(data.toString().replace('{', `{${take('WebSocket frame') ?? ''}`)),
        );
        far.on('close', (code, reason) => {
          if (code === 1005) near.close();
          else near.close(code, take('close reason') ?? reason);
        });
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
