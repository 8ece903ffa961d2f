import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

import type { Clock } from '../../../ports/clock.js';

/** Knows which sockets of a server have a request under way, or are upgraded. */
export interface OpenSockets {
  /** Takes no more; ends sockets as they become idle, and what is left after `graceMs`. */
  close(graceMs: number, clock: Clock): Promise<void>;
}

export function openSockets(server: Server): OpenSockets {
  const requests = new Map<Socket, number>();
  let isClosing = false;

  function change(socket: Socket, by: number): void {
    const before = requests.get(socket);
    if (before === undefined) return;
    requests.set(socket, before + by);
    if (isClosing && before + by === 0) socket.destroySoon();
  }

  server.on('connection', (socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }: IncomingMessage, outgoing: ServerResponse) => {
    change(socket, 1);
    outgoing.once('close', () => change(socket, -1));
  });
  server.on('upgrade', ({ socket }: IncomingMessage) => change(socket, 1));

  return {
    async close(graceMs, clock) {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      isClosing = true;
      for (const [socket, open] of requests) if (open === 0) socket.destroy();
      const takeBack = clock.after(graceMs, () => {
        for (const socket of requests.keys()) socket.destroy();
      });
      await closed;
      takeBack();
    },
  };
}
