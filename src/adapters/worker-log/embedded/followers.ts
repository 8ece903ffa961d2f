import type { WorkerId } from '../../../domain/ids.js';

export interface Follower {
  /** Something may have changed. */
  wake(): void;
  /** The log was removed or closed. */
  end(): void;
}

/** Who waits for what comes next, by Worker. */
export class Followers {
  readonly #byWorker = new Map<WorkerId, Set<Follower>>();

  /** The returned function takes it back. */
  add(workerId: WorkerId, follower: Follower): () => void {
    const followers = this.#byWorker.get(workerId) ?? new Set();
    this.#byWorker.set(workerId, followers.add(follower));
    return () => {
      followers.delete(follower);
      if (followers.size === 0 && this.#byWorker.get(workerId) === followers) this.#byWorker.delete(workerId);
    };
  }

  wake(workerId: WorkerId): void {
    for (const follower of this.#byWorker.get(workerId) ?? []) follower.wake();
  }

  end(workerId: WorkerId): void {
    for (const follower of [...(this.#byWorker.get(workerId) ?? [])]) follower.end();
  }

  endAll(): void {
    for (const workerId of [...this.#byWorker.keys()]) this.end(workerId);
  }
}
