import { once } from 'node:events';
import { connect } from 'node:net';

import { WebSocket } from 'ws';

import { socketProtocol } from '../../../src/protocol/browser-socket.js';
import type { SocketRecord } from './recording.js';

export interface RecordedSocket extends SocketRecord {
  readonly messages: string[];
  say(message: object | string): void;
  /** Resolves when it is closed, from either side. */
  readonly closed: Promise<void>;
  /** Resolves with the first message that holds a text, or once it is closed. */
  until(text: string | RegExp): Promise<void>;
  end(): Promise<void>;
}

/** Opens a WebSocket of a host, and keeps every byte that comes over it. Without `token` it says nothing by itself. */
export async function recordSocket(
  url: string,
  { asked, token }: { readonly asked: string; readonly token?: string },
): Promise<RecordedSocket> {
  const { hostname, port } = new URL(url);
  const pieces: Buffer[] = [];
  const webSocket = new WebSocket(`ws://${hostname}:${port}/api/v1/socket`, socketProtocol, {
    createConnection: () => {
      const socket = connect(Number(port), hostname);
      socket.on('data', (piece: Buffer) => pieces.push(piece));
      return socket;
    },
  });
  const messages: string[] = [];
  let close: SocketRecord['close'];
  let wake = (): void => undefined;
  webSocket.on('message', (data: Buffer) => {
    messages.push(data.toString());
    wake();
  });
  const closed = new Promise<void>((resolve) => {
    webSocket.on('close', (code, reason) => {
      close = { code, reason: reason.toString() };
      resolve();
      wake();
    });
  });
  await once(webSocket, 'open');
  webSocket.on('error', () => undefined);
  const say = (message: object | string): void =>
    webSocket.send(typeof message === 'string' ? message : JSON.stringify(message));
  if (token !== undefined) say({ type: 'authenticate', token });
  return {
    asked,
    messages,
    get close() {
      return close;
    },
    get bytes() {
      return Buffer.concat(pieces);
    },
    say,
    closed,
    async until(text) {
      const holds = (message: string): boolean =>
        typeof text === 'string' ? message.includes(text) : text.test(message);
      while (!messages.some(holds) && webSocket.readyState !== WebSocket.CLOSED) {
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    async end() {
      webSocket.close();
      await closed;
    },
  };
}
