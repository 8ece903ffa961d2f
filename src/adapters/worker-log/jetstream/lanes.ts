import type { WorkerId } from '../../../domain/ids.js';

/** What writes to one Worker comes one after the other. */
export class Lanes {
  readonly #last = new Map<WorkerId, Promise<unknown>>();

  run<T>(workerId: WorkerId, work: () => Promise<T>): Promise<T> {
    const before = this.#last.get(workerId);
    const running = before ? before.then(work) : work();
    const ended = running.catch(() => undefined);
    this.#last.set(workerId, ended);
    void ended.then(() => {
      if (this.#last.get(workerId) === ended) this.#last.delete(workerId);
    });
    return running;
  }
}
