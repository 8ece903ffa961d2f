import * as z from 'zod';

import { WorkerId } from '../../../domain/ids.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { Entry } from './bucket.js';

const revision = z.int().positive();
const hostId = z.string().transform((value) => value as HostId);

/** `settled`: nothing of it is left, and its entries are being removed. */
const memberSchema = z.object({
  state: z.enum(['present', 'left', 'ended', 'settled']),
  leaseMs: z.number().positive(),
});
export type Member = z.output<typeof memberSchema>;

/** `held`: the revision of the entry in the index that was made for it; of who released it, where nobody owns it. */
const claimSchema = z.union([
  z.object({ hostId, held: revision }),
  z.object({ hostId: z.null(), former: hostId, held: revision }),
]);
export type Claim = z.output<typeof claimSchema>;

function parsed<T>(schema: z.ZodType<T>, { key, value }: Entry): T {
  try {
    return schema.parse(JSON.parse(value));
  } catch (cause) {
    throw new Error(`the entry ${key} cannot be read: a later version may have written it`, { cause });
  }
}

export const memberIn = (entry: Entry): Member => parsed(memberSchema, entry);
export const claimIn = (entry: Entry): Claim => parsed(claimSchema, entry);
export const textOf = (value: Member | Claim): string => JSON.stringify(value);

export const workerKey = (workerId: WorkerId): string => `worker.${workerId}`;
export const heldKey = (host: HostId, workerId: WorkerId | '*'): string => `held.${host}.${workerId}`;
export const workerOfHeld = (key: string): WorkerId => WorkerId(key.slice(key.lastIndexOf('.') + 1));

/** What a beat says that will never be followed by another one. */
export const endedBeat = 'ended';
