import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import { failed } from './guarded-log.js';
import type { GuardedLog } from './guarded-log.js';

const delaysMs = [50, 100, 200, 500, 1000, 2000, 5000] as const;

const nothing = (): void => undefined;

/** After an append that failed or is in doubt: reads the head again until the log is back (W19). */
export class Restoration {
  readonly #log: GuardedLog;
  readonly #clock: Clock;
  #isEnded = false;
  #hurry = nothing;

  constructor({ log, clock }: { readonly log: GuardedLog; readonly clock: Clock }) {
    this.#log = log;
    this.#clock = clock;
  }

  /**
   * Calls `resume` with what the log holds: `known`, or what was `lost` and is written after all; `moved` where it is
   * neither, for then somebody else writes. `resume` answers the head of an append of its own that is in doubt too.
   */
  async run(
    known: WorkerState,
    lost: WorkerState,
    resume: (state: WorkerState | 'moved') => Promise<WorkerState | undefined>,
  ): Promise<void> {
    const doubted = new Set([lost.revision]);
    let state = known;
    for (let attempt = 0; ; attempt += 1) {
      await this.#pause(delaysMs[Math.min(attempt, delaysMs.length - 1)] ?? 0);
      if (this.#hasEnded()) return;
      const head = await this.#log.head(known.workerId);
      if (this.#hasEnded()) return;
      if (head === failed) continue;
      if (head && doubted.has(head.revision)) state = head;
      else if ((head?.revision ?? 0) !== state.revision) return void (await resume('moved'));
      const doubt = await resume(state);
      if (!doubt) return;
      doubted.add(doubt.revision);
    }
  }

  end(): void {
    this.#isEnded = true;
    this.#hurry();
  }

  #hasEnded(): boolean {
    return this.#isEnded;
  }

  #pause(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#clock.after(delayMs, resolve);
      this.#hurry = () => {
        cancel();
        resolve();
      };
    });
  }
}
