import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { Bucket } from './bucket.js';
import { monotonicMs } from './monotonic.js';

interface LeaseOptions {
  readonly id: HostId;
  readonly leaseMs: number;
  readonly beats: Bucket;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** This host's own lease: it lasts from before its last renewal was sent, by the host's own clock. */
export class Lease {
  readonly #of: LeaseOptions;
  #count = 1;
  #revision = 0;
  #renewedMs = 0;
  #isOver = false;
  #lost = (): void => undefined;
  #cancels: (() => void)[] = [];

  constructor(options: LeaseOptions) {
    this.#of = options;
  }

  /** `lost` is called once, when the lease is over without having been given up. Rejects where the engine does not answer. */
  async begin(lost: () => void): Promise<void> {
    const { beats, id } = this.#of;
    const sentMs = monotonicMs();
    const result = await beats.set(id, '1', 0, this.#patience);
    if (result.outcome === 'conflict') throw new Error('the id of this host is in use');
    this.#lost = lost;
    this.#renewed(sentMs, result.revision);
  }

  /** Finds out on the way that it is over. */
  get isValid(): boolean {
    if (!this.#isOver && monotonicMs() >= this.#renewedMs + this.#of.leaseMs) this.#end('it was not renewed in time');
    return !this.#isOver;
  }

  /** Whether the engine has answered of late: who has not heard of it knows nothing of others. */
  get isFresh(): boolean {
    return this.isValid && monotonicMs() < this.#renewedMs + this.#of.leaseMs * 0.6;
  }

  /** Somebody has ended it. */
  endedByOthers(): void {
    this.#end('another host has ended it');
  }

  /** Given up: nobody is told. */
  close(): void {
    this.#isOver = true;
    for (const cancel of this.#cancels) cancel();
  }

  get #patience() {
    const { leaseMs } = this.#of;
    return { ms: leaseMs, tryMs: Math.min(2_000, leaseMs / 4) };
  }

  #end(reason: string): void {
    if (this.#isOver) return;
    this.close();
    this.#of.logger.error('the lease of this host is over', { hostId: this.#of.id, reason });
    this.#lost();
  }

  #renewed(sentMs: number, revision: number): void {
    this.#renewedMs = sentMs;
    this.#revision = revision;
    if (this.#isOver) return;
    const { clock, leaseMs } = this.#of;
    const goneMs = monotonicMs() - sentMs;
    for (const cancel of this.#cancels) cancel();
    this.#cancels = [
      clock.after(Math.max(0, leaseMs / 3 - goneMs), () => void this.#renew()),
      clock.after(Math.max(0, leaseMs - goneMs), () => this.#check()),
    ];
  }

  /** A timer may come a little early. */
  #check(): void {
    if (this.isValid) this.#cancels.push(this.#of.clock.after(10, () => this.#check()));
  }

  async #renew(): Promise<void> {
    if (!this.isValid) return;
    const { beats, id, logger } = this.#of;
    const sentMs = monotonicMs();
    try {
      const result = await beats.set(id, String(this.#count + 1), this.#revision, this.#patience);
      this.#count += 1;
      if (result.outcome === 'conflict') this.#end('another host has ended it');
      else this.#renewed(sentMs, result.revision);
    } catch (cause) {
      logger.warn('the lease of this host could not be renewed', { cause });
      if (!this.#isOver) this.#cancels.push(this.#of.clock.after(100, () => void this.#renew()));
    }
  }
}
