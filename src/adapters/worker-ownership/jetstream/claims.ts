import type { WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';
import type { HostId, Owner } from '../../../ports/worker-ownership.js';
import type { Bucket } from './bucket.js';
import { claimIn, heldKey, textOf, workerKey } from './entries.js';
import type { Claim } from './entries.js';
import type { Lease } from './lease.js';
import type { Members } from './members.js';

/** Others that take, release or leave meanwhile; more of them are no accident. */
const attempts = 16;

interface Standing {
  readonly claim: Claim;
  readonly revision: number;
}

interface ClaimsOptions {
  readonly id: HostId;
  readonly owners: Bucket;
  readonly members: Members;
  readonly lease: Lease;
  readonly logger: Logger;
}

export async function standingOf(owners: Bucket, workerId: WorkerId): Promise<Standing | undefined> {
  const entry = await owners.get(workerKey(workerId));
  return entry && { claim: claimIn(entry), revision: entry.revision };
}

/** What one host owns. Each Worker's entry is changed by comparing revisions; the index is written before, removed after. */
export class Claims {
  readonly #of: ClaimsOptions;

  constructor(options: ClaimsOptions) {
    this.#of = options;
  }

  async take(workerId: WorkerId): Promise<Owner> {
    const { id, owners, members } = this.#of;
    let held: number | undefined;
    for (let attempt = 0; attempt < attempts; attempt += 1) {
      this.#checkLease();
      const found = await standingOf(owners, workerId);
      const owner = found?.claim.hostId ?? undefined;
      if (owner !== undefined && owner !== id && !(await members.isGone(owner))) {
        if (held !== undefined) this.#clear(held);
        return { hostId: owner, isGone: false };
      }
      if (owner !== id) {
        held ??= await owners.put(heldKey(id, workerId), '');
        this.#checkLease();
        const result = await owners.set(workerKey(workerId), textOf({ hostId: id, held }), found?.revision ?? 0);
        if (result.outcome === 'conflict') continue;
        if (found && found.claim.held !== held) this.#clear(found.claim.held);
      }
      this.#checkLease();
      return { hostId: id, isGone: false };
    }
    throw new Error('too many hosts want one Worker');
  }

  /** Answers the revision at which nobody owns it; `undefined` where it was not this host's. */
  async release(workerId: WorkerId): Promise<number | undefined> {
    const { id, owners } = this.#of;
    const found = await standingOf(owners, workerId);
    if (found?.claim.hostId !== id) return undefined;
    const { held } = found.claim;
    const result = await owners.set(workerKey(workerId), textOf({ hostId: null, former: id, held }), found.revision);
    return result.outcome === 'set' ? result.revision : undefined;
  }

  async forget(workerId: WorkerId): Promise<void> {
    const { id, owners } = this.#of;
    const found = await standingOf(owners, workerId);
    if (found?.claim.hostId !== id) return;
    await owners.remove(found.revision);
    this.#clear(found.claim.held);
  }

  /** What the lease has let others do cannot be told any more. */
  #checkLease(): void {
    if (!this.#of.lease.isValid) throw new Error('the lease of this host is over');
  }

  /** What stays in the index by accident is removed when its host has gone. */
  #clear(held: number): void {
    this.#of.owners
      .remove(held)
      .catch((cause: unknown) => this.#of.logger.debug('the index of owners could not be cleared', { cause }));
  }
}
