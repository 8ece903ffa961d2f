import type { Clock } from '../../../ports/clock.js';
import { isUuid, WorkerId } from '../../../domain/ids.js';
import type { HostId } from '../../../ports/worker-ownership.js';
import type { NatsConnection } from '../../nats/index.js';
import type { Asks } from './asks.js';
import type { Bucket } from './bucket.js';
import { workerKey } from './entries.js';
import type { Members } from './members.js';

const toldMs = 2_000;
/** So many hosts are tried at a time. */
const toldCount = 3;
const againCount = 64;
const yes = 'yes';
const no = 'no';

interface ReleasedOptions {
  readonly id: HostId;
  readonly name: string;
  readonly leaseMs: number;
  readonly connection: NatsConnection;
  readonly owners: Bucket;
  readonly members: Members;
  readonly asks: Asks;
  readonly clock: Clock;
}

const textIn = (data: Uint8Array): string => new TextDecoder().decode(data);

/**
 * Tells one other host at once of each Worker that this one releases, and of those that others release. As long as
 * nobody has taken one, another host is told; what is left when this host goes is found in the index.
 */
export class Released {
  readonly #of: ReleasedOptions;
  /** The revision at which nobody owns it. */
  readonly #pending = new Map<WorkerId, number>();
  readonly #unsubscribe: () => void;
  #cancel: (() => void) | undefined;
  #isClosed = false;

  constructor(options: ReleasedOptions) {
    this.#of = options;
    const { connection, id } = options;
    this.#unsubscribe = connection.subscribe(this.#subjectOf(id), ({ data, reply }) => {
      const workerId = textIn(data);
      const isTaken = isUuid(workerId) && !options.asks.isFull;
      if (reply !== '') connection.publish(reply, isTaken ? yes : no);
      if (isTaken) void options.asks.ask(WorkerId(workerId));
    });
  }

  add(workerId: WorkerId, revision: number): void {
    if (this.#isClosed) return;
    this.#pending.set(workerId, revision);
    void this.#tell(workerId);
    this.#again();
  }

  delete(workerId: WorkerId): void {
    this.#pending.delete(workerId);
  }

  close(): void {
    this.#isClosed = true;
    this.#unsubscribe();
    this.#cancel?.();
  }

  #subjectOf(id: HostId): string {
    return `${this.#of.name}.orphan.${id}`;
  }

  async #tell(workerId: WorkerId): Promise<void> {
    const { members, id, connection } = this.#of;
    const others = members.ring.hosts.filter((host) => host !== id);
    const start = Math.floor(Math.random() * others.length);
    for (let index = 0; index < Math.min(toldCount, others.length); index += 1) {
      const host = others[(start + index) % others.length];
      if (host === undefined || this.#isClosed) return;
      try {
        const { data } = await connection.request(this.#subjectOf(host), workerId, { timeoutMs: toldMs });
        if (textIn(data) === yes) return;
      } catch {
        // Nobody there, or too busy to say so: another one is told.
      }
    }
  }

  #again(): void {
    this.#cancel ??= this.#of.clock.after(this.#of.leaseMs, () => {
      void this.#tellAgain().finally(() => {
        this.#cancel = undefined;
        if (this.#pending.size > 0 && !this.#isClosed) this.#again();
      });
    });
  }

  async #tellAgain(): Promise<void> {
    for (const [workerId, revision] of [...this.#pending].slice(0, againCount)) {
      if (this.#isClosed) return;
      try {
        const entry = await this.#of.owners.get(workerKey(workerId));
        if (this.#pending.get(workerId) !== revision) continue;
        this.#pending.delete(workerId);
        if (entry?.revision !== revision) continue;
        // To the end of the queue.
        this.#pending.set(workerId, revision);
        await this.#tell(workerId);
      } catch {
        return;
      }
    }
  }
}
