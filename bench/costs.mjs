// What one event and one input cost in things that can be counted, so that a machine's mood does not matter.
// `npm run bench -- --costs` starts it with the space for young objects that it needs.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

import { generatorBackend, inMemoryLog, text } from 'workport';

import { costOf } from './lib/cost.mjs';
import { newEvent300 } from './lib/events.mjs';
import { httpHost } from './lib/http-host.mjs';
import { everythingRetained, inProcessRuntime, observed, published } from './lib/in-process.mjs';
import { benchWorker, subprocess } from './lib/workport.mjs';

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

const dispose = (runtime) => ({ [Symbol.asyncDispose]: () => runtime[Symbol.asyncDispose]() });

async function lone() {
  const log = countingLog();
  const { runtime, create, ...bench } = await inProcessRuntime({ log, limits: everythingRetained });
  const { worker, publisher, cursor } = await create();
  const { frames, checked } = framesOf(runtime, worker, cursor);
  const run = async (times) => {
    for (let index = 0; index < times; index += 1) {
      const taken = publisher.publish(newEvent300());
      assert.equal(checked(await frames.next()).length, 1);
      assert.equal((await taken).outcome, 'taken');
    }
  };
  return { log, run, times: 500, ...bench };
}

/** A Worker's frames, as they come, and what looks at one: events, each the next in order. It costs no promise. */
function framesOf(runtime, worker, cursor) {
  let last = Number.parseInt(cursor.slice(-16), 16);
  const checked = ({ value }) => {
    assert.equal(value.type, 'events');
    for (const { sequence } of value.observations) assert.equal(sequence, (last += 1));
    return value.observations;
  };
  return { frames: runtime.observe(worker, cursor)[Symbol.asyncIterator](), checked };
}

async function burst() {
  const log = countingLog();
  const { runtime, create, ...bench } = await inProcessRuntime({ log, limits: everythingRetained });
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
  const { runtime, worker, cursor } = await benchWorker(backend, { log, limits: everythingRetained });
  const { frames, checked } = framesOf(runtime, worker, cursor);
  const last = async () => {
    for (;;) {
      const { event } = checked(await frames.next()).at(-1);
      if (event.type === 'input-ended') return event;
    }
  };
  const run = async (count) => {
    for (let index = 0; index < count; index += 1) {
      const accepted = runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text: '1' }] });
      assert.equal((await last()).end, 'completed');
      assert.equal((await accepted).outcome, 'accepted');
    }
  };
  return { log, run, times, ...dispose(runtime) };
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
  const { runtime, worker, ...made } = await benchWorker(subprocess('flood-backend.mjs'), {
    log,
    limits: everythingRetained,
  });
  let { cursor } = made;
  const run = async (times) => {
    let last;
    const own = times + 2;
    const reading = observed(runtime, { worker, cursor }, own, (observation) => (last = observation));
    const parts = [{ type: 'text', text: `${times}` }];
    const [{ outcome }] = await Promise.all([runtime.execute({ type: 'input', worker, parts }), reading]);
    assert.equal(outcome, 'accepted');
    assert.equal(last.event.type, 'input-ended');
    assert.equal(last.event.end, 'completed');
    ({ cursor } = last);
  };
  return { log, run, times: 5_000, ...dispose(runtime) };
}

async function posts() {
  const sockets = 8;
  const host = await httpHost(sockets);
  const poster = new Worker(new URL('./programs/http-poster.mjs', import.meta.url), {
    workerData: { ...host.target, body: { text: 'What is there to do today?' } },
  });
  const run = async (times) => {
    const before = host.runs();
    poster.postMessage(times / sockets);
    await once(poster, 'message');
    assert.equal(host.runs() - before, times);
  };
  const end = async () => {
    await poster.terminate();
    await host[Symbol.asyncDispose]();
  };
  return { run, times: 400, [Symbol.asyncDispose]: end };
}

/** By what they are called: how each is made, and the most that it may cost. Who makes it cheaper lowers the bound. */
const paths = [
  {
    name: 'an event that comes alone',
    make: lone,
    // One of the promises is the bench's own: it looks at what is answered.
    most: { appends: 1, promises: 31, timers: 1.1, 'JSON.stringify': 1, 'JSON.parse': 0, bytes: 19_500 },
  },
  {
    name: 'an event of many, in the process',
    make: burst,
    most: { appends: 0.01, promises: 1.3, timers: 0.01, 'JSON.stringify': 1, 'JSON.parse': 0, bytes: 3_400 },
  },
  {
    name: 'an event of many, of a subprocess',
    make: streamed,
    most: { appends: 0.01, promises: 0.3, timers: 0.01, 'JSON.stringify': 1.02, 'JSON.parse': 0.01, bytes: 4_600 },
  },
  {
    name: 'an input, in the process, to its end',
    make: () => inputs(said, 200),
    most: { appends: 3, promises: 120, timers: 4.2, 'JSON.stringify': 7, 'JSON.parse': 3, bytes: 75_000 },
  },
  {
    name: 'an input over HTTP',
    make: posts,
    most: { promises: 95, timers: 6.3, 'JSON.stringify': 6.1, 'JSON.parse': 1.1, bytes: 82_000 },
  },
];

async function measured(make) {
  const { run, times, log, ...path } = await make();
  let appends = 0;
  try {
    const cost = await costOf(async (count) => {
      const before = log?.appends ?? 0;
      await run(count);
      appends = ((log?.appends ?? 0) - before) / count;
    }, times);
    return log ? { appends, ...cost } : cost;
  } finally {
    await path[Symbol.asyncDispose]();
  }
}

const columns = ['appends', 'promises', 'timers', 'JSON.stringify', 'JSON.parse', 'bytes'];
const round = (value) => Number(value.toPrecision(3)).toLocaleString('en', { maximumFractionDigits: 4 });
const line = (cells) => console.log(`| ${cells.join(' | ')} |`);

/** What an object takes is for the engine to say: the bounds are those of one. */
const areBytesBounded = process.versions.node.startsWith('20.');
const bounded = (most) => Object.entries(most).filter(([column]) => areBytesBounded || column !== 'bytes');

const over = [];
line(['each', ...columns]);
line(['---', ...columns.map(() => '---')]);
for (const { name, make, most } of paths) {
  const cost = await measured(make);
  const bounds = Object.fromEntries(bounded(most));
  const cell = (column) => round(cost[column]) + (column in bounds ? ` (≤ ${round(bounds[column])})` : '');
  line([name, ...columns.map((column) => (column in most ? cell(column) : '–'))]);
  for (const [column, bound] of Object.entries(bounds)) {
    if (cost[column] > bound) over.push(`${name}: ${round(cost[column])} ${column}, at most ${bound}`);
  }
}
if (!areBytesBounded) console.log(`\nBytes are bounded on Node 20 alone; this is ${process.versions.node}.`);
if (over.length > 0) console.error(`\ncosts more than it may:\n${over.join('\n')}`);
process.exit(over.length > 0 ? 1 : 0);
