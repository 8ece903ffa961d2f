import type { WorkerId } from '../domain/ids.js';
import type { WorkerView } from '../domain/observation/view.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Principal } from '../ports/authenticator.js';
import type { CallOptions, Command, OutcomeOf, Query } from '../ports/browser-gateway.js';
import type { Mailbox } from './mailbox.js';

export type WorkersQuery = Extract<Query, { type: 'workers' }>;

/** A Worker that exists for who asks. */
export interface Located {
  readonly workerId: WorkerId;
  /** As it was found. */
  readonly found: WorkerState;
  /** As of its last append, again at each question; `undefined` where it is gone. */
  readonly state: () => WorkerState | undefined | Promise<WorkerState | undefined>;
  /** What its log says now, which may be ahead of `found` by what others have seen; absent where nobody else reads it. */
  readonly inLog?: (() => Promise<WorkerState | undefined>) | undefined;
}

/** A Worker that was opened by its head. */
export interface Found {
  readonly mailbox: Mailbox;
  /** Resolves when it is decided what becomes of it; connecting may go on. Never rejects. */
  readonly decided: Promise<unknown>;
}

/** Where the Workers of a Runtime are: all at this host, or some here and others at other hosts. */
export interface Placement {
  /** Opens those that are this host's. `signal` aborts when the host goes. */
  open(signal: AbortSignal): Promise<readonly Found[]>;

  /** Hands a command to the Worker, wherever it is. */
  execute(command: Command, call: CallOptions): Promise<OutcomeOf<Command>>;

  /** A Worker that this principal may know of (B4). */
  find(
    workerId: WorkerId,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): Located | undefined | Promise<Located | undefined>;

  /** At most `most` of those that this principal may know of, ascending. */
  list(
    query: Pick<WorkersQuery, 'after' | 'status'>,
    most: number,
    principal: Principal | undefined,
    signal: AbortSignal,
  ): readonly WorkerView[] | Promise<readonly WorkerView[]>;

  /** Resolves when nothing is at work here any more, at the latest at the drain deadline, and each Worker is closed. */
  drain(): Promise<void>;

  /** The host goes: each Worker is told so, and what it owes is asked for once. */
  close(): Promise<void>;

  /** Nothing runs here any more: nobody is answered, what was owned is anybody's. */
  leave(): Promise<void>;
}
