import { nextDeadline } from '../domain/worker/decide-host.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';

const nothing = (): void => undefined;

/** Rings when the next deadline of a Worker passes. */
export class DeadlineTimer {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #dueAt = 0;
  #cancel = nothing;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** The time, never before a deadline that has rung: a timer may ring before the clock shows it. */
  now(): number {
    return Math.max(this.#clock.now(), this.#dueAt);
  }

  arm(state: WorkerState): void {
    this.disarm();
    const deadline = nextDeadline(state);
    if (deadline === undefined) return;
    this.#cancel = this.#clock.after(Math.max(0, deadline - this.#clock.now()), () => {
      this.#dueAt = deadline;
      this.#ring();
    });
  }

  disarm(): void {
    this.#cancel();
    this.#cancel = nothing;
  }
}
