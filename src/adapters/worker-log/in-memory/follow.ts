import type { Sequence } from '../../../domain/ids.js';
import type { LogPage } from '../../../ports/worker-log.js';

import type { WorkerRecord } from './worker-record.js';

/** The pages of a record after `after`, as they come, at most `limit` observations each; none where there is no record. */
export function follow(
  record: WorkerRecord | undefined,
  after: Sequence,
  limit: number,
  signal: AbortSignal,
): AsyncGenerator<LogPage, void, undefined> {
  const era = record?.era;
  let stopped = false;
  let wake = (): void => undefined;

  const change = (watched: WorkerRecord): Promise<void> =>
    new Promise((resolve) => {
      const unwatch = watched.watch(() => wake());
      wake = () => {
        unwatch();
        resolve();
      };
    });

  async function* pages(): AsyncGenerator<LogPage, void, undefined> {
    const aborted = (): void => wake();
    signal.addEventListener('abort', aborted);
    try {
      for (let position = after; ;) {
        signal.throwIfAborted();
        if (stopped || !record || record.isTombstone || record.era !== era) return;
        if (record.last <= position) {
          await change(record);
          continue;
        }
        const page = record.page(position, limit);
        position = page.observations.at(-1)?.sequence ?? page.last;
        if (page.observations.length > 0) yield page;
      }
    } finally {
      signal.removeEventListener('abort', aborted);
    }
  }

  const generator = pages();
  const finish = generator.return.bind(generator);
  // A generator that awaits takes a `return` only when it wakes: who leaves while nothing comes would wait for ever.
  generator.return = (value) => {
    stopped = true;
    wake();
    return finish(value);
  };
  return generator;
}
