import type { WorkerId } from '../../../domain/ids.js';

const workersAtMost = 1_024;
const placesAtMost = 8;

/** Where in the stream to look for a sequence: where pages ended, which is where the next ones begin. A hint. */
export class Positions {
  readonly #places = new Map<WorkerId, Map<number, number>>();

  of(workerId: WorkerId, sequence: number): number | undefined {
    return this.#places.get(workerId)?.get(sequence);
  }

  remember(workerId: WorkerId, sequence: number, place: number): void {
    const places = this.#places.get(workerId) ?? new Map<number, number>();
    this.#places.delete(workerId);
    this.#places.set(workerId, places);
    places.delete(sequence);
    places.set(sequence, place);
    if (places.size > placesAtMost) this.#dropOldest(places);
    if (this.#places.size > workersAtMost) this.#dropOldest(this.#places);
  }

  #dropOldest<T>(map: Map<T, unknown>): void {
    for (const oldest of map.keys()) {
      map.delete(oldest);
      return;
    }
  }
}
