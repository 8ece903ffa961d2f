import type { Recorded } from '../../ports/observation-publisher.js';

/**
 * Which event of a backend is which of those that its host got, where some are lost, doubled or swapped on the way:
 * so that what is recorded is told to the backend in its own count.
 */
export class Numbering {
  /** For each that the host got and has not recorded, the backend's number; 0 where the backend never said it. */
  readonly #waiting: number[] = [];
  readonly #done = new Set<number>();
  /** By how much the backend's count was ahead of the host's, from where on: a row as long as there were faults. */
  readonly #ahead = [{ from: 0, by: 0 }];
  #recorded = 0;
  #upTo = 0;

  /** The host gets the backend's event of this number. */
  handedOn(sequence: number): void {
    this.#waiting.push(sequence);
  }

  /** The host gets something that the backend never said, or has said before. */
  added(): void {
    this.#waiting.push(0);
  }

  /** The host never gets the backend's event of this number. What the backend is to be told of it. */
  lost(sequence: number): Recorded | undefined {
    this.#done.add(sequence);
    return this.#grown([]);
  }

  /** What the backend is to be told where its host has recorded so much. */
  recorded({ sequence, refused = [] }: Recorded): Recorded | undefined {
    const from = this.#recorded + 1;
    const settled = this.#waiting.splice(0, Math.max(0, sequence - this.#recorded));
    this.#recorded += settled.length;
    for (const own of settled) if (own > 0) this.#done.add(own);
    const told = refused.flatMap(({ sequence: at, code }) => {
      const own = settled[at - from] ?? 0;
      return own > 0 ? [{ sequence: own, code }] : [];
    });
    return this.#grown(told);
  }

  /** Up to where everything of the backend was settled, in its own count, when its host had recorded so much. */
  settledAt(sequence: number): number {
    if (sequence >= this.#recorded) {
      this.recorded({ sequence });
      return this.#upTo;
    }
    return sequence + (this.#ahead.findLast(({ from }) => from <= sequence)?.by ?? 0);
  }

  #grown(refused: NonNullable<Recorded['refused']>): Recorded | undefined {
    const before = this.#upTo;
    while (this.#done.delete(this.#upTo + 1)) this.#upTo += 1;
    const by = this.#upTo - this.#recorded;
    if (this.#ahead.at(-1)?.by !== by) this.#ahead.push({ from: this.#recorded, by });
    if (this.#upTo === before && refused.length === 0) return undefined;
    return { sequence: this.#upTo, ...(refused.length > 0 && { refused }) };
  }
}
