import { once } from 'node:events';

import { WebSocket } from 'ws';
import type { ClientOptions } from 'ws';

import type { SocketMessage } from '../../src/protocol/browser-socket.js';
import { socketMessageSchema, socketProtocol } from '../../src/protocol/browser-socket.js';

/** A client of `workport.v1`. Every message that it is sent has the form of the protocol, or it fails. */
export interface SocketClient extends AsyncDisposable {
  readonly webSocket: WebSocket;
  /** As texts, in their order. */
  readonly received: readonly string[];
  say(message: object | string | Buffer): void;
  /** The next message. */
  next(): Promise<SocketMessage>;
  take(count: number): Promise<readonly SocketMessage[]>;
  /** What is there until the socket closes. */
  rest(): Promise<readonly SocketMessage[]>;
  /** How the socket was closed. */
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
}

export interface SocketClientOptions extends ClientOptions {
  readonly token?: string | undefined;
}

/** Connects to `url`, `http://…` of a listener. */
export async function socketClient(
  url: string,
  { token, ...options }: SocketClientOptions = {},
): Promise<SocketClient> {
  const webSocket = new WebSocket(`${url.replace('http', 'ws')}/api/v1/socket`, socketProtocol, options);
  const received: string[] = [];
  let read = 0;
  let wake = (): void => undefined;
  webSocket.on('message', (data: Buffer, isBinary) => {
    received.push(isBinary ? 'binary' : data.toString());
    wake();
  });
  webSocket.on('error', () => undefined);
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.on('close', (code, reason) => {
      resolve({ code, reason: reason.toString() });
      wake();
    });
  });
  await once(webSocket, 'open');

  async function nextOrEnd(): Promise<SocketMessage | undefined> {
    for (;;) {
      const text = received[read];
      if (text !== undefined) {
        read += 1;
        return socketMessageSchema.parse(JSON.parse(text));
      }
      if (webSocket.readyState === WebSocket.CLOSED) return undefined;
      await new Promise<void>((resolve) => (wake = resolve));
    }
  }
  const next = async (): Promise<SocketMessage> => {
    const message = await nextOrEnd();
    if (!message) throw new Error('the socket is closed');
    return message;
  };
  const client: SocketClient = {
    webSocket,
    received,
    say: (message) =>
      webSocket.send(typeof message === 'string' || Buffer.isBuffer(message) ? message : JSON.stringify(message)),
    next,
    async take(count) {
      const messages: SocketMessage[] = [];
      while (messages.length < count) messages.push(await next());
      return messages;
    },
    async rest() {
      const messages: SocketMessage[] = [];
      for (let message = await nextOrEnd(); message; message = await nextOrEnd()) messages.push(message);
      return messages;
    },
    closed,
    async [Symbol.asyncDispose]() {
      webSocket.terminate();
      await closed;
    },
  };
  if (token !== undefined) client.say({ type: 'authenticate', token });
  return client;
}
