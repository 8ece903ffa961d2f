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

const tries = 4;

/** The bytes of the heap that `run` takes, used again or not. Where something is collected meanwhile it runs again. */
async function allocated(run) {
  for (let count = 0; count < tries; count += 1) {
    const { bytes, collections } = await grown(run);
    if (collections === 0) return bytes;
  }
  throw new Error(
    `garbage was collected while bytes were counted, ${tries} times: give Node more --max-semi-space-size`,
  );
}

/** How much the heap grows while `run` runs, and how often something was collected. */
async function grown(run) {
  for (let times = 0; times < 3; times += 1) {
    await turn();
    collectGarbage();
  }
  let collections = 0;
  const observer = new PerformanceObserver((list) => (collections += list.getEntries().length));
  observer.observe({ entryTypes: ['gc'] });
  try {
    const before = process.memoryUsage().heapUsed;
    await run();
    const bytes = process.memoryUsage().heapUsed - before;
    await turn();
    collections += observer.takeRecords().length;
    return { bytes, collections };
  } finally {
    observer.disconnect();
  }
}

/** What each of `times` costs, when `run(times)` does it so often. The code is warm by then. */
export async function costOf(run, times) {
  for (let warm = 0; warm < 4; warm += 1) await run(times);
  const bytes = await allocated(() => run(times));
  const counts = await counted(() => run(times));
  return Object.fromEntries(Object.entries({ ...counts, bytes }).map(([name, count]) => [name, count / times]));
}
