import type { WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';

/** So many are asked at once. */
const askedCount = 16;
const waitingCount = 1_000;

interface AsksOptions {
  readonly orphaned: (workerId: WorkerId) => Promise<void>;
  /** Nothing is asked of a host that has nothing to say. */
  readonly isValid: () => boolean;
  readonly logger: Logger;
}

/** Asks this host to take Workers: a few at a time, each once at a time. */
export class Asks {
  readonly #of: AsksOptions;
  readonly #asked = new Map<WorkerId, Promise<void>>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isClosed = false;

  constructor(options: AsksOptions) {
    this.#of = options;
  }

  get isFull(): boolean {
    return this.#isClosed || this.#waiting.length >= waitingCount;
  }

  /** Resolves when it is decided, or nobody is asked any more. */
  ask(workerId: WorkerId): Promise<void> {
    const asked = this.#asked.get(workerId) ?? this.#ask(workerId);
    this.#asked.set(workerId, asked);
    return asked;
  }

  close(): void {
    this.#isClosed = true;
    for (const go of this.#waiting.splice(0)) go();
  }

  async #ask(workerId: WorkerId): Promise<void> {
    try {
      if (this.#running >= askedCount) await new Promise<void>((resolve) => this.#waiting.push(resolve));
      this.#running += 1;
      try {
        if (!this.#isClosed && this.#of.isValid()) await this.#of.orphaned(workerId);
      } finally {
        this.#running -= 1;
        this.#waiting.shift()?.();
      }
    } catch (cause) {
      this.#of.logger.error('a Worker without an owner was not decided', { workerId, cause });
    } finally {
      this.#asked.delete(workerId);
    }
  }
}
