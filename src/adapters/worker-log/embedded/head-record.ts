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

export const headText = ({ head, isTombstone }: HeadRecord): string =>
  (isTombstone ? letters.tombstone : letters.head) + JSON.stringify(head);

export function headTextPut(workerId: WorkerId, text: string): Operation {
  const key = headKey(workerId);
  return { type: 'put', key, value: sealed(key, text) };
}

export const headPut = (workerId: WorkerId, record: HeadRecord): Operation => headTextPut(workerId, headText(record));

export const headRecordIn = (text: string): HeadRecord => {
  return { head: JSON.parse(text.slice(1)) as WorkerHead, isTombstone: text.startsWith(letters.tombstone) };
};

/** Throws `Damage`. */
export const headRecordOf = (key: string, value: Buffer): HeadRecord => headRecordIn(unsealed(key, value));
