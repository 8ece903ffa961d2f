// What one event and one input cost in things that can be counted, so that a machine's mood does not matter.
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';

import { generatorBackend, createRuntime, inMemoryLog, text } from 'workport';

import { costOf, flags } from './lib/cost.mjs';
import { subprocess } from './lib/workport.mjs';
import { newEvent300 } from './lib/events.mjs';
import { httpHost } from './lib/http-host.mjs';
import { everythingRetained, inProcessRuntime, observed, published } from './lib/in-process.mjs';

const limits = everythingRetained;

/** A log in memory that counts its appends. */
function countingLog() {
  const log = inMemoryLog();
  const append = log.append.bind(log);
  const counting = Object.assign(log, {
    appends: 0,
    append: (...args) => {
      counting.appends += 1;
      return append(...args);
    },
  });
  return counting;
}

const frames = (runtime, worker, cursor) => runtime.observe(worker, cursor)[Symbol.asyncIterator]();

async function lone() {
  const log = countingLog();
  const { runtime, create, ...bench } = await inProcessRuntime({ log, limits });
  const { worker, publisher, cursor } = await create();
  const seen = frames(runtime, worker, cursor);
  const run = async (times) => {
    for (let index = 0; index < times; index += 1) {
      void publisher.publish(newEvent300());
      await seen.next();
    }
  };
  return { log, run, times: 500, ...bench };
}

async function burst() {
  const log = countingLog();
  const { runtime, create, ...bench } = await inProcessRuntime({ log, limits });
  const made = await create();
  let { cursor } = made;
  const run = async (times) => {
    const reading = observed(runtime, { ...made, cursor }, times, (observation) => ({ cursor } = observation));
    await Promise.all([published(made.publisher, times, newEvent300), reading]);
  };
  return { log, run, times: 5_000, ...bench };
}

/** An input whose backend answers with one event; it is over when its end is seen. */
async function inputs(backend, times) {
  const log = countingLog();
  const runtime = createRuntime({ log, limits, profiles: { bench: { label: 'Bench', backend } } });
  await runtime.ready();
  const { worker: view } = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'bench' });
  const worker = { runtimeId: 'local', workerId: view.workerId };
  const seen = frames(runtime, worker, view.lastCursor);
  const ended = async () => {
    for (;;) {
      const { value } = await seen.next();
      if (value.observations.some(({ event }) => event.type === 'input-ended')) return;
    }
  };
  const run = async (count) => {
    for (let index = 0; index < count; index += 1) {
      const accepted = runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text: '1' }] });
      await ended();
      await accepted;
    }
  };
  return { log, run, times, [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() };
}

const said = generatorBackend({
  id: 'said',
  async *run({ parts }) {
    yield text(parts[0].text);
  },
});

/** One input, for which a program streams all the events. */
async function streamed() {
  const log = countingLog();
  const runtime = createRuntime({
    log,
    limits,
    profiles: { bench: { label: 'Bench', backend: subprocess('flood-backend.mjs') } },
  });
  await runtime.ready();
  const { worker: view } = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'bench' });
  const worker = { runtimeId: 'local', workerId: view.workerId };
  let cursor = view.lastCursor;
  const run = async (times) => {
    const own = times + 2;
    const reading = observed(runtime, { worker, cursor }, own, (observation) => ({ cursor } = observation));
    await Promise.all([
      runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text: `${times}` }] }),
      reading,
    ]);
  };
  return { log, run, times: 5_000, [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() };
}

async function posts() {
  const sockets = 8;
  const host = await httpHost(sockets);
  const poster = new Worker(new URL('./programs/http-poster.mjs', import.meta.url), {
    workerData: { ...host.target, body: { text: 'What is there to do today?' } },
  });
  const run = async (times) => {
    poster.postMessage(times / sockets);
    await once(poster, 'message');
  };
  const end = async () => {
    await poster.terminate();
    await host[Symbol.asyncDispose]();
  };
  return { run, times: 400, [Symbol.asyncDispose]: end };
}

/** What each is made of, and the most that it may cost. */
const paths = {
  'an event that comes alone': { make: lone, most: {} },
  'an event of many, in the process': { make: burst, most: {} },
  'an event of many, of a subprocess': { make: streamed, most: {} },
  'an input, in the process, to its end': { make: () => inputs(said, 200), most: {} },
  'an input over HTTP': { make: posts, most: {} },
};

async function measured({ make }) {
  const path = await make();
  const { run, times, log } = path;
  let appends = 0;
  const cost = await costOf(async (count) => {
    const before = log?.appends ?? 0;
    await run(count);
    appends = ((log?.appends ?? 0) - before) / count;
  }, times);
  await path[Symbol.asyncDispose]();
  return log ? { appends, ...cost } : cost;
}

const round = (value) => Number(value.toPrecision(3));
for (const [name, path] of Object.entries(paths))
  console.log(name, Object.fromEntries(Object.entries(await measured(path)).map(([k, v]) => [k, round(v)])));
process.exit(0);
