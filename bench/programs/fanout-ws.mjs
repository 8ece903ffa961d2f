// Raw `ws`. `batches`: what goes to a Worker's observers is encoded beforehand, `batch` events a message: the floor.
// Else one JSON.stringify and one send for each event and client.
import { once } from 'node:events';
import { createServer } from 'node:http';

import { WebSocketServer } from 'ws';

import { cursorOf, eventsMessage, observation } from '../lib/fanout-events.mjs';
import { fanOutServer } from '../lib/fanout-server.mjs';

const mostBuffered = 1_048_576;

fanOutServer(async ({ workers, batch, phases }) => {
  const watching = Array.from({ length: workers }, () => new Set());
  const server = createServer();
  const sockets = new WebSocketServer({ server, perMessageDeflate: false, clientTracking: false });
  sockets.on('connection', (socket) => {
    socket.once('message', (data) => {
      const { workerId } = JSON.parse(data);
      watching[workerId].add(socket);
      socket.on('close', () => watching[workerId].delete(socket));
      socket.send('{"type":"subscribed","id":"o"}');
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const room = (clients) => Promise.all([...clients].map(whenRoom));
  const places = watching.map((_, workerId) => ({ runtimeId: 'local', workerId, after: cursorOf(0) }));
  const publishers = batch === undefined ? one(watching, room) : batched(watching, { room, batch, phases });
  return { url: `ws://127.0.0.1:${server.address().port}`, places, publishers };
});

/** Resolves when not too much waits in a client. */
async function whenRoom(client) {
  while (client.bufferedAmount > mostBuffered) await once(client._socket, 'drain');
}

const one = (watching, room) =>
  watching.map((clients) => {
    let sequence = 0;
    return async (events) => {
      for (let count = 0; count < events; count += 1) {
        sequence += 1;
        const told = observation(sequence);
        for (const client of clients) client.send(JSON.stringify(told));
      }
      await room(clients);
    };
  });

/** The messages of all phases: none spans two of them. */
function encodedBatches(phases, batch) {
  const encoded = [];
  let last = 0;
  for (const events of phases) {
    for (const end = last + events; last < end;) {
      const length = Math.min(batch, end - last);
      const observations = Array.from({ length }, (_, index) => observation(last + 1 + index));
      last += length;
      encoded.push({ last, bytes: Buffer.from(JSON.stringify(eventsMessage(observations))) });
    }
  }
  return encoded;
}

/** A batch goes out when all of it was published. */
function batched(watching, { room, batch, phases }) {
  const encoded = encodedBatches(phases, batch);
  return watching.map((clients) => {
    let sequence = 0;
    let next = 0;
    return async (events) => {
      sequence += events;
      for (; next < encoded.length && encoded[next].last <= sequence; next += 1) {
        for (const client of clients) client.send(encoded[next].bytes, { binary: false });
      }
      await room(clients);
    };
  });
}
