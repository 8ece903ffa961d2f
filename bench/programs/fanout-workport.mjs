// A Workport host whose Workers publish when they are told to; everything is kept in memory.
import { createRuntime, defineBackend } from 'workport';
import { httpHandler, listen } from 'workport/http';

import { event300 } from '../lib/events.mjs';
import { fanOutServer } from '../lib/fanout-server.mjs';

const text = event300.text;

fanOutServer(async ({ workers, retainedEvents }) => {
  const published = [];
  const backend = defineBackend({
    id: 'fanout',
    spawn: async (_spawn, publisher) => {
      published.push(async (events) => {
        let room;
        for (let count = 0; count < events; count += 1)
          room = publisher.publish({ type: 'text-delta', messageId: 'm', text });
        const { outcome } = await room;
        if (outcome !== 'taken') throw new Error(`not taken: ${outcome}`);
      });
      return { outcome: 'connected' };
    },
    dispatch: async () => ({ outcome: 'accepted' }),
    stop: async () => ({ outcome: 'accepted', end: 'stopped' }),
  });
  const runtime = createRuntime({ profiles: { bench: { label: 'Bench', backend } }, limits: { retainedEvents } });
  await runtime.ready();
  const places = [];
  for (let made = 0; made < workers; made += 1) {
    const created = await runtime.execute({ type: 'create', runtimeId: runtime.runtimeId, profile: 'bench' });
    if (created.outcome !== 'accepted') throw new Error(JSON.stringify(created));
    const { workerId, lastCursor } = created.worker;
    places.push({ runtimeId: runtime.runtimeId, workerId, after: lastCursor });
  }
  const options = { streams: 4_096, subscriptions: 4_096, strangers: 4_096 };
  const { url } = await listen({ handler: httpHandler({ gateway: runtime, options }) });
  return { url: `${url.replace('http', 'ws')}/api/v1/socket`, places, publishers: published };
});
