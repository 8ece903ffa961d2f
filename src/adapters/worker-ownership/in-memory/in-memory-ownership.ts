import type { WorkerId } from '../../../domain/ids.js';
import { abortable } from '../../../ports/abort.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import type { HostId, Owner, OwnerDuties, WorkerOwnership } from '../../../ports/worker-ownership.js';
import { Engine } from './engine.js';

export interface InMemoryOwnershipsOptions {
  /** 10,000. */
  readonly leaseMs?: number | undefined;
  readonly clock?: Clock | undefined;
}

/** What one host of several in one process sees, with ways to trouble it. */
export interface InMemoryOwnership extends WorkerOwnership {
  /** Takes it apart from all others: whatever it asks is rejected, and it is asked nothing. */
  cut(): void;
  join(): void;
  /** Stops it, as a process is stopped: what it asks waits, and so do its timers. */
  pause(): void;
  resume(): void;
  /** As if another host had ended its lease. */
  endLease(): void;
}

class Host implements InMemoryOwnership {
  readonly leaseMs: number;
  readonly #engine: Engine;
  readonly #clock: Clock;
  readonly #waiting: (() => void)[] = [];
  #cancels: (() => void)[] = [];
  #duties: OwnerDuties | undefined;
  #id: HostId | undefined;
  /** As it was when it was cut off. */
  #seen: readonly HostId[] | undefined;
  #renewedAt = 0;
  #isPaused = false;
  #isEntering = false;
  #hasLeft = false;

  constructor(engine: Engine, clock: Clock) {
    this.leaseMs = engine.leaseMs;
    this.#engine = engine;
    this.#clock = clock;
  }

  async enter(duties: OwnerDuties): Promise<HostId> {
    if (this.#duties || this.#hasLeft) throw new TypeError('enter: called once, before it is disposed of');
    await this.#reach();
    this.#duties = duties;
    return this.#begin();
  }

  hosts(): readonly HostId[] {
    return this.#seen ?? [...this.#engine.hosts.keys()];
  }

  async ownerOf(workerId: WorkerId, { signal }: CallContext): Promise<Owner | undefined> {
    signal.throwIfAborted();
    await abortable(this.#reach(), signal);
    const claim = this.#engine.owners.get(workerId);
    return claim && this.#ownerIn(claim.hostId);
  }

  async take(workerId: WorkerId): Promise<Owner> {
    const id = await this.#own();
    const { owners } = this.#engine;
    const claim = owners.get(workerId);
    if (claim?.hostId !== undefined && !this.#engine.isGone(claim.hostId)) return this.#ownerIn(claim.hostId);
    owners.set(workerId, { hostId: id });
    return this.#ownerIn(id);
  }

  async release(workerId: WorkerId): Promise<void> {
    const id = await this.#own();
    if (this.#engine.owners.get(workerId)?.hostId !== id) return;
    this.#engine.owners.set(workerId, { former: id });
    this.#engine.offer(workerId);
  }

  async forget(workerId: WorkerId): Promise<void> {
    const id = await this.#own();
    if (this.#engine.owners.get(workerId)?.hostId === id) this.#engine.owners.delete(workerId);
  }

  async *heldBy(hostId: HostId, { signal }: CallContext): AsyncGenerator<WorkerId, void, void> {
    signal.throwIfAborted();
    await abortable(this.#reach(), signal);
    for (const [workerId, claim] of [...this.#engine.owners]) if (claim.hostId === hostId) yield workerId;
  }

  async claimKey(key: string, workerId: WorkerId): Promise<WorkerId> {
    await this.#reach();
    const claimed = this.#engine.keys.get(key);
    if (claimed !== undefined && this.#engine.owners.has(claimed)) return claimed;
    this.#engine.keys.set(key, workerId);
    return workerId;
  }

  async freeKey(key: string, workerId: WorkerId): Promise<void> {
    await this.#reach();
    if (this.#engine.keys.get(key) === workerId) this.#engine.keys.delete(key);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#hasLeft) return;
    this.#hasLeft = true;
    this.#stop();
    for (const go of this.#waiting.splice(0)) go();
    const id = this.#id;
    this.#id = undefined;
    if (id !== undefined && !this.#seen) this.#engine.end(id);
  }

  cut(): void {
    this.#seen ??= this.hosts();
  }

  join(): void {
    this.#seen = undefined;
    this.#renew();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    for (const go of this.#waiting.splice(0)) go();
    this.#renew();
  }

  endLease(): void {
    if (this.#id !== undefined) this.#engine.end(this.#id);
  }

  #ownerIn(hostId: HostId | undefined): Owner {
    return hostId === undefined ? { isGone: true } : { hostId, isGone: this.#engine.isGone(hostId) };
  }

  #begin(): HostId {
    const id = (this.#id = this.#engine.newId());
    // A lease that was lost while nobody could end it is not renewed by the one that comes after it.
    const renewedAt = () => (this.#id === id ? this.#renewedAt : -Infinity);
    const isThere = () => this.#id === id && !this.#isPaused && this.#seen === undefined;
    this.#engine.hosts.set(id, {
      id,
      get renewedAt() {
        return renewedAt();
      },
      get isThere() {
        return isThere();
      },
      orphaned: async (workerId) => this.#duties?.orphaned(workerId),
      ended: () => this.#going(() => this.#renew()),
    });
    this.#renewedAt = this.#clock.now();
    this.#renew();
    return id;
  }

  /** Renews its lease, if it may, looks at those of the others, and comes again. */
  #renew(): void {
    const id = this.#id;
    if (id === undefined || this.#hasLeft) {
      if (this.#isEntering) this.#enterAgain();
      return;
    }
    const now = this.#clock.now();
    const isEnded = this.#seen === undefined && this.#engine.isGone(id);
    if (isEnded || now - this.#renewedAt >= this.leaseMs) {
      void this.#lose(id);
      return;
    }
    if (this.#seen === undefined) {
      this.#renewedAt = now;
      this.#engine.endLeases(now);
      this.#engine.offerAll();
    }
    this.#stop();
    this.#after(this.leaseMs / 3);
    this.#after(this.#renewedAt + this.leaseMs - now);
  }

  async #lose(id: HostId): Promise<void> {
    this.#id = undefined;
    this.#stop();
    await this.#duties?.lost();
    if (this.#seen === undefined) this.#engine.end(id);
    this.#isEntering = true;
    this.#enterAgain();
  }

  #enterAgain(): void {
    if (this.#hasLeft || this.#seen !== undefined || this.#isPaused) return;
    this.#isEntering = false;
    this.#duties?.entered(this.#begin());
    this.#engine.offerAll();
  }

  #after(ms: number): void {
    this.#cancels.push(this.#clock.after(ms, () => this.#going(() => this.#renew())));
  }

  #stop(): void {
    for (const cancel of this.#cancels.splice(0)) cancel();
  }

  #going(run: () => void): void {
    if (this.#isPaused && !this.#hasLeft) this.#waiting.push(run);
    else run();
  }

  async #reach(): Promise<void> {
    await new Promise<void>((resolve) => this.#going(resolve));
    if (this.#hasLeft) throw new Error('this host has left');
    if (this.#seen !== undefined) throw new Error('the engine does not answer');
  }

  async #own(): Promise<HostId> {
    const id = this.#id;
    await this.#reach();
    if (id === undefined || id !== this.#id || this.#engine.isGone(id))
      throw new Error('the lease of this host is over');
    return id;
  }
}

/** Hosts of one process that share Workers: each call makes one more. For tests of what several hosts do. */
export function inMemoryOwnerships(options: InMemoryOwnershipsOptions = {}): () => InMemoryOwnership {
  const { leaseMs = 10_000, clock = systemClock } = options;
  const engine = new Engine(leaseMs);
  return () => new Host(engine, clock);
}
