// Streams as many events as an input says: over its pipes, or on the Unix socket that it is told.
import { serveBackend } from 'workport/backends/serve';
import { defineBackend } from 'workport';
import { event300 } from '../lib/events.mjs';

const path = process.argv[2];
const publishers = new Map();

async function flood(publisher, inputId, events) {
  for (let sequence = 1; sequence <= events; sequence += 1) {
    const taken = publisher.publish({ inputId, ...event300 });
    if (sequence % 64 === 0) await taken;
  }
  await publisher.publish({ inputId, type: 'run-ended', end: 'completed' });
}

await serveBackend(
  defineBackend({
    id: 'flood',
    spawn: async ({ workerId }, publisher) => {
      publishers.set(workerId, publisher);
      return { outcome: 'connected' };
    },
    dispatch: async ({ workerId }, { inputId, parts }) => {
      void flood(publishers.get(workerId), inputId, Number(parts[0].text));
      return { outcome: 'accepted' };
    },
    stop: async () => ({ outcome: 'accepted', end: 'stopped' }),
  }),
  path && { listen: `unix:${path}` },
);
if (path) process.send('listening');
