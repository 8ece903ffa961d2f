import type { WorkerId } from '../../../domain/ids.js';
import type { SpawnResult } from '../../../protocol/ebp.js';

interface Fence {
  readonly generation: number;
  /** What a spawn of this generation was refused with; nothing runs of it. */
  readonly refusal?: SpawnResult | undefined;
  /** The key that it belongs to, where there are keys. */
  readonly owner?: string | undefined;
}

/** Of executions that are gone, more than any host has: what is forgotten first was not heard of for longest. */
const remembered = 100_000;

/** The highest generation of each Worker (E6), also of those of which nothing runs any more. */
export class Fences {
  readonly #fences = new Map<WorkerId, Fence>();
  readonly #isHeld: (workerId: WorkerId) => boolean;

  /** What is held is never forgotten. */
  constructor(isHeld: (workerId: WorkerId) => boolean = () => false) {
    this.#isHeld = isHeld;
  }

  of(workerId: WorkerId): Fence | undefined {
    return this.#fences.get(workerId);
  }

  isStale(workerId: WorkerId, generation: number): boolean {
    return generation < (this.#fences.get(workerId)?.generation ?? 0);
  }

  /** Whether it belongs to another key than this one. */
  isForeign(workerId: WorkerId, owner: string | undefined): boolean {
    const fence = this.#fences.get(workerId);
    return fence !== undefined && fence.owner !== owner;
  }

  /** It stays with the key that it had first. */
  raise(workerId: WorkerId, generation: number, { refusal, owner }: Omit<Fence, 'generation'> = {}): void {
    if (this.isStale(workerId, generation)) return;
    const first = this.#fences.get(workerId);
    this.#fences.delete(workerId);
    this.#fences.set(workerId, { generation, refusal, owner: first ? first.owner : owner });
    if (this.#fences.size > remembered) this.#forgetOldest();
  }

  #forgetOldest(): void {
    let left = this.#fences.size;
    for (const [workerId, fence] of this.#fences) {
      this.#fences.delete(workerId);
      left -= 1;
      if (!this.#isHeld(workerId)) return;
      // Looked at again only after all others.
      this.#fences.set(workerId, fence);
      if (left === 0) return;
    }
  }
}
