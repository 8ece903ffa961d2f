import type { WorkerId } from '../../../domain/ids.js';

/** What is left of removed logs is taken away after their removers were told: a long log takes its time. */
export class Sweeps {
  readonly #underWay = new Map<WorkerId, Promise<void>>();

  /** What fails stays hidden, and is swept at the next start. */
  begin(workerId: WorkerId, sweep: () => Promise<void>): void {
    const before = this.#underWay.get(workerId) ?? Promise.resolve();
    const ended = before.then(sweep).catch(() => undefined);
    this.#underWay.set(workerId, ended);
    void ended.then(() => {
      if (this.#underWay.get(workerId) === ended) this.#underWay.delete(workerId);
    });
  }

  /** Resolves when nothing is left of what was removed under this name. */
  async ended(workerId: WorkerId): Promise<void> {
    await this.#underWay.get(workerId);
  }

  async allEnded(): Promise<void> {
    await Promise.all(this.#underWay.values());
  }
}
