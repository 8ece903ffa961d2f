import type { Duplex } from 'node:stream';

import type { WebSocket } from 'ws';

import type { SocketListener, SocketPeer } from './socket-peer.js';

/** A socket of `ws` as a peer. `stream` is what it is written to. */
export function wsPeer(webSocket: WebSocket, stream: Duplex): SocketPeer {
  return {
    send(fragments, isLast, taken) {
      if (webSocket.readyState !== webSocket.OPEN) return;
      const last = fragments.length - 1;
      stream.cork();
      for (const [index, fragment] of fragments.entries()) {
        const fin = isLast && index === last;
        webSocket.send(fragment, { binary: false, fin }, (error) => {
          if (!error && index === last) taken();
        });
      }
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
