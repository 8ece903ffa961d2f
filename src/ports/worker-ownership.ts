/**
 * Which host owns which Worker, where several hosts share one log. Only its owner executes a Worker; everybody may read
 * it. Each host keeps a lease with a heartbeat; whose lease is over owns nothing any more. Who decides is the engine that
 * the hosts share: a lease is renewed and ended by comparing revisions, so that exactly one of its holder and of whoever
 * ends it wins. Clocks say only when to ask. What a former owner still tries is fenced by the log (W19) and by the
 * generation at the backend (E6), not here.
 */
import type { Brand, WorkerId } from '../domain/ids.js';

import type { CallContext } from './execution-backend.js';

/** One host between entering and leaving. A host that starts again, or lost its lease, is another one. One word of letters, digits, `_` and `-`. */
export type HostId = Brand<string, 'HostId'>;

export interface Owner {
  /** Absent where the Worker was released and nobody has taken it. */
  readonly hostId?: HostId | undefined;
  /** Whether it may be taken: it was released, or its owner has left or lost its lease. */
  readonly isGone: boolean;
}

/** What a host does for the others. */
export interface OwnerDuties {
  /**
   * A Worker has no owner any more, for its host is gone or has released it: take it, if nobody did. Resolves when that
   * is decided; many are asked at once, the first of them possibly before `enter` has resolved. Asked again, here or on
   * another host, as long as nobody has taken it. MUST NOT reject.
   */
  orphaned(workerId: WorkerId): Promise<void>;
  /**
   * The lease is over: every Worker that was owned is somebody else's. What runs for them has to end now; nothing of it
   * can be written. Once this resolves the host enters again, under another id. MUST NOT reject.
   */
  lost(): Promise<void>;
  /** It has entered again, after `lost`; not called for the first time. MUST NOT throw. */
  entered(hostId: HostId): void;
}

/**
 * Methods reject with an `Error` where the engine does not answer in time, which says nothing of what it did, and those
 * that change something also while this host has no lease. What was under way as the lease ended may have been done.
 */
export interface WorkerOwnership extends AsyncDisposable {
  /** How long a host that says nothing is still taken to own its Workers, in milliseconds. */
  readonly leaseMs: number;

  /**
   * Enters among the hosts and keeps the lease from then on. Called once: a second call is a `TypeError`. Rejects where
   * the engine cannot be used.
   */
  enter(duties: OwnerDuties): Promise<HostId>;

  /** Every host whose lease is not known to be over, this one included while it has one. What has changed is known within a lease. */
  hosts(): readonly HostId[];

  /** Who owns a Worker, or did last; `undefined` for a Worker of which nobody ever was told, or that is forgotten. */
  ownerOf(workerId: WorkerId, call: CallContext): Promise<Owner | undefined>;

  /**
   * Makes this host the owner of a Worker that nobody was told of, that was released or whose owner is gone; of several
   * hosts that try one wins. Answers the owner there is now, which may be this host already.
   */
  take(workerId: WorkerId): Promise<Owner>;

  /** Gives up a Worker of this host's, for others to take: they are told at once. Of another host's it does nothing. */
  release(workerId: WorkerId): Promise<void>;

  /** A Worker of this host's is gone for good: nothing of it is kept here. Of another host's it does nothing. */
  forget(workerId: WorkerId): Promise<void>;

  /**
   * The Workers that a host owns, or did when it went, in no order: what one that does not answer cannot tell. Each is
   * asked for on its own.
   */
  heldBy(hostId: HostId, call: CallContext): AsyncIterable<WorkerId>;

  /**
   * Claims the key of a create for a Worker that this host has taken. Answers the Worker whose key it is: that one, or
   * the one for which it was claimed before, while that one is not forgotten. Kept for 24 h at least. Whether this host
   * has its lease still is not looked at.
   */
  claimKey(key: string, workerId: WorkerId): Promise<WorkerId>;

  /** The key of a create that came to nothing is free again, where it is that Worker's. */
  freeKey(key: string, workerId: WorkerId): Promise<void>;

  /**
   * Leaves: whatever is still owned may be taken at once, and nobody is asked anything any more. Idempotent. Where the
   * engine does not answer it resolves all the same: the lease runs out.
   */
  [Symbol.asyncDispose](): Promise<void>;
}
