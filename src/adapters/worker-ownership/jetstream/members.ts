import type { Logger } from '../../../ports/logger.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { Bucket, Entry } from './bucket.js';
import { memberIn, textOf } from './entries.js';
import type { Member } from './entries.js';
import { Ring } from './ring.js';

/** So many that have gone are looked up at a time. */
const lookCount = 16;
/** Each time that so many looks have passed it is counted whether entries were removed that are still known here. */
const countEvery = 10;

interface Known extends Member {
  readonly revision: number;
}

interface MembersDependencies {
  readonly members: Bucket;
  readonly logger: Logger;
  /** How often it is looked whether a change was missed. */
  readonly lookMs: number;
}

/** Which hosts are there, and which have gone and left something: a copy that is told of changes, and looks for more. */
export class Members {
  readonly ring = new Ring();
  readonly #of: MembersDependencies;
  readonly #known = new Map<HostId, Known>();
  readonly #changed = new Set<() => void>();
  readonly #ends: (() => void)[] = [];
  /** Everything up to it was looked at. */
  #revision = 0;
  #looking: Promise<void> | undefined;
  #looks = 0;
  #cancel = (): void => undefined;
  #isClosed = false;

  constructor(dependencies: MembersDependencies) {
    this.#of = dependencies;
  }

  /** Rejects where the engine does not answer. */
  async open(): Promise<void> {
    const { members } = this.#of;
    this.#ends.push(
      members.watch('*', (entry) => this.#hear(entry)),
      members.connection.onReconnected(() => {
        this.#looks = 0;
        this.#look();
      }),
    );
    await this.#catchUp();
    this.#lookLater();
  }

  /** The returned function ends it. */
  onChange(run: () => void): () => void {
    this.#changed.add(run);
    return () => this.#changed.delete(run);
  }

  get(id: HostId): Known | undefined {
    return this.#known.get(id);
  }

  /** Those that have left or whose lease is over, until nothing is left of them. */
  departed(): readonly HostId[] {
    return [...this.#known].filter(([, { state }]) => state !== 'present').map(([id]) => id);
  }

  /** Whether it owns nothing any more. Where it is not known here it is looked up. */
  async isGone(id: HostId): Promise<boolean> {
    const known = this.#known.get(id) ?? (await this.#lookUp(id));
    return known?.state !== 'present';
  }

  async enter(id: HostId, leaseMs: number): Promise<void> {
    const state = 'present';
    const result = await this.#of.members.set(id, textOf({ state, leaseMs }), 0);
    if (result.outcome === 'conflict') throw new Error('the id of this host is in use');
    this.#learnOf(id, { state, leaseMs, revision: result.revision });
  }

  /** Says that a host has gone, which whoever says it knows for sure. Of one that is known to have gone it does nothing. */
  async depart(id: HostId, state: 'left' | 'ended', leaseMs: number): Promise<void> {
    for (;;) {
      const found = await this.#lookUp(id);
      if (found && found.state !== 'present') return;
      const member: Member = { state, leaseMs };
      const result = await this.#of.members.set(id, textOf(member), found?.revision ?? 0);
      if (result.outcome === 'conflict') continue;
      this.#learnOf(id, { ...member, revision: result.revision });
      return;
    }
  }

  /** Nothing of a host that has gone is left: it is said to all, and its entry is removed. */
  async settle(id: HostId): Promise<void> {
    const known = this.#known.get(id);
    if (!known || known.state === 'present') return;
    const state = 'settled';
    const { leaseMs } = known;
    const result = await this.#of.members.set(id, textOf({ state, leaseMs }), known.revision);
    if (result.outcome === 'conflict') {
      await this.#lookUp(id);
      return;
    }
    this.#learnOf(id, { state, leaseMs, revision: result.revision });
    await this.#of.members.remove(result.revision);
  }

  close(): void {
    this.#isClosed = true;
    this.#cancel();
    for (const end of this.#ends) end();
    this.#changed.clear();
  }

  #lookLater(): void {
    if (this.#isClosed) return;
    this.#cancel();
    this.#cancel = this.#of.members.clock.after(this.#of.lookMs, () => this.#look());
  }

  #look(): void {
    this.#looking ??= this.#catchUp()
      .catch((cause: unknown) => this.#of.logger.debug('the hosts cannot be looked at', { cause }))
      .finally(() => {
        this.#looking = undefined;
        this.#lookLater();
      });
  }

  async #catchUp(): Promise<void> {
    this.#revision = Math.max(await this.#learnFrom(this.#revision + 1), this.#revision);
    // Entries that are removed tell nobody: whoever missed what was said before looks for them.
    for (const id of this.departed().slice(0, lookCount)) await this.#lookUp(id);
    const isCounted = this.#looks % countEvery === 0;
    if (isCounted && (await this.#of.members.count()) !== this.#known.size) await this.#compare();
    this.#looks += 1;
  }

  /** Answers up to which revision there is nothing more to learn. */
  async #learnFrom(first: number, seen?: Set<HostId>): Promise<number> {
    for (let revision = first - 1; ;) {
      const entry = await this.#of.members.next(revision + 1);
      if (!entry || this.#isClosed) return revision;
      this.#learn(entry);
      seen?.add(entry.key as HostId);
      revision = entry.revision;
    }
  }

  async #compare(): Promise<void> {
    const seen = new Set<HostId>();
    await this.#learnFrom(1, seen);
    for (const id of [...this.#known.keys()]) if (!seen.has(id)) await this.#lookUp(id);
  }

  async #lookUp(id: HostId): Promise<Known | undefined> {
    const entry = await this.#of.members.get(id);
    if (entry) this.#learn(entry);
    else this.#drop(id);
    return this.#known.get(id);
  }

  /** What follows what is known need not be looked at. */
  #hear(entry: Entry): void {
    if (entry.revision === this.#revision + 1) this.#revision = entry.revision;
    this.#learn(entry);
  }

  #learn(entry: Entry): void {
    try {
      this.#learnOf(entry.key as HostId, { ...memberIn(entry), revision: entry.revision });
    } catch (cause) {
      this.#of.logger.error('what is said of a host cannot be read', { hostId: entry.key, cause });
    }
  }

  #learnOf(id: HostId, member: Known): void {
    const known = this.#known.get(id);
    if (this.#isClosed || (known && known.revision >= member.revision)) return;
    if (member.state === 'settled') {
      this.#drop(id);
      return;
    }
    this.#known.set(id, member);
    if (member.state === 'present') this.ring.add(id);
    else this.ring.remove(id);
    this.#tell();
  }

  #drop(id: HostId): void {
    if (!this.#known.delete(id)) return;
    this.ring.remove(id);
    this.#tell();
  }

  #tell(): void {
    for (const run of [...this.#changed]) run();
  }
}
