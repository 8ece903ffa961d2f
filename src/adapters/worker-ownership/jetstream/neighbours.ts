import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { Bucket, Entry } from './bucket.js';
import { endedBeat } from './entries.js';
import type { Lease } from './lease.js';
import type { Members } from './members.js';
import { monotonicMs } from './monotonic.js';

/** So many that are heard of are watched by each host. */
const watchedCount = 3;
/** Of its lease: who is silent for so long may be gone, and others are watched in its place. */
const doubtful = 0.7;
/** Of its lease: who is silent for so long is gone, if the engine agrees. */
const gone = 1.2;
/** Of its lease: how much later the next one in the ring tries. */
const step = 1 / 8;

interface Watched {
  revision: number;
  isEnded: boolean;
  /** When it was last heard of, or this host began to listen. */
  heardMs: number;
  isBusy: boolean;
  readonly stop: () => void;
}

interface NeighboursOptions {
  readonly id: HostId;
  readonly leaseMs: number;
  readonly beats: Bucket;
  readonly members: Members;
  readonly lease: Lease;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Watches the leases of the hosts before this one in the ring, and ends one that is silent by comparing revisions: its
 * next renewal fails, or this does. Where those before it are silent, it looks further.
 */
export class Neighbours {
  readonly #of: NeighboursOptions;
  readonly #watched = new Map<HostId, Watched>();
  #isClosed = false;
  #cancel = (): void => undefined;
  readonly #forget: () => void;

  constructor(options: NeighboursOptions) {
    this.#of = options;
    this.#forget = options.members.onChange(() => this.#choose());
    this.#choose();
    this.#tickLater();
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    this.#forget();
    for (const { stop } of this.#watched.values()) stop();
    this.#watched.clear();
  }

  #tickLater(): void {
    if (this.#isClosed) return;
    this.#cancel = this.#of.clock.after(this.#of.leaseMs * step, () => {
      if (this.#of.lease.isFresh) this.#tick();
      this.#tickLater();
    });
  }

  #leaseOf(id: HostId): number {
    return this.#of.members.get(id)?.leaseMs ?? this.#of.leaseMs;
  }

  #choose(): void {
    if (this.#isClosed) return;
    const now = monotonicMs();
    const silent = [...this.#watched].filter(([id, { heardMs }]) => now - heardMs > this.#leaseOf(id) * doubtful);
    const wanted = new Set(this.#of.members.ring.before(this.#of.id, watchedCount + 2 * silent.length));
    for (const [id, { stop }] of this.#watched) {
      if (wanted.has(id)) continue;
      stop();
      this.#watched.delete(id);
    }
    for (const id of wanted) if (!this.#watched.has(id)) this.#watch(id);
  }

  #watch(id: HostId): void {
    const stop = this.#of.beats.watch(id, (entry) => this.#hear(watched, entry));
    const watched: Watched = { revision: 0, isEnded: false, heardMs: monotonicMs(), isBusy: false, stop };
    this.#watched.set(id, watched);
    // Where it cannot be read now it is when it would be ended.
    this.#look(id, watched).catch(() => undefined);
  }

  async #look(id: HostId, watched: Watched): Promise<void> {
    const entry = await this.#of.beats.get(id);
    if (entry) this.#hear(watched, entry);
    else watched.isEnded = true;
  }

  #hear(watched: Watched, { revision, value }: Entry): void {
    if (revision <= watched.revision) return;
    watched.revision = revision;
    watched.isEnded = value === endedBeat;
    watched.heardMs = monotonicMs();
  }

  #tick(): void {
    this.#choose();
    for (const [id, watched] of this.#watched) {
      const leaseMs = this.#leaseOf(id);
      const waitMs = (watched.isEnded ? 0 : leaseMs * gone) + this.#rankBehind(id) * leaseMs * step;
      if (watched.isBusy || monotonicMs() - watched.heardMs < waitMs) continue;
      watched.isBusy = true;
      this.#end(id, watched, leaseMs)
        .catch((cause: unknown) => this.#of.logger.debug('a lease could not be looked at', { hostId: id, cause }))
        .finally(() => (watched.isBusy = false));
    }
  }

  #rankBehind(id: HostId): number {
    const place = this.#of.members.ring.behind(id, watchedCount).indexOf(this.#of.id);
    return place < 0 ? watchedCount : place;
  }

  async #end(id: HostId, watched: Watched, leaseMs: number): Promise<void> {
    const { beats, members, logger } = this.#of;
    if (!watched.isEnded) {
      const result = watched.revision > 0 ? await beats.set(id, endedBeat, watched.revision) : undefined;
      // It is alive, or what it last said is only known from now on.
      if (result?.outcome !== 'set') return this.#look(id, watched);
      watched.isEnded = true;
      logger.warn('a host renews its lease no more: its Workers are others’', { hostId: id });
    }
    await members.depart(id, 'ended', leaseMs);
  }
}
