import type { Json, WorkerId } from '../domain/ids.js';
import { workerView } from '../domain/observation/view.js';
import type { WorkerView } from '../domain/observation/view.js';
import { initialState, isVisible } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import { defaultDeadlines } from './deadlines.js';
import type { Deadlines } from './deadlines.js';
import { EventTurns } from './event-turns.js';
import { ExecutionCalls } from './execution-calls.js';
import type { BoundBackend, CallDependencies } from './execution-calls.js';
import { GuardedBackend } from './guarded-backend.js';
import { GuardedLog } from './guarded-log.js';
import type { LogReader } from './log-reader.js';
import { Mailbox } from './mailbox.js';
import type { MailboxDependencies } from './mailbox-dependencies.js';
import type { Profile, ResolvedOptions } from './options.js';
import type { WorkersQuery } from './placement.js';
import { Retention } from './retention.js';
import type { RetentionDependencies } from './retention.js';
import { Slots } from './slots.js';

/** What is kept of a backend for a Worker's life: names, never values (R6). */
interface Binding {
  readonly profile: string;
  readonly backend: string;
  readonly options: Json;
}

/** Who looks at once whether what an earlier life left is too old to be kept. */
const openingsAtOnce = 4;

export interface CatalogEvents {
  readonly isDraining: () => boolean;
  /** Nothing of a Worker is left, here or in the log. */
  readonly gone?: (workerId: WorkerId) => void;
  /** Another host writes the log of a Worker that is here: what runs for it has to end. At once where this is absent. */
  readonly moved?: (mailbox: Mailbox) => void;
}

/** All Workers of one Runtime, by id, and what is left of those that are gone. */
export class Catalog {
  readonly #options: ResolvedOptions;
  /** What every mailbox shares. */
  readonly #dependencies: MailboxDependencies;
  readonly #calls: CallDependencies;
  readonly #retention: RetentionDependencies;
  /** By the backend that is asked: one that hangs delays nobody of another. */
  readonly #slots = new Map<string, Pick<BoundBackend, 'recoveries' | 'endings'>>();
  readonly #mailboxes = new Map<WorkerId, Mailbox>();
  /** The ids, ascending: what a list is read from, page by page. */
  readonly #ids: WorkerId[] = [];
  /** Tombstones: what they owe goes on, nobody sees them. */
  readonly #remains = new Map<WorkerId, Mailbox>();
  /** Of Workers that are not here any more, as long as what they ran is being ended. */
  readonly #departing = new Set<Mailbox>();
  readonly #events: CatalogEvents;

  constructor(options: ResolvedOptions, reader: LogReader, events: CatalogEvents) {
    this.#events = events;
    this.#options = options;
    const { log, clock, logger, limits } = options;
    this.#dependencies = {
      log: new GuardedLog({ log, clock, logger, appendMs: limits.appendMs }),
      clock,
      logger,
      isDraining: events.isDraining,
      joinMs: (profile) => this.deadlinesOf(profile).dispatchMs,
      onRemoved: (workerId, remains) => this.#onRemoved(workerId, remains),
      onMoved: (workerId) => this.#onMoved(workerId),
    };
    this.#calls = { clock, logger, limits, turns: new EventTurns(), bound: this.#bound };
    this.#retention = { reader, limits, logger, clock, openings: new Slots(openingsAtOnce) };
  }

  /** How many Workers there are, those on their way included. */
  get size(): number {
    return this.#mailboxes.size;
  }

  /** Every mailbox, those of Workers that are gone included. */
  all(): readonly Mailbox[] {
    return [...this.#mailboxes.values(), ...this.#remains.values()];
  }

  /** The same, and those of Workers that left for other hosts. */
  everyMailbox(): readonly Mailbox[] {
    return [...this.all(), ...this.#departing];
  }

  /** The Workers whose ids come after `after`, ascending. */
  *#after(after: WorkerId | undefined): Generator<Mailbox, void, void> {
    for (let index = after === undefined ? 0 : this.#placeAfter(after); index < this.#ids.length; index += 1) {
      const mailbox = this.#mailboxes.get(this.#ids[index] as WorkerId);
      if (mailbox) yield mailbox;
    }
  }

  /** At most `most` Workers that this principal may know of, ascending. */
  list(
    { after, status }: Pick<WorkersQuery, 'after' | 'status'>,
    most: number,
    principal: Principal | undefined,
  ): readonly WorkerView[] {
    const found: WorkerView[] = [];
    for (const { state } of this.#after(after)) {
      if (found.length === most) break;
      if (!existsFor(state, principal) || (status && state.status.status !== status)) continue;
      found.push(workerView(state, this.#options.runtimeId));
    }
    return found;
  }

  /** A Worker that this principal may know of (B4). */
  find(workerId: WorkerId, principal: Principal | undefined): Mailbox | undefined {
    const mailbox = this.#mailboxes.get(workerId);
    return mailbox && existsFor(mailbox.state, principal) ? mailbox : undefined;
  }

  get(workerId: WorkerId): Mailbox | undefined {
    return this.#mailboxes.get(workerId) ?? this.#remains.get(workerId);
  }

  /** A mailbox for a new Worker, or for one whose head was found in the log. */
  open(state: WorkerState | WorkerId): Mailbox {
    const from = typeof state === 'string' ? initialState(state) : state;
    const mailbox = new Mailbox(from, this.#dependencies, {
      calls: (owner) => new ExecutionCalls(owner, this.#calls),
      retention: new Retention(from.sequence, this.#retention),
    });
    if (from.status.status === 'failed') this.#remains.set(from.workerId, mailbox);
    else this.#add(from.workerId, mailbox);
    return mailbox;
  }

  /** Its Worker is not here any more. It is closed when what it ran was told to end, which is not before `ending`. */
  depart(mailbox: Mailbox, ending: Promise<void>): void {
    const { workerId } = mailbox;
    if (this.get(workerId) === mailbox) {
      this.forget(workerId);
      this.#remains.delete(workerId);
    }
    this.#departing.add(mailbox);
    void ending
      .then(() => mailbox.ended())
      .then(() => mailbox.close())
      .then(() => this.#departing.delete(mailbox));
  }

  /** One of which nothing was ever written. */
  forget(workerId: WorkerId): void {
    if (this.#mailboxes.delete(workerId)) this.#ids.splice(this.#placeAfter(workerId) - 1, 1);
  }

  /** The deadlines of a profile; the usual ones where it is not configured any more. */
  deadlinesOf(profile: string): Deadlines {
    return this.#options.profiles.get(profile)?.deadlines ?? defaultDeadlines;
  }

  bindingOf({ name, backend, options }: Profile): Json {
    return backend ? { profile: name, backend: backend.id, options } : null;
  }

  canRecover(state: WorkerState): boolean {
    return this.#bound(state.binding) !== undefined;
  }

  #add(workerId: WorkerId, mailbox: Mailbox): void {
    this.#mailboxes.set(workerId, mailbox);
    this.#ids.splice(this.#placeAfter(workerId), 0, workerId);
  }

  #onRemoved(workerId: WorkerId, remains: boolean): void {
    const mailbox = this.get(workerId);
    this.forget(workerId);
    if (remains && mailbox) return void this.#remains.set(workerId, mailbox);
    this.#remains.delete(workerId);
    this.#events.gone?.(workerId);
  }

  #onMoved(workerId: WorkerId): void {
    const mailbox = this.get(workerId);
    if (!mailbox) return;
    if (this.#events.moved) this.#events.moved(mailbox);
    else mailbox.endRun();
  }

  /** The index of the first id after that one. */
  #placeAfter(workerId: WorkerId): number {
    let [low, high] = [0, this.#ids.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#ids[middle] as WorkerId) <= workerId) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** The backend of a binding, where this host still offers it. */
  readonly #bound = (binding: Json): BoundBackend | undefined => {
    if (binding === null) return undefined;
    const { profile: name, backend: id, options } = binding as unknown as Binding;
    const profile = this.#options.profiles.get(name);
    if (profile?.backend?.id !== id) return undefined;
    const { clock, logger } = this.#options;
    const backend = new GuardedBackend(profile.backend, { clock, logger, deadlines: profile.deadlines });
    return { backend, profile: { name, options }, ...this.#slotsOf(id) };
  };

  #slotsOf(backend: string): Pick<BoundBackend, 'recoveries' | 'endings'> {
    const known = this.#slots.get(backend);
    if (known) return known;
    const { concurrentRecoveries } = this.#options.limits;
    const slots = { recoveries: new Slots(concurrentRecoveries), endings: new Slots(concurrentRecoveries) };
    this.#slots.set(backend, slots);
    return slots;
  }
}

/** Whether a Worker exists for somebody: it is visible, and no filter hides it. */
export function existsFor(state: WorkerState, principal: Principal | undefined): boolean {
  if (!isVisible(state)) return false;
  if (!principal) return true;
  if (principal.own && state.creator !== principal.id) return false;
  return offers(principal, state.profile);
}

export const offers = (principal: Principal | undefined, profile: string): boolean =>
  principal?.profiles === undefined || principal.profiles.includes(profile);
