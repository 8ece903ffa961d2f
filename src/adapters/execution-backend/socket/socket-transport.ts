import type { Socket } from 'node:net';

import { streamTransport } from '../process/stream-transport.js';
import type { WireTransport } from '../wire/transport.js';

/** How long what was written may take to go out after a close, before the rest is dropped. */
const lingerMs = 2000;

/** The wire over a connected socket. Where the other end takes nothing any more, a close does not wait for it. */
export function socketTransport(socket: Socket): WireTransport {
  socket.setNoDelay(true);
  const transport = streamTransport(socket, socket);
  return {
    ...transport,
    close() {
      transport.close();
      const timer = setTimeout(() => socket.destroy(), lingerMs);
      timer.unref();
      socket.once('close', () => clearTimeout(timer));
    },
  };
}
