import type { WorkerId } from '../../../domain/ids.js';
import { isDamaged, isVisible } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import type { Operation } from './engine.js';
import { doubtKey } from './keys.js';

export const doubtEnds: Operation = { type: 'del', key: doubtKey };

/**
 * The Workers whose end is in doubt: each of them as long as nothing was appended to it since its head was told. What
 * was told of it before may be known to somebody, and is not to be said of something else (P5).
 */
export class Doubt {
  readonly #workers = new Set<WorkerId>();
  #isComplete = false;

  add(head: WorkerHead): void {
    if (isVisible(head) && !isDamaged(head) && head.sequence > 0) this.#workers.add(head.workerId);
  }

  /** When every head was told. Whether none is left in doubt. */
  isComplete(): boolean {
    this.#isComplete = true;
    return this.#workers.size === 0;
  }

  /** Whether an append to that Worker ends the doubt of the last of them. */
  endsWith(workerId: WorkerId): boolean {
    return this.#workers.delete(workerId) && this.#isComplete && this.#workers.size === 0;
  }
}
