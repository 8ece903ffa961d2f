import { setImmediate as turn } from 'node:timers/promises';

import { collectGarbage } from './collect-garbage.mjs';

/** The bytes that are in use, of the heap and of buffers beside it, once what is under way has come to rest. */
export async function memoryOf() {
  for (let times = 0; times < 3; times += 1) {
    await turn();
    collectGarbage();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
