import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';

import { newEvent300 as event } from '../lib/events.mjs';
import { collectGarbage } from '../lib/collect-garbage.mjs';
import { everythingRetained, inProcessRuntime, observed, published } from '../lib/in-process.mjs';
import { interleaved } from '../lib/rounds.mjs';
import { perSecond, summary } from '../lib/statistics.mjs';

/**
 * A backend in this process publishes, one observer of each Worker reads, beside an `EventEmitter` for each Worker whose
 * listener makes the same observation into JSON once. All Workers publish side by side. Nothing is trimmed.
 */
export const m1 = { what: 'a backend in this process publishes to one observer per Worker', peers: ['rxjs'], run };

async function run({ quick, rounds, beside }) {
  const sizes = quick ? [1, 5, 10] : [1, 100, 10_000];
  const events = quick ? 1_000 : 500_000;
  const emitting = { floor: emitters };
  Object.assign(emitting, await beside('RxJS', async () => (await import('../peers/rx.mjs')).subjects));
  const sides = {};
  for (const workers of sizes) {
    sides[`workport ${workers}`] = clean(() => workport(workers, events));
    for (const [name, make] of Object.entries(emitting)) {
      sides[`${name} ${workers}`] = clean(() => emitted(make, workers, events));
    }
  }
  const measured = await interleaved(rounds, sides);
  const names = ['workport', ...Object.keys(emitting)];
  const figures = (workers) => Object.fromEntries(names.map((name) => [name, measured[`${name} ${workers}`]]));
  const ours = (workers) => measured[`workport ${workers}`].map((figure) => 1e6 / figure);
  const few = sizes[0];
  const many = sizes.at(-1);
  return {
    measurements: [
      ...sizes.map((workers) => ({
        workload: `events of ${named(workers)} to one observer each`,
        unit: 'events/s',
        goal: { least: 0.5 },
        figures: figures(workers),
      })),
      {
        workload: `one event of ${named(many)}, beside one of ${named(few)}`,
        unit: 'µs',
        goal: { most: 1.2 },
        figures: { workport: ours(many), floor: ours(few) },
      },
    ],
    plots: [throughput(names, sizes, figures)],
  };
}

const named = (workers) => (workers === 1 ? '1 Worker' : `${workers.toLocaleString('en')} Workers`);
const shown = {
  workport: 'Workport',
  floor: 'EventEmitter and JSON.stringify',
  RxJS: 'RxJS Subject and JSON.stringify',
};

const throughput = (names, sizes, figures) => ({
  name: 'workers',
  title: 'Events of 300 bytes in one process, one observer per Worker',
  x: 'Workers',
  y: 'events/s',
  series: names.map((name) => ({
    name: shown[name],
    points: sizes.map((workers) => [workers, summary(figures(workers)[name]).median]),
  })),
});

/** What another side left is collected before the time is taken. */
const clean = (side) => () => {
  collectGarbage();
  return side();
};

async function workport(count, events) {
  const share = events / count;
  const bench = await inProcessRuntime({ limits: everythingRetained });
  try {
    const workers = [];
    while (workers.length < count) workers.push(await bench.create());
    let last;
    const seen = Promise.all(
      workers.map((one) => observed(bench.runtime, one, share, (observation) => (last = observation))),
    );
    await turn();
    const began = process.hrtime.bigint();
    await Promise.all(workers.map(({ publisher }) => published(publisher, share, event)));
    await seen;
    const figure = perSecond(events, began);
    assert.deepEqual(last.event, event());
    return figure;
  } finally {
    await bench[Symbol.asyncDispose]();
  }
}

/** `make`: a way from a publisher to one listener. Each Worker has one, and each in turn publishes. */
async function emitted(make, count, events) {
  const share = events / count;
  let seen = 0;
  let length = 0;
  const ways = Array.from({ length: count }, () => {
    let last = 0;
    return make((observation) => {
      if (observation.sequence !== ++last) throw new Error(`${observation.sequence} came instead of ${last}`);
      length += JSON.stringify(observation).length;
      seen += 1;
    });
  });
  await turn();
  const began = process.hrtime.bigint();
  for (let sequence = 1; sequence <= share; sequence += 1) {
    for (const publish of ways) publish({ cursor, sequence, at, event: event() });
  }
  const figure = perSecond(events, began);
  assert.equal(seen, events);
  assert.ok(length > events * 300);
  return figure;
}

const cursor = 'wo_0badcafe_0000000000000001';
const at = '2026-11-30T10:00:00.000Z';

function emitters(listener) {
  const emitter = new EventEmitter();
  emitter.on('observation', listener);
  return (observation) => emitter.emit('observation', observation);
}
