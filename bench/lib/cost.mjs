import { createHook } from 'node:async_hooks';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';

import { collectGarbage } from './collect-garbage.mjs';

const json = { parse: JSON.parse, stringify: JSON.stringify };

/** Counts what this thread does while `run` runs: promises and timers that are made, and calls of JSON. */
async function counted(run) {
  const counts = { promises: 0, timers: 0, 'JSON.stringify': 0, 'JSON.parse': 0 };
  const hook = createHook({
    init(_id, type) {
      if (type === 'PROMISE') counts.promises += 1;
      else if (type === 'Timeout') counts.timers += 1;
    },
  });
  for (const name of ['parse', 'stringify']) {
    JSON[name] = (...args) => {
      counts[`JSON.${name}`] += 1;
      return json[name](...args);
    };
  }
  hook.enable();
  try {
    await run();
  } finally {
    hook.disable();
    Object.assign(JSON, json);
  }
  return counts;
}

/** The bytes of the heap that `run` takes, used again or not. Throws where something was collected meanwhile. */
async function allocated(run) {
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  for (let times = 0; times < 3; times += 1) {
    await turn();
    collectGarbage();
  }
  observer.observe({ entryTypes: ['gc'] });
  const before = process.memoryUsage().heapUsed;
  await run();
  const bytes = process.memoryUsage().heapUsed - before;
  await turn();
  collections += observer.takeRecords().length;
  observer.disconnect();
  if (collections > 0)
    throw new Error('garbage was collected while bytes were counted: give Node more --max-semi-space-size');
  return bytes;
}

/** What each of `times` costs, when `run(times)` does it so often. The code is warm by then. */
export async function costOf(run, times) {
  for (let warm = 0; warm < 4; warm += 1) await run(times);
  const bytes = await allocated(() => run(times));
  const counts = await counted(() => run(times));
  return Object.fromEntries(Object.entries({ ...counts, bytes }).map(([name, count]) => [name, count / times]));
}
