import type { WorkerId } from '../../../domain/ids.js';
import { parseObservation } from '../../../domain/observation/encoded.js';
import { damaged, initialState } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { chunksAfter } from './chunk.js';
import { Damage } from './damage.js';
import type { Engine, Operation } from './engine.js';
import { firstRetained } from './first-retained.js';
import { foldObservation } from './folded.js';
import { headKey } from './keys.js';
import { sealed, unsealed } from './sealed.js';

/** The head of a Worker, or all that is left of one that was removed. */
export interface HeadRecord {
  readonly head: WorkerHead;
  readonly isTombstone: boolean;
}

const letters = { head: 'h', tombstone: 't' } as const;

export function headPut(workerId: WorkerId, { head, isTombstone }: HeadRecord): Operation {
  const letter = isTombstone ? letters.tombstone : letters.head;
  const key = headKey(workerId);
  return { type: 'put', key, value: sealed(key, letter + JSON.stringify(head)) };
}

/** Throws `Damage`. */
export function headRecordOf(key: string, value: Buffer): HeadRecord {
  const text = unsealed(key, value);
  return { head: JSON.parse(text.slice(1)) as WorkerHead, isTombstone: text.startsWith(letters.tombstone) };
}

/** A head that cannot be read any more, as far as the log still tells it: what it was private of is lost. */
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
