import type { Json, WorkerId } from '../domain/ids.js';
import { initialState, isVisible } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import { defaultDeadlines } from './deadlines.js';
import type { Deadlines } from './deadlines.js';
import { ExecutionCalls } from './execution-calls.js';
import type { BoundBackend } from './execution-calls.js';
import { GuardedBackend } from './guarded-backend.js';
import { GuardedLog } from './guarded-log.js';
import { Mailbox } from './mailbox.js';
import type { Profile, ResolvedOptions } from './options.js';
import { Retention } from './retention.js';

/** What is kept of a backend for a Worker's life: names, never values (R6). */
interface Binding {
  readonly profile: string;
  readonly backend: string;
  readonly options: Json;
}

/** All Workers of one Runtime, by id, in the order of their creation. */
export class Catalog {
  readonly #options: ResolvedOptions;
  readonly #isDraining: () => boolean;
  readonly #log: GuardedLog;
  readonly #mailboxes = new Map<WorkerId, Mailbox>();

  constructor(options: ResolvedOptions, isDraining: () => boolean) {
    this.#options = options;
    this.#isDraining = isDraining;
    const { log, clock, logger, limits } = options;
    this.#log = new GuardedLog({ log, clock, logger, appendMs: limits.appendMs });
  }

  get size(): number {
    return this.#mailboxes.size;
  }

  all(): IterableIterator<Mailbox> {
    return this.#mailboxes.values();
  }

  /** A Worker that this principal may know of (B4). */
  find(workerId: WorkerId, principal: Principal | undefined): Mailbox | undefined {
    const mailbox = this.#mailboxes.get(workerId);
    return mailbox && existsFor(mailbox.state, principal) ? mailbox : undefined;
  }

  get(workerId: WorkerId): Mailbox | undefined {
    return this.#mailboxes.get(workerId);
  }

  /** A mailbox for a new Worker, or for one whose head was found in the log. */
  open(state: WorkerState | WorkerId): Mailbox {
    const from = typeof state === 'string' ? initialState(state) : state;
    const { clock, logger, limits, log } = this.#options;
    const mailbox = new Mailbox(
      from,
      {
        log: this.#log,
        clock,
        logger,
        isDraining: this.#isDraining,
        onRemoved: (workerId, remains) => {
          if (!remains) this.#mailboxes.delete(workerId);
        },
      },
      {
        calls: (owner) => new ExecutionCalls(owner, { clock, logger, limits, bound: this.#bound }),
        retention: new Retention(from.sequence, { log, limits, logger }),
      },
    );
    this.#mailboxes.set(from.workerId, mailbox);
    return mailbox;
  }

  forget(workerId: WorkerId): void {
    this.#mailboxes.delete(workerId);
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

  /** The backend of a binding, where this host still offers it. */
  readonly #bound = (binding: Json): BoundBackend | undefined => {
    if (binding === null) return undefined;
    const { profile: name, backend: id, options } = binding as unknown as Binding;
    const profile = this.#options.profiles.get(name);
    if (profile?.backend?.id !== id) return undefined;
    const { clock, logger } = this.#options;
    const backend = new GuardedBackend(profile.backend, { clock, logger, deadlines: profile.deadlines });
    return { backend, profile: { name, options } };
  };
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
