import type { WorkerId } from '../../../domain/ids.js';
import { abortable } from '../../../ports/abort.js';
import type { CallContext } from '../../../ports/execution-backend.js';
import { systemClock } from '../../../ports/clock.js';
import { nullLogger } from '../../../ports/logger.js';
import type { HostId, Owner, OwnerDuties, WorkerOwnership } from '../../../ports/worker-ownership.js';
import { connectNats, within } from '../../nats/index.js';
import type { LoadNats, NatsConnection } from '../../nats/index.js';
import { openBuckets } from './buckets.js';
import type { Buckets } from './buckets.js';
import { standingOf } from './claims.js';
import { claimKey, freeKey } from './create-keys.js';
import { heldKey, workerOfHeld } from './entries.js';
import { listed } from './listing.js';
import { Members } from './members.js';
import type { JetStreamOwnershipOptions, OwnershipSettings } from './options.js';
import { serverErrorOf } from './ownership-server-error.js';
import { Session } from './session.js';

const namePattern = /^[A-Za-z0-9_-]{1,64}$/;
const leastLeaseMs = 500;
/** What is under way when a host leaves, and its word that it has left, have so long each. */
const leaveMs = 3_000;
const firstPauseMs = 250;
const longestPauseMs = 5_000;

interface Opened {
  readonly connection: NatsConnection;
  readonly buckets: Buckets;
  readonly members: Members;
}

class JetStreamOwnership implements WorkerOwnership {
  readonly leaseMs: number;
  readonly #connect: () => Promise<NatsConnection>;
  readonly #isOurs: boolean;
  readonly #settings: OwnershipSettings;
  #duties: OwnerDuties | undefined;
  #opened: Opened | undefined;
  #session: Session | undefined;
  #entering: Promise<unknown> = Promise.resolve();
  #left: Promise<void> | undefined;

  constructor(settings: OwnershipSettings, isOurs: boolean, connect: () => Promise<NatsConnection>) {
    this.leaseMs = settings.leaseMs;
    this.#settings = settings;
    this.#isOurs = isOurs;
    this.#connect = connect;
  }

  async enter(duties: OwnerDuties): Promise<HostId> {
    if (this.#duties || this.#left) throw new TypeError('enter: called once, before it is disposed of');
    this.#duties = duties;
    const entering = this.#enter();
    this.#entering = entering.catch(() => undefined);
    return entering;
  }

  hosts(): readonly HostId[] {
    return [...(this.#opened?.members.ring.hosts ?? [])];
  }

  async ownerOf(workerId: WorkerId, { signal }: CallContext): Promise<Owner | undefined> {
    signal.throwIfAborted();
    const { buckets, members } = this.#there();
    const found = await abortable(standingOf(buckets.owners, workerId), signal);
    if (!found) return undefined;
    const { hostId } = found.claim;
    if (hostId === null) return { isGone: true };
    return { hostId, isGone: await abortable(members.isGone(hostId), signal) };
  }

  async take(workerId: WorkerId): Promise<Owner> {
    return this.#host().take(workerId);
  }

  async release(workerId: WorkerId): Promise<void> {
    return this.#host().release(workerId);
  }

  async forget(workerId: WorkerId): Promise<void> {
    return this.#host().forget(workerId);
  }

  async *heldBy(hostId: HostId, { signal }: CallContext): AsyncGenerator<WorkerId, void, void> {
    signal.throwIfAborted();
    const { owners } = this.#there().buckets;
    const pages = listed(owners, heldKey(hostId, '*'));
    try {
      for (;;) {
        const page = await abortable(pages.next(), signal);
        if (page.done) return;
        for (const workerId of page.value.map(({ key }) => workerOfHeld(key))) {
          // The index names more than what it owns.
          const found = await abortable(standingOf(owners, workerId), signal);
          if (found?.claim.hostId === hostId) yield workerId;
        }
      }
    } finally {
      // It waits for what is under way, for which nobody else has to.
      pages.return().catch(() => undefined);
    }
  }

  async claimKey(key: string, workerId: WorkerId): Promise<WorkerId> {
    return claimKey(this.#there().buckets, key, workerId);
  }

  async freeKey(key: string, workerId: WorkerId): Promise<void> {
    return freeKey(this.#there().buckets, key, workerId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#left ??= this.#leave());
  }

  async #enter(): Promise<HostId> {
    try {
      const connection = await this.#connect();
      try {
        const buckets = await openBuckets(connection, this.#settings);
        const { logger } = this.#settings;
        const members = new Members({ members: buckets.members, logger, lookMs: this.leaseMs });
        this.#opened = { connection, buckets, members };
        await members.open();
        const hostId = await this.#begin(this.#opened);
        logger.info('this host has entered', { hostId });
        return hostId;
      } catch (cause) {
        this.#opened?.members.close();
        this.#opened = undefined;
        if (this.#isOurs) await connection.close();
        throw cause;
      }
    } catch (cause) {
      throw serverErrorOf(cause);
    }
  }

  async #begin(opened: Opened): Promise<HostId> {
    const session = await Session.begin({
      ...this.#settings,
      ...opened,
      orphaned: async (workerId) => this.#duties?.orphaned(workerId),
      lost: (lost) => {
        if (!this.#left) this.#entering = this.#enterAgain(opened, lost);
      },
    });
    if (this.#left) {
      await session.depart('left', this.leaseMs);
      session.close();
      throw new Error('this host has left');
    }
    this.#session = session;
    return session.id;
  }

  async #enterAgain(opened: Opened, lost: Session): Promise<void> {
    const { logger, clock } = this.#settings;
    this.#session = undefined;
    lost.close();
    try {
      await this.#duties?.lost();
    } catch (cause) {
      logger.error('what runs without a lease was not ended', { cause });
    }
    // What was on its way may still name the host that it was: whoever takes what that has left finds it then.
    await lost.idle();
    for (let pauseMs = firstPauseMs; !this.#left; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
      try {
        await lost.depart('ended', this.leaseMs);
        const hostId = await this.#begin(opened);
        logger.info('this host has entered again', { hostId });
        this.#duties?.entered(hostId);
        return;
      } catch (cause) {
        logger.warn('this host could not enter again', { cause });
      }
      await new Promise<void>((resolve) => void clock.after(pauseMs, resolve));
    }
  }

  async #leave(): Promise<void> {
    const { clock } = this.#settings;
    const limited = (work: Promise<unknown>): Promise<unknown> =>
      within(clock, leaveMs, work, () => new Error('the engine does not answer')).catch(() => undefined);
    this.#session?.rest();
    await limited(this.#entering);
    const session = this.#session;
    this.#session = undefined;
    if (session) {
      session.rest();
      await limited(session.idle());
      await limited(session.depart('left', this.leaseMs));
      session.close();
    }
    this.#opened?.members.close();
    if (this.#isOurs) await this.#opened?.connection.close();
  }

  #there(): Opened {
    if (!this.#opened || this.#left) throw new Error('this host has not entered, or has left');
    return this.#opened;
  }

  #host(): Session {
    this.#there();
    if (!this.#session) throw new Error('the lease of this host is over: it enters again');
    return this.#session;
  }
}

/**
 * Who owns which Worker, kept on NATS JetStream: a lease for each host, an entry for each Worker, each changed by
 * comparing revisions. `enter` rejects with an `OwnershipServerError` that says what to do. A connection that breaks is
 * made again for ever; a lease survives that where it is renewed in time.
 */
export function jetStreamOwnership(options: JetStreamOwnershipOptions, load?: LoadNats): WorkerOwnership {
  const { name = 'workport', leaseMs = 10_000, replicas, logger = nullLogger, clock = systemClock } = options;
  if (!namePattern.test(name)) throw new TypeError('name: letters, digits, "_" and "-", at most 64');
  if (!(leaseMs >= leastLeaseMs && leaseMs < Infinity)) throw new TypeError(`leaseMs: ${leastLeaseMs} at least`);
  const settings = { name, leaseMs, replicas, logger, clock };
  if ('connection' in options) return new JetStreamOwnership(settings, false, async () => options.connection);
  const connect = () => connectNats({ ...options, name: `${name} ownership`, clock, logger }, load);
  return new JetStreamOwnership(settings, true, connect);
}
