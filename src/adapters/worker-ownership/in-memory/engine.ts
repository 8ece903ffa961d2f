import type { WorkerId } from '../../../domain/ids.js';
import type { HostId } from '../../../ports/worker-ownership.js';

/** Of its lease: who is silent for so long is gone. */
const gone = 1.2;

export interface Present {
  readonly id: HostId;
  /** When its lease was renewed last. */
  readonly renewedAt: number;
  /** Whether it can be asked just now. */
  readonly isThere: boolean;
  orphaned(workerId: WorkerId): Promise<void>;
  /** Another host has ended its lease. */
  ended(): void;
}

export interface Claim {
  readonly hostId?: HostId | undefined;
  /** Who released it. */
  readonly former?: HostId | undefined;
}

/** What the hosts of one process share: who is there, and who owns what. */
export class Engine {
  readonly leaseMs: number;
  readonly hosts = new Map<HostId, Present>();
  readonly owners = new Map<WorkerId, Claim>();
  readonly keys = new Map<string, WorkerId>();
  readonly #offered = new Set<WorkerId>();
  #turn = 0;
  #count = 0;

  constructor(leaseMs: number) {
    this.leaseMs = leaseMs;
  }

  newId(): HostId {
    return `host-${(this.#count += 1)}` as HostId;
  }

  isGone(id: HostId): boolean {
    return !this.hosts.has(id);
  }

  /** Ends the leases that were not renewed. */
  endLeases(now: number): void {
    for (const { id, renewedAt } of [...this.hosts.values()]) {
      if (now - renewedAt >= this.leaseMs * gone) this.end(id);
    }
  }

  end(id: HostId): void {
    const host = this.hosts.get(id);
    this.hosts.delete(id);
    host?.ended();
    this.offerAll();
  }

  offerAll(): void {
    for (const [workerId, { hostId }] of this.owners) {
      if (hostId === undefined || this.isGone(hostId)) this.offer(workerId);
    }
  }

  /** Asks one host at a time, each time another one. */
  offer(workerId: WorkerId): void {
    const former = this.owners.get(workerId)?.former;
    const able = [...this.hosts.values()].filter(({ id, isThere }) => isThere && id !== former);
    const host = able[(this.#turn += 1) % Math.max(1, able.length)];
    if (!host || this.#offered.has(workerId)) return;
    this.#offered.add(workerId);
    void host.orphaned(workerId).finally(() => this.#offered.delete(workerId));
  }
}
