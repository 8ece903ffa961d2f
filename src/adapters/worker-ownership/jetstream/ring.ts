import type { HostId } from '../../../ports/worker-ownership.js';

/** Hosts in the order of their ids, which are drawn by lot, closed to a ring. */
export class Ring {
  readonly #hosts: HostId[] = [];

  get hosts(): readonly HostId[] {
    return this.#hosts;
  }

  add(id: HostId): void {
    const place = this.#placeOf(id);
    if (this.#hosts[place] !== id) this.#hosts.splice(place, 0, id);
  }

  remove(id: HostId): void {
    const place = this.#placeOf(id);
    if (this.#hosts[place] === id) this.#hosts.splice(place, 1);
  }

  /** The nearest ones before a host, the nearest first. */
  before(id: HostId, count: number): readonly HostId[] {
    return this.#walk(this.#placeOf(id) - 1, -1, id, count);
  }

  /** The nearest ones behind a host that may have left the ring, the nearest first. */
  behind(id: HostId, count: number): readonly HostId[] {
    return this.#walk(this.#placeOf(id), 1, id, count);
  }

  #walk(start: number, step: 1 | -1, id: HostId, count: number): readonly HostId[] {
    const { length } = this.#hosts;
    const found: HostId[] = [];
    for (let index = 0; index < length && found.length < count; index += 1) {
      const host = this.#hosts[(start + index * step + length * 2) % length];
      if (host !== undefined && host !== id) found.push(host);
    }
    return found;
  }

  /** Where a host stands, or would. */
  #placeOf(id: HostId): number {
    let [low, high] = [0, this.#hosts.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#hosts[middle] ?? '') < id) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
