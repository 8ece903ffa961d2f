import type { WorkerId } from '../../domain/ids.js';
import { restsAtStart } from '../../domain/worker/decide-host.js';
import { canBeRecovered } from '../../domain/worker/state.js';
import type { WorkerState } from '../../domain/worker/state.js';
import type { Clock } from '../../ports/clock.js';
import type { HostId, OwnerDuties, WorkerOwnership } from '../../ports/worker-ownership.js';
import type { Catalog } from '../catalog.js';
import type { Creations } from '../creations.js';
import type { LogReader } from '../log-reader.js';
import type { Mailbox } from '../mailbox.js';
import type { ResolvedOptions } from '../options.js';
import { opened } from '../recovery.js';

/** A signal of its own for each that is read: many are at once, and no signal has so many listeners. */
export const unlinked = (): AbortSignal => new AbortController().signal;

/** Before a Worker that could not be taken or released is tried again; each time twice as long. */
const againMs = 500;

interface HoldingsDependencies {
  readonly options: ResolvedOptions;
  readonly ownership: WorkerOwnership;
  readonly catalog: Catalog;
  readonly creations: Creations;
  readonly reader: LogReader;
}

/** The Workers that this host owns: each is opened when it is taken, and closed when it is somebody else's. */
export class Holdings implements OwnerDuties {
  readonly #dependencies: HoldingsDependencies;
  readonly #onEntered: (hostId: HostId | undefined) => void;
  /** Those that are being taken or opened. */
  readonly #underway = new Map<WorkerId, Promise<void>>();
  /** Workers of creates that have not begun: nothing is in the log yet, and nobody knows them. */
  readonly #reserved = new Set<WorkerId>();
  /** Aborts with the lease under which things were begun, and when the host goes. */
  #lease = new AbortController();
  #hostId: HostId | undefined;
  #isEnding = false;
  #hasLeft = false;

  constructor(dependencies: HoldingsDependencies, onEntered: (hostId: HostId | undefined) => void) {
    this.#dependencies = dependencies;
    this.#onEntered = onEntered;
  }

  get hostId(): HostId | undefined {
    return this.#hostId;
  }

  /** Aborts when what this host owns now is its own no longer. */
  get lease(): AbortSignal {
    return this.#lease.signal;
  }

  /** The Worker of a create that has not begun; the returned function says that it has. */
  reserve(workerId: WorkerId): () => void {
    this.#reserved.add(workerId);
    return () => void this.#reserved.delete(workerId);
  }

  async enter(): Promise<void> {
    this.entered(await this.#dependencies.ownership.enter(this));
  }

  entered(hostId: HostId): void {
    if (this.#isEnding) return;
    this.#hostId = hostId;
    this.#lease = new AbortController();
    this.#onEntered(hostId);
  }

  /** Whether it is open here. */
  has(workerId: WorkerId): boolean {
    return this.#dependencies.catalog.get(workerId) !== undefined;
  }

  /** Takes a Worker that nobody owns, if this host may; resolves when it is decided whose it is, and what becomes of it. */
  take(workerId: WorkerId): Promise<void> {
    return this.#once(workerId, () => this.#take(workerId));
  }

  /** Opens a Worker that is this host's and was not opened, or not to the end. */
  open(workerId: WorkerId): Promise<void> {
    return this.#once(workerId, () => this.#open(workerId));
  }

  async orphaned(workerId: WorkerId): Promise<void> {
    await this.#adopt(workerId, 0);
  }

  /** What fails is tried again beside it, as long as the lease lasts: one that cannot be read keeps no place from others. */
  async #adopt(workerId: WorkerId, attempt: number): Promise<void> {
    const { options, ownership } = this.#dependencies;
    const { signal } = this.#lease;
    try {
      await this.take(workerId);
    } catch (cause) {
      if (isOver(signal)) return;
      options.logger.warn('a Worker could not be taken over', { workerId, cause });
      const delayMs = Math.min(againMs * 2 ** attempt, ownership.leaseMs);
      options.clock.after(delayMs, () => {
        if (!isOver(signal)) void this.#adopt(workerId, attempt + 1);
      });
    }
  }

  /** Another host writes a Worker's log. */
  moved(mailbox: Mailbox): void {
    this.#depart(mailbox, this.#endRun(mailbox));
    // Whose it is now the ownership tells.
    void this.orphaned(mailbox.workerId);
  }

  lost(): Promise<void> {
    this.#letGo();
    const { catalog, options } = this.#dependencies;
    options.logger.error('the lease was lost: every Worker of this host is somebody else’s', {
      workers: catalog.size,
    });
    for (const mailbox of catalog.all()) {
      mailbox.lose();
      this.#depart(mailbox, this.#endRun(mailbox));
    }
    return Promise.resolve();
  }

  /** The host goes: nothing more is decided for a Worker here. It is still this host's. */
  async close(mailbox: Mailbox): Promise<void> {
    await mailbox.ask({ type: 'host-closing' });
    await mailbox.ended();
    this.#depart(mailbox, Promise.resolve());
    await mailbox.close();
  }

  /** The same; it is for others to take. */
  async release(mailbox: Mailbox): Promise<void> {
    await this.close(mailbox);
    await this.#release(mailbox.workerId);
  }

  /** Never rejects. What fails is tried again beside it: whose host drains and does not end nobody else would have. */
  async #release(workerId: WorkerId, attempt = 0): Promise<void> {
    const { options, ownership } = this.#dependencies;
    try {
      await ownership.release(workerId);
    } catch (cause) {
      if (this.#hasLeft || this.#hostId === undefined) return;
      options.logger.warn('a Worker could not be released', { workerId, cause });
      options.clock.after(againMs * 2 ** Math.min(attempt, 4), () => void this.#release(workerId, attempt + 1));
    }
  }

  /** Nothing is left of a Worker. Where this fails a few bytes are, at the engine. Never rejects. */
  async forget(workerId: WorkerId): Promise<void> {
    const { options, ownership } = this.#dependencies;
    await ownership.forget(workerId).catch((cause: unknown) => {
      options.logger.warn('an owner could not be removed', { workerId, cause });
    });
  }

  /** Nothing is taken any more. */
  end(): void {
    this.#isEnding = true;
    this.#lease.abort(new Error('the host goes'));
  }

  /** Nobody is answered any more. */
  leave(): void {
    this.#isEnding = true;
    this.#hasLeft = true;
    this.#letGo();
  }

  #letGo(): void {
    this.#hostId = undefined;
    this.#lease.abort(new Error('the lease is over'));
    this.#onEntered(undefined);
  }

  #depart(mailbox: Mailbox, ending: Promise<void>): void {
    this.#dependencies.creations.depart(mailbox);
    this.#dependencies.catalog.depart(mailbox, ending);
  }

  /** What another host can recover is ended when it has: from then on it is fenced (E6), and what is only here ends. */
  async #endRun(mailbox: Mailbox): Promise<void> {
    if (!canBeRecovered(mailbox.state) || (await this.#isRecoveredElsewhere(mailbox))) mailbox.endRun();
  }

  /** Once it is decided; not, where this host goes before. */
  async #isRecoveredElsewhere({ workerId, state: { generation } }: Mailbox): Promise<boolean> {
    const { options, ownership, reader } = this.#dependencies;
    while (!this.#isEnding) {
      await pause(options.clock, ownership.leaseMs);
      const head = await reader.head(workerId, unlinked()).catch(() => 'unread' as const);
      if (!head || (head !== 'unread' && isDecidedElsewhere(head, generation))) return true;
    }
    return false;
  }

  #once(workerId: WorkerId, operation: () => Promise<void>): Promise<void> {
    const known = this.#underway.get(workerId);
    if (known) return known;
    const underway = operation().finally(() => this.#underway.delete(workerId));
    this.#underway.set(workerId, underway);
    return underway;
  }

  async #take(workerId: WorkerId): Promise<void> {
    if (this.has(workerId)) return;
    const { signal } = this.#lease;
    if (signal.aborted) return;
    const { ownership } = this.#dependencies;
    const owner = await ownership.take(workerId);
    if (owner.hostId === this.#hostId) await this.#open(workerId);
    // Taken as the host began to go: it is for others.
    if (this.#isEnding && !this.has(workerId)) await this.#release(workerId);
  }

  async #open(workerId: WorkerId): Promise<void> {
    const { signal } = this.#lease;
    if (isOver(signal) || this.#reserved.has(workerId)) return;
    const { options, ownership, catalog, creations, reader } = this.#dependencies;
    const head = await reader.head(workerId, unlinked());
    if (isOver(signal) || this.has(workerId)) return;
    // A create that came to nothing before anything of it was written.
    if (!head) return await ownership.forget(workerId);
    const found = opened(catalog, options.log, head, restsAtStart(head, { newEpoch: false }));
    creations.remember([found]);
    options.logger.info('took a Worker over', { workerId, status: head.status.status });
    await found.decided;
    // A former owner wrote once more: its log is read again, if the Worker is still this host's.
    if (!isOver(signal) && !this.has(workerId)) await this.#take(workerId);
  }
}

/** Whether it is recovered elsewhere, or known that it never will be. */
const isDecidedElsewhere = ({ generation, status: { status } }: WorkerState, formerly: number): boolean =>
  status === 'stopped' || status === 'failed' || (generation > formerly && status !== 'connecting');

const isOver = ({ aborted }: AbortSignal): boolean => aborted;

export const pause = (clock: Clock, ms: number): Promise<void> =>
  new Promise((resolve) => void clock.after(ms, resolve));
