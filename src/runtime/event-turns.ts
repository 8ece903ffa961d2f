import { turn } from '../ports/clock.js';

/**
 * How many events are published before everything else has its turn, of all Workers of a Runtime: about a fifth of a
 * second of one Worker that streams (M1 of docs/benchmarks.md). What 10,000 Workers say between two turns is still several events each, which are appended together.
 */
export const eventsPerTurn = 65_536;

/** Where the log answers at once, promises alone never let a timer ring: now and then whoever publishes waits (W16). */
export class EventTurns {
  #published = 0;
  #pause: Promise<void> | undefined;

  /** The same result; where everything else is due, after its turn. */
  after<T>(result: Promise<T>): Promise<T> {
    this.#published += 1;
    if (this.#published % eventsPerTurn === 0) this.#pause ??= this.#turn();
    return this.#pause ? this.#pause.then(() => result) : result;
  }

  async #turn(): Promise<void> {
    await turn();
    this.#pause = undefined;
  }
}
