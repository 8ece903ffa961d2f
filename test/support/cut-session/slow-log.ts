import { inMemoryLog } from '../../../src/index.js';
import type { WorkerLog } from '../../../src/index.js';
import { faultyLog } from '../faulty-log.js';

/** A log in memory whose appends begin so many turns late, in their order for each Worker. */
export function slowLog(turns: number): WorkerLog {
  const log = inMemoryLog();
  return {
    ...faultyLog(log),
    async append(...batch) {
      for (let turn = 0; turn < turns; turn += 1) await new Promise(setImmediate);
      return log.append(...batch);
    },
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
