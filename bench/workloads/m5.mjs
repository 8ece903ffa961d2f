import assert from 'node:assert/strict';
import { once } from 'node:events';

import { program, ready, talking } from '../lib/ends.mjs';
import { posted } from '../lib/http-load.mjs';
import { isInPath } from '../lib/peers.mjs';
import { interleaved } from '../lib/rounds.mjs';

/** Inputs over HTTP, each to a Worker that is idle, beside a handler that does nothing, of the same library. */
export const m5 = { what: 'inputs per second over HTTP, 64 connections', peers: ['bullmq', 'ioredis'], run };

const sockets = 64;
const body = { text: 'What is there to do today?' };

async function run({ quick, rounds, beside }) {
  const count = quick ? 4 : 400;
  const figures = await interleaved(rounds, {
    workport: () => inputs('http-host.mjs', count),
    floor: () => inputs('http-floor.mjs', count),
    ...(await beside(
      'BullMQ',
      async () => {
        const { added } = await import('../peers/queue.mjs');
        return () => added({ atOnce: sockets, body, count: sockets * count });
      },
      isInPath('redis-server') ? undefined : 'there is no redis-server: apt-get install redis-server',
    )),
  });
  return {
    measurements: [{ workload: 'inputs over HTTP, 64 connections', unit: 'inputs/s', goal: { least: 0.5 }, figures }],
  };
}

/** The first third of them is to be warm. */
const inputs = (name, count) =>
  talking(ready(program(name), String(sockets)), async ({ running, told }) => {
    await posted({ ...told, body, count: Math.ceil(count / 2) });
    const figure = await posted({ ...told, body, count });
    running.send('count');
    const [runs] = await once(running, 'message');
    assert.equal(runs, sockets * (count + Math.ceil(count / 2)));
    return figure;
  });
