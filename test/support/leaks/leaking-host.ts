import { once } from 'node:events';
import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

import { WebSocketServer } from 'ws';

import { socketProtocol } from '../../../src/protocol/browser-socket.js';
import { workerView } from '../scripted-gateway.js';
import type { Secrets } from './secrets.js';

type Answering = (response: ServerResponse, secret: Secrets) => void;

const json = (response: ServerResponse, status: number, body: unknown): void =>
  void response
    .writeHead(status, { 'content-type': status < 400 ? 'application/json' : 'application/problem+json' })
    .end(JSON.stringify(body));

/** What another host can answer that is no answer of the browser API, and tells what nobody is to know. */
export const nonsense: Readonly<Record<string, Answering>> = {
  garbage: (response, { garbage }) => void response.end(garbage),
  stack: (response, { errorStack }) => void response.writeHead(500).end(`Error: ${errorStack ?? ''}\n    at x`),
  problem: (response, { errorMessage, errorStack, notACode }) => {
    const problem = { type: `urn:workport:problem:${notACode ?? ''}`, title: errorMessage, detail: errorStack };
    json(response, 500, { ...problem, status: 500, code: notACode, outcome: 'errored', executed: 'no' });
  },
  code: (response, { errorMessage, runCode }) => {
    const problem = { type: 'urn:workport:problem:worker-unknown', title: errorMessage, status: 404 };
    json(response, 404, { ...problem, code: runCode, outcome: 'rejected', detail: errorMessage });
  },
  token: (response, { errorMessage }) => {
    const problem = { type: 'urn:workport:problem:unauthenticated', title: errorMessage, status: 401 };
    response.setHeader('www-authenticate', 'Bearer realm="elsewhere"');
    json(response, 401, { ...problem, code: 'unauthenticated', outcome: 'rejected' });
  },
  shapes: (response, secret) => {
    const worker = { ...workerView, pid: 1, handle: secret['recoverState'], displayName: secret['detail'] };
    const observations = [{ sequence: 1, secret: secret['eventField'] }];
    const runtimes = [{ runtimeId: 'local', path: secret['resultField'] }];
    json(response, 200, {
      worker,
      workers: [worker],
      observations,
      runtimes,
      entries: observations,
      end: secret['dying'],
    });
  },
  redirect: (response, { errorName }) =>
    void response.writeHead(302, { location: `http://127.0.0.1:9/${errorName ?? ''}` }).end(),
  nothing: (response) => void response.destroy(),
};

/** Another host that answers everything with nonsense; over a WebSocket, too. */
export async function leakingHost(kind: string, secret: Secrets) {
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    request.resume();
    nonsense[kind]?.(response, secret);
  });
  const upgrades = new WebSocketServer({ noServer: true });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  server.on('upgrade', (request, socket, head) => {
    if (kind === 'nothing') return void socket.destroy();
    if (request.headers['sec-websocket-protocol'] !== socketProtocol) return void socket.destroy();
    upgrades.handleUpgrade(request, socket, head, (webSocket) => {
      webSocket.on('message', (data: Buffer) => {
        const { id } = JSON.parse(data.toString()) as { readonly id?: string };
        if (id === undefined) return;
        webSocket.send(
          JSON.stringify({ type: 'problem', id, code: secret['runCode'], detail: secret['errorMessage'] }),
        );
        webSocket.send(secret['garbage'] ?? '');
        webSocket.close(4001, secret['errorName']);
      });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async close(): Promise<void> {
      const closed = once(server, 'close');
      server.close();
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
