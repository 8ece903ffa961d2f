import type { WorkerId } from '../../../domain/ids.js';

const sweepsAtOnce = 4;

/** What is left of removed logs is taken away after their removers were told, a few logs at a time. */
export class Sweeps {
  readonly #underWay = new Map<WorkerId, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #free = sweepsAtOnce;
  #isOver = false;

  /** What fails stays hidden, and is swept at the next start. */
  begin(workerId: WorkerId, sweep: () => Promise<void>): void {
    const before = this.#underWay.get(workerId) ?? Promise.resolve();
    const ended = before.then(() => this.#inTurn(sweep)).catch(() => undefined);
    this.#underWay.set(workerId, ended);
    void ended.then(() => {
      if (this.#underWay.get(workerId) === ended) this.#underWay.delete(workerId);
    });
  }

  async #inTurn(sweep: () => Promise<void>): Promise<void> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      if (!this.#isOver) await sweep();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  /** Resolves when nothing is left of what was removed under this name. */
  async ended(workerId: WorkerId): Promise<void> {
    await this.#underWay.get(workerId);
  }

  /** What has not begun is left to the next start. Resolves when what has begun is done. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#underWay.values());
  }
}
