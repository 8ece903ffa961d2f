import { serveBackend } from 'workport/backends/serve';
import { defineBackend } from 'workport';
import { eventText } from '../lib/child.mjs';

const text = eventText();
const publishers = new Map();

async function flood(publisher, inputId, events) {
  for (let sequence = 1; sequence <= events; sequence += 1) {
    const taken = publisher.publish({ inputId, type: 'text-delta', messageId: 'm', text });
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
);
