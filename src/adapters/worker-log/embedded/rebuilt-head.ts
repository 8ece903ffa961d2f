import type { WorkerId } from '../../../domain/ids.js';
import { parseObservation } from '../../../domain/observation/encoded.js';
import { damaged, initialState } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { chunksAfter } from './chunk.js';
import { Damage } from './damage.js';
import type { Engine } from './engine.js';
import { firstRetained } from './first-retained.js';
import { foldObservation } from './fold-observation.js';

/** A head that cannot be read any more, as far as its log still tells it. Reads all of that; what only the head knew is lost. */
export async function rebuiltHead(engine: Engine, workerId: WorkerId): Promise<WorkerHead> {
  let head: WorkerHead = initialState(workerId);
  try {
    const { first } = await firstRetained(engine, workerId);
    for await (const observations of chunksAfter(engine, workerId, { after: first - 1, last: Infinity, first })) {
      for (const observation of observations) head = foldObservation(head, parseObservation(observation));
    }
  } catch (cause) {
    if (!(cause instanceof Damage)) throw cause;
  }
  return damaged({ ...head, status: { status: 'unconnected', reason: 'log-damaged' } });
}
