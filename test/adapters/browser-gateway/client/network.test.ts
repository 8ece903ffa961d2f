import { setTimeout as delay } from 'node:timers/promises';

import { expect, onTestFinished, test } from 'vitest';
import { WebSocket } from 'ws';

import type { ConnectionState } from '../../../../src/adapters/browser-gateway/client/index.js';
import { browserClient, workers } from '../../../../src/adapters/browser-gateway/client/index.js';
import { httpHandler, listen } from '../../../../src/adapters/browser-gateway/http/index.js';
import { createRuntime, generatorBackend, output } from '../../../../src/index.js';
import { network } from '../../../support/network.js';
import type { Carrier } from '../../../support/watched.js';
import { carriers, upTo } from '../../../support/watched.js';

const lines = 2_000;

/** A host behind a network, whose Workers say two thousand lines, and a client that comes back quickly. */
async function behindNetwork(carrier: Carrier) {
  const backend = generatorBackend({
    id: 'talker',
    run: async function* () {
      for (let line = 1; line <= lines; line += 1) {
        if (line % 20 === 0) await delay(2);
        yield output(`line ${line}`);
      }
    },
  });
  const runtime = createRuntime({ profiles: { talker: { label: 'Talker', backend } } });
  onTestFinished(() => runtime[Symbol.asyncDispose]());
  const handler = httpHandler({ gateway: runtime, options: { hosts: ['127.0.0.1'] } });
  const listener = await listen({ handler });
  onTestFinished(() => listener.close({ graceMs: 0 }));
  const between = await network(listener.port);
  onTestFinished(() => between[Symbol.asyncDispose]());
  const states: ConnectionState[] = [];
  const client = browserClient({
    url: between.url,
    minDelayMs: 5,
    maxDelayMs: 20,
    onConnection: (state) => states.push(state),
    ...(carrier === 'WebSocket' && { WebSocket }),
  });
  onTestFinished(() => client.close());
  return { runtime, between, client, states };
}

test.each(carriers)('P5: over %s a network that is reset again and again leaves nothing out', async (carrier) => {
  const { runtime, between, client, states } = await behindNetwork(carrier);
  const made = await workers(client).create({ runtimeId: runtime.runtimeId, profile: 'talker' });
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  const { handle } = made;
  await handle.input('talk');
  const sequences: number[] = [];
  let nextCut = 100;
  for await (const frame of handle.observe('start')) {
    if (frame.type !== 'events') throw new Error(frame.type);
    sequences.push(...frame.observations.map(({ sequence }) => sequence));
    if (sequences.length >= nextCut) {
      nextCut += 150;
      between.down();
      between.up();
    }
    if (frame.observations.some(({ event }) => event.type === 'input-ended')) break;
  }
  expect(sequences).toEqual(upTo(lines + 4));
  expect(states.filter((state) => state === 'reconnecting').length).toBeGreaterThan(3);
});
