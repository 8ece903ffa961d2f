// What so many idle Workers take, in memory: tells the bytes of one, with garbage collected before each look.
import { inProcessRuntime } from '../lib/in-process.mjs';
import { memoryOf } from '../lib/memory.mjs';

const count = Number(process.argv[2]);
const limits = { workers: count };

async function withWorkers(number) {
  const bench = await inProcessRuntime({ limits });
  const before = await memoryOf();
  for (let made = 0; made < number; made += 1) await bench.create();
  const bytes = (await memoryOf()) - before;
  await bench[Symbol.asyncDispose]();
  return bytes;
}

// Once before: what the code takes that runs for the first time is not of the Workers.
await withWorkers(Math.min(count, 1_000));
console.log(JSON.stringify((await withWorkers(count)) / count));
