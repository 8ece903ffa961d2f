// What so many idle Workers take, in memory: tells the bytes of one, with garbage collected before each look.
import { inProcessRuntime } from '../lib/in-process.mjs';
import { memoryOf } from '../lib/memory.mjs';

const count = Number(process.argv[2]);
const limits = { workers: Math.max(count, 1_000) };

async function withWorkers(number) {
  const bench = await inProcessRuntime({ limits });
  const before = await memoryOf();
  for (let made = 0; made < number; made += 1) await bench.create();
  return { bench, bytes: (await memoryOf()) - before };
}

// Once before: what the code takes that runs for the first time is not of the Workers. They stay, so that nothing of
// them is given back meanwhile.
const first = await withWorkers(1_000);
const { bench, bytes } = await withWorkers(count);
console.log(JSON.stringify(bytes / count));
await bench[Symbol.asyncDispose]();
await first.bench[Symbol.asyncDispose]();
