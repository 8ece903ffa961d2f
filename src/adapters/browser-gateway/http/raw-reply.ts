import type { Duplex } from 'node:stream';

import type { Reply } from './reply.js';

/** Writes an answer to a socket on which no response of Node's can be written, and closes it. */
export function writeRawReply({ status, headers, body }: Reply, socket: Duplex): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const text = typeof body === 'string' ? body : '';
  const fields = { ...headers, connection: 'close', 'content-length': Buffer.byteLength(text) };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} Refused\r\n${lines.join('')}\r\n${text}`, () => socket.destroy());
}
