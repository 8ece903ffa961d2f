import type { WorkerId } from '../../../domain/ids.js';
import type { SpawnResult } from '../../../protocol/ebp.js';

interface Fence {
  readonly generation: number;
  /** What a spawn of this generation was refused with; nothing runs of it. */
  readonly refusal?: SpawnResult | undefined;
}

/** More than any host has: what is forgotten first was not heard of for longest. */
const remembered = 100_000;

/** The highest generation of each Worker (E6), also of those of which nothing runs any more. */
export class Fences {
  readonly #fences = new Map<WorkerId, Fence>();

  of(workerId: WorkerId): Fence | undefined {
    return this.#fences.get(workerId);
  }

  isStale(workerId: WorkerId, generation: number): boolean {
    return generation < (this.#fences.get(workerId)?.generation ?? 0);
  }

  raise(workerId: WorkerId, generation: number, refusal?: SpawnResult): void {
    if (this.isStale(workerId, generation)) return;
    this.#fences.delete(workerId);
    this.#fences.set(workerId, { generation, refusal });
    if (this.#fences.size <= remembered) return;
    const oldest = this.#fences.keys().next();
    if (!oldest.done) this.#fences.delete(oldest.value);
  }
}
