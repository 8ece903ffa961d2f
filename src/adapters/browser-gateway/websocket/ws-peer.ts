import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import type { SocketListener, SocketPeer } from './socket-peer.js';
import { textFrame } from './text-frame.js';

/**
 * A socket of `ws` as a peer. `stream` is what it is written to: texts without `ws`, which says control frames alone, in
 * one write each.
 */
export function wsPeer(webSocket: WebSocket, stream: Duplex): SocketPeer {
  let isFirst = true;
  return {
    send(fragments, isLast, taken) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      const [head, body] = textFrame(fragments, isFirst, isLast);
      isFirst = isLast;
      const written = (error?: Error | null): void => {
        if (!error) taken();
      };
      if (!body) return void stream.write(head, written);
      stream.cork();
      stream.write(head);
      stream.write(body, written);
      stream.uncork();
    },
    ping: () => webSocket.ping(),
    pause: () => webSocket.pause(),
    resume: () => webSocket.resume(),
    close: (code, reason) => webSocket.close(code, reason),
    terminate: () => webSocket.terminate(),
  };
}

/** Tells a listener what happens on a socket of `ws`. */
export function listenTo(webSocket: WebSocket, listener: SocketListener): void {
  webSocket.on('message', (data, isBinary) => {
    listener.received(isBinary || !Buffer.isBuffer(data) ? undefined : data.toString());
  });
  webSocket.on('pong', () => listener.pong());
  webSocket.on('close', () => listener.closed());
}
