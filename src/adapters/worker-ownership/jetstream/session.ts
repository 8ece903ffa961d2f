import { randomUUID } from 'node:crypto';

import type { WorkerId } from '../../../domain/ids.js';
import type { HostId, Owner } from '../../../ports/worker-ownership.js';
import type { NatsConnection } from '../../nats/index.js';
import { Asks } from './asks.js';
import type { Buckets } from './buckets.js';
import { Claims } from './claims.js';
import { Departures } from './departures.js';
import { Lanes } from './lanes.js';
import { Lease } from './lease.js';
import type { Members } from './members.js';
import { Neighbours } from './neighbours.js';
import type { OwnershipSettings } from './options.js';
import { Released } from './released.js';

interface SessionOptions extends OwnershipSettings {
  readonly connection: NatsConnection;
  readonly buckets: Buckets;
  readonly members: Members;
  readonly orphaned: (workerId: WorkerId) => Promise<void>;
  /** Called once, when the lease is over without having been given up. */
  readonly lost: (session: Session) => void;
}

/** This host between entering and leaving, or losing its lease. */
export class Session {
  readonly id: HostId;
  readonly #members: Members;
  readonly #lease: Lease;
  readonly #lanes = new Lanes();
  readonly #claims: Claims;
  readonly #asks: Asks;
  readonly #ends: (() => void)[];
  readonly #released: Released;

  private constructor(id: HostId, lease: Lease, options: SessionOptions) {
    const { buckets, members, logger, orphaned } = options;
    const asks = new Asks({ orphaned, isValid: () => lease.isValid, logger });
    const { beats, owners } = buckets;
    const parts = { ...options, beats, owners, id, lease, asks };
    this.id = id;
    this.#members = members;
    this.#lease = lease;
    this.#asks = asks;
    this.#claims = new Claims(parts);
    this.#released = new Released(parts);
    const neighbours = new Neighbours(parts);
    const departures = new Departures(parts);
    const unwatch = members.onChange(() => {
      if (members.get(id)?.state !== 'present') lease.endedByOthers();
    });
    this.#ends = [unwatch, () => departures.close(), () => neighbours.close(), () => this.#released.close()];
  }

  /** Rejects where the engine does not answer. */
  static async begin(options: SessionOptions): Promise<Session> {
    const { buckets, members, leaseMs, clock, logger } = options;
    const id = randomUUID() as string as HostId;
    const lease = new Lease({ id, leaseMs, beats: buckets.beats, clock, logger });
    const entered: { session?: Session } = {};
    await lease.begin(() => {
      if (entered.session) options.lost(entered.session);
    });
    try {
      await members.enter(id, leaseMs);
      if (!lease.isValid) throw new Error('the lease was over before this host had entered');
    } catch (cause) {
      lease.close();
      throw cause;
    }
    return (entered.session = new Session(id, lease, options));
  }

  take(workerId: WorkerId): Promise<Owner> {
    return this.#lanes.run(workerId, async () => {
      this.#released.delete(workerId);
      return this.#claims.take(workerId);
    });
  }

  release(workerId: WorkerId): Promise<void> {
    return this.#lanes.run(workerId, async () => {
      const revision = await this.#claims.release(workerId);
      if (revision !== undefined) this.#released.add(workerId, revision);
    });
  }

  forget(workerId: WorkerId): Promise<void> {
    return this.#lanes.run(workerId, () => this.#claims.forget(workerId));
  }

  /** Nothing is asked and nobody is watched any more; the lease goes on. */
  rest(): void {
    this.#asks.close();
    for (const end of this.#ends.splice(0)) end();
  }

  /** Settles when everything that was begun has. */
  idle(): Promise<void> {
    return this.#lanes.idle();
  }

  /** As `rest`, and the lease is given up. */
  close(): void {
    this.rest();
    this.#lease.close();
  }

  /** Says that it is gone, so that whatever it holds is offered. */
  depart(state: 'left' | 'ended', leaseMs: number): Promise<void> {
    return this.#members.depart(this.id, state, leaseMs);
  }
}
