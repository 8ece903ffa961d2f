import type { WorkerId } from '../../../domain/ids.js';
import { chunkOf, observationsOf } from './chunk.js';
import type { Engine, Operation } from './engine.js';
import { firstPut } from './first-retained.js';
import { chunkNameOf, chunksBefore } from './keys.js';

/** So many chunks go in one write. */
const chunksAtOnce = 1_000;

/**
 * Takes away what comes before `before`, oldest first, a bounded number of chunks at a time: wherever it stops, what is
 * left is a log without a gap. A chunk that reaches over `before` is written anew with what stays of it.
 */
export async function* trimOperations(
  engine: Engine,
  workerId: WorkerId,
  before: number,
): AsyncGenerator<{ readonly operations: readonly Operation[]; readonly first: number }, void, void> {
  let operations: Operation[] = [];
  for await (const [key, value] of engine.entries(chunksBefore(workerId, before))) {
    const { last } = chunkNameOf(key);
    operations.push({ type: 'del', key });
    if (last >= before) {
      const rest = chunkOf(
        workerId,
        observationsOf(key, value).filter(({ sequence }) => sequence >= before),
      );
      if (rest) operations.push(rest);
    }
    const first = Math.min(last + 1, before);
    if (operations.length < chunksAtOnce && first < before) continue;
    yield { operations: [...operations, firstPut(workerId, first)], first };
    operations = [];
  }
}
