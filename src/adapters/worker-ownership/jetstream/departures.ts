import type { Clock } from '../../../ports/clock.js';
import type { WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { Asks } from './asks.js';
import type { Buckets } from './buckets.js';
import { standingOf } from './claims.js';
import { heldKey, workerOfHeld } from './entries.js';
import { listed } from './listing.js';
import type { ListedKey } from './listing.js';
import type { Members } from './members.js';
import { monotonicMs } from './monotonic.js';

/** So many hosts of the ring see to what one has left. */
const heirCount = 3;
const lookedAtCount = 16;
const step = 1 / 8;
/** Leases that are waited at most before a host that has gone is looked at again. */
const longestPause = 2;

interface DeparturesOptions {
  readonly id: HostId;
  readonly leaseMs: number;
  readonly buckets: Buckets;
  readonly members: Members;
  readonly asks: Asks;
  readonly clock: Clock;
  readonly logger: Logger;
}

const shareOf = (workerId: WorkerId): number => Number.parseInt(workerId.slice(-4), 16) % heirCount;

/** Offers the Workers of hosts that have gone to this one, as long as it is among the next in the ring behind them. */
export class Departures {
  readonly #of: DeparturesOptions;
  readonly #seenTo = new Set<HostId>();
  readonly #forget: () => void;
  #isClosed = false;

  constructor(options: DeparturesOptions) {
    this.#of = options;
    this.#forget = options.members.onChange(() => this.#look());
    this.#look();
  }

  close(): void {
    this.#isClosed = true;
    this.#forget();
  }

  /** How many stand nearer behind it; `undefined` where others see to it, or nothing is left. */
  #rankBehind(gone: HostId): number | undefined {
    const { members, id } = this.#of;
    if (this.#isClosed || (members.get(gone)?.state ?? 'present') === 'present') return undefined;
    const rank = members.ring.behind(gone, heirCount).indexOf(id);
    return rank < 0 ? undefined : rank;
  }

  #look(): void {
    for (const gone of this.#of.members.departed()) {
      if (this.#seenTo.has(gone) || this.#rankBehind(gone) === undefined) continue;
      this.#seenTo.add(gone);
      void this.#seeTo(gone).finally(() => this.#seenTo.delete(gone));
    }
  }

  async #seeTo(gone: HostId): Promise<void> {
    const { leaseMs, logger } = this.#of;
    const sinceMs = monotonicMs();
    await this.#pause((this.#rankBehind(gone) ?? 0) * leaseMs * step);
    for (let pass = 0; ; pass += 1) {
      const rank = this.#rankBehind(gone);
      if (rank === undefined) return;
      // The first takes everything; the others begin with a share each, so as not to follow on its heels.
      const share = pass === 0 && rank > 0 ? rank : undefined;
      try {
        const found = await this.#pass(gone, share);
        // What was on its way when it went has come by then.
        if (found === 0 && share === undefined && monotonicMs() - sinceMs >= leaseMs * (1 + rank * step)) {
          await this.#settle(gone);
          return;
        }
      } catch (cause) {
        logger.debug('what a host has left could not be looked at', { hostId: gone, cause });
      }
      await this.#pause(leaseMs * Math.min(longestPause, step * 2 ** Math.min(pass, 8)));
    }
  }

  /** Answers how many it has found in the index. */
  async #pass(gone: HostId, share: number | undefined): Promise<number> {
    let found = 0;
    const running = new Set<Promise<void>>();
    let failure: { readonly cause: unknown } | undefined;
    const offer = (key: ListedKey): void => {
      const run = this.#offer(gone, key)
        .catch((cause: unknown) => void (failure ??= { cause }))
        .finally(() => running.delete(run));
      running.add(run);
    };
    for await (const keys of listed(this.#of.buckets.owners, heldKey(gone, '*'))) {
      found += keys.length;
      for (const key of keys) {
        if (this.#rankBehind(gone) === undefined) return found;
        if (share !== undefined && shareOf(workerOfHeld(key.key)) !== share) continue;
        offer(key);
        if (running.size >= lookedAtCount) await Promise.race(running);
      }
    }
    await Promise.all(running);
    if (failure) throw failure.cause;
    return found;
  }

  /** Who takes it removes it from the index; what is not there to be taken is removed here. */
  async #offer(gone: HostId, { key, revision }: ListedKey): Promise<void> {
    const { asks, buckets } = this.#of;
    const workerId = workerOfHeld(key);
    const claim = (await standingOf(buckets.owners, workerId))?.claim;
    const isLeft = claim !== undefined && (claim.hostId === gone || (claim.hostId === null && claim.former === gone));
    await (isLeft ? asks.ask(workerId) : buckets.owners.remove(revision));
  }

  async #settle(gone: HostId): Promise<void> {
    const { beats } = this.#of.buckets;
    const beat = await beats.get(gone);
    if (beat) await beats.remove(beat.revision);
    await this.#of.members.settle(gone);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#of.clock.after(ms, resolve));
  }
}
