import { createHash } from 'node:crypto';

import { WorkerId } from '../../../domain/ids.js';
import type { Buckets } from './buckets.js';
import { workerKey } from './entries.js';

const attempts = 16;

/** A key may be any text; what the engine is told is of one form. */
const digestOf = (key: string): string => createHash('sha256').update(key).digest('hex');

/** Answers whose key it is from now on. */
export async function claimKey({ keys, owners }: Buckets, key: string, workerId: WorkerId): Promise<WorkerId> {
  const digest = digestOf(key);
  for (let attempt = 0; attempt < attempts; attempt += 1) {
    const found = await keys.get(digest);
    if (found) {
      const claimed = WorkerId(found.value);
      if (claimed === workerId || (await owners.get(workerKey(claimed)))) return claimed;
    }
    const result = await keys.set(digest, workerId, found?.revision ?? 0);
    if (result.outcome === 'set') return workerId;
  }
  throw new Error('too many creates want one key');
}

export async function freeKey({ keys }: Buckets, key: string, workerId: WorkerId): Promise<void> {
  const found = await keys.get(digestOf(key));
  if (found && WorkerId(found.value) === workerId) await keys.remove(found.revision);
}
