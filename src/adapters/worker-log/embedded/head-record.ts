import type { WorkerId } from '../../../domain/ids.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import type { Operation } from './engine.js';
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
