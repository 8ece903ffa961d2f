import type { WorkerId } from '../../../domain/ids.js';
import { isDamaged, isVisible } from '../../../domain/worker/state.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { Damage } from './damage.js';
import type { Engine, Operation } from './engine.js';
import { doubtKey } from './keys.js';
import { sealed } from './sealed.js';

export const doubtBegins: Operation = { type: 'put', key: doubtKey, value: sealed(doubtKey, '') };
export const doubtEnds: Operation = { type: 'del', key: doubtKey };

/** Whether the end of any Worker's log may be missing: so it is, too, where that cannot be read. */
export async function isInDoubt(engine: Engine): Promise<boolean> {
  try {
    return (await engine.get(doubtKey)) !== undefined;
  } catch (cause) {
    if (cause instanceof Damage) return true;
    throw cause;
  }
}

/**
 * The Workers whose end is in doubt: each of them as long as nothing was appended to it since its head was told. What
 * was told of it before may be known to somebody, and is not to be said of something else (P5).
 */
export class Doubt {
  readonly #workers = new Set<WorkerId>();
  #isEveryHeadTold = false;

  /** A head was told. */
  add(head: WorkerHead): void {
    if (isVisible(head) && !isDamaged(head) && head.sequence > 0) this.#workers.add(head.workerId);
  }

  /** Every head was told. Answers whether that ends the doubt: none of them is in it. */
  complete(): boolean {
    this.#isEveryHeadTold = true;
    return this.#workers.size === 0;
  }

  /** Something was appended to a Worker. Answers whether that ends the doubt: it was the last one in it. */
  settle(workerId: WorkerId): boolean {
    return this.#workers.delete(workerId) && this.#isEveryHeadTold && this.#workers.size === 0;
  }
}
