// What so many retained events of one Worker take, in memory: tells the bytes of one, with garbage collected before each
// look, and how long the JSON of its observation is.
import { newEvent300 as event } from '../lib/events.mjs';
import { everythingRetained, inProcessRuntime, observed, published } from '../lib/in-process.mjs';
import { memoryOf } from '../lib/memory.mjs';

const count = Number(process.argv[2]);

async function retained(number) {
  const bench = await inProcessRuntime({ limits: everythingRetained });
  const one = await bench.create();
  const before = await memoryOf();
  const lengths = [];
  const sample = (observation) => {
    if (observation.sequence % 1_000 === 0) lengths.push(JSON.stringify(observation).length);
  };
  await Promise.all([published(one.publisher, number, event), observed(bench.runtime, one, number, sample)]);
  const bytes = (await memoryOf()) - before;
  await bench[Symbol.asyncDispose]();
  return { bytes: bytes / number, json: lengths.reduce((sum, length) => sum + length, 0) / lengths.length };
}

// Once before: what the code takes that runs for the first time is not of the events.
await retained(Math.min(count, 10_000));
console.log(JSON.stringify(await retained(count)));
