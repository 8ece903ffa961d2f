import type { Generation, WorkerId } from '../../../domain/ids.js';

const remembered = 10_000;

/** The highest generation that was seen of each Worker (E6). The Workers longest unheard of are forgotten first. */
export class Generations {
  readonly #highest = new Map<WorkerId, Generation>();

  highest(workerId: WorkerId): number {
    return this.#highest.get(workerId) ?? 0;
  }

  see(workerId: WorkerId, generation: Generation): void {
    const highest = Math.max(this.highest(workerId), generation) as Generation;
    this.#highest.delete(workerId);
    this.#highest.set(workerId, highest);
    const oldest = this.#highest.keys().next();
    if (this.#highest.size > remembered && !oldest.done) this.#highest.delete(oldest.value);
  }
}
