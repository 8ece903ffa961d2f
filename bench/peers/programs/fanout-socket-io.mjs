// Socket.IO: one emit to a room for each event.
import { once } from 'node:events';
import { createServer } from 'node:http';

import { Server } from 'socket.io';

import { cursorOf, observation } from '../../lib/fanout-events.mjs';
import { fanOutServer } from '../../lib/fanout-server.mjs';

const mostMessages = 1_024;

fanOutServer(async ({ workers, waits = true }) => {
  const server = createServer();
  const io = new Server(server, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
  const sockets = Array.from({ length: workers }, () => new Set());
  io.on('connection', (socket) => {
    socket.on('subscribe', async (workerId) => {
      await socket.join(String(workerId));
      sockets[workerId].add(socket);
      socket.on('disconnect', () => sockets[workerId].delete(socket));
      socket.emit('subscribed');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const places = sockets.map((_, workerId) => ({ runtimeId: 'local', workerId, after: cursorOf(0) }));
  const publishers = sockets.map((clients, workerId) => {
    const room = String(workerId);
    let sequence = 0;
    return async (events) => {
      for (let count = 0; count < events; count += 1) io.to(room).emit('event', observation((sequence += 1)));
      if (waits) await Promise.all([...clients].map(({ conn }) => whenRoom(conn)));
    };
  });
  return { url: `ws://127.0.0.1:${server.address().port}`, places, publishers };
});

/** Resolves when not too much waits in a client. */
async function whenRoom(client) {
  while (client.writeBuffer.length > mostMessages) await once(client, 'drain');
}
