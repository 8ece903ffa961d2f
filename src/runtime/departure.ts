import type { WorkerId } from '../domain/ids.js';
import { rejected } from '../domain/outcome.js';
import type { IdempotencyKey, WorkerState } from '../domain/worker/state.js';
import { initialState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import type { GuardedLog } from './guarded-log.js';

/** What a deleted Worker is to whoever still holds its name. Its key and the stops it owes live on. */
function deleted({ workerId, key, stopsOwed, binding, generation, revision }: WorkerState): WorkerState {
  const status = { status: 'failed', refusal: rejected('worker-unknown') } as const;
  return { ...initialState(workerId), key, stopsOwed, binding, generation, revision, status };
}

/** The key that stays in force without its Worker: of a deleted one, and of a create whose input may have run (W5). */
function keptKey({ status, key }: WorkerState, now: number): IdempotencyKey | undefined {
  if (status.status !== 'failed' || !key || key.expiresAt <= now) return undefined;
  const { refusal } = status;
  const isUnknown = refusal.outcome === 'errored' && refusal.executed === 'unknown';
  const isDeleted = refusal.outcome === 'rejected' && refusal.code === 'worker-unknown';
  return isUnknown || isDeleted ? key : undefined;
}

/** The head that is left of a Worker that is gone; `undefined` where nothing has to be. */
function tombstoneOf(state: WorkerState, now: number): WorkerState | undefined {
  const key = keptKey(state, now);
  return key || state.stopsOwed.length > 0 ? { ...state, key } : undefined;
}

interface TombstoneDependencies {
  readonly log: GuardedLog;
  readonly clock: Clock;
  /** The log is gone. `remains`: a tombstone is left, for what is still owed. */
  readonly onRemoved: (workerId: WorkerId, remains: boolean) => void;
}

/**
 * The end of a Worker that is deleted, or whose create came to nothing: it leaves its log. What is still owed stays as
 * a tombstone, and so does its key as long as it is in force (W5).
 */
export class Departure {
  readonly #dependencies: TombstoneDependencies;
  #left: 'log' | 'tombstone' | 'nothing' = 'log';

  constructor(dependencies: TombstoneDependencies) {
    this.#dependencies = dependencies;
  }

  get isTombstone(): boolean {
    return this.#left === 'tombstone';
  }

  /** What the Worker is from now on; `failed` where the log did not let go of it. */
  async leave(state: WorkerState, isDeleting: boolean): Promise<WorkerState | 'failed'> {
    const { log, clock, onRemoved } = this.#dependencies;
    const gone = isDeleting ? deleted(state) : state;
    const tombstone = tombstoneOf(gone, clock.now());
    if (this.#left === 'nothing' || (this.#left === 'tombstone' && tombstone)) return state;
    if (!(await log.remove(state.workerId, tombstone))) return 'failed';
    this.#left = tombstone ? 'tombstone' : 'nothing';
    onRemoved(state.workerId, tombstone !== undefined);
    return tombstone ?? gone;
  }
}
