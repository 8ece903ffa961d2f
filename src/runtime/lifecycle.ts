import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { late, withDeadline } from './deadline.js';

/**
 * What was created is disposed of in reverse order, one after the other. One that fails or hangs keeps none of the
 * others from its turn; what failed is thrown at the end, together.
 */
export class Lifecycle implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #deadlineMs: number;
  readonly #owned: { readonly name: string; readonly dispose: () => PromiseLike<void> | void }[] = [];
  #disposed: Promise<void> | undefined;

  constructor({ clock, logger, deadlineMs }: { clock: Clock; logger: Logger; deadlineMs: number }) {
    this.#clock = clock;
    this.#logger = logger;
    this.#deadlineMs = deadlineMs;
  }

  /** Takes over the end of something. `name` is for the operator log. */
  own(name: string, dispose: () => PromiseLike<void> | void): void {
    if (this.#disposed) throw new TypeError('the lifecycle has ended');
    this.#owned.push({ name, dispose });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#dispose();
    return this.#disposed;
  }

  async #dispose(): Promise<void> {
    const errors: unknown[] = [];
    for (const { name, dispose } of this.#owned.splice(0).reverse()) {
      try {
        const result = await withDeadline(this.#clock, this.#deadlineMs, async () => {
          await dispose();
        });
        if (result === late) throw new Error(`${name} did not end within ${String(this.#deadlineMs)} ms`);
      } catch (cause) {
        this.#logger.error('could not be disposed of', { name, cause });
        errors.push(cause);
      }
    }
    if (errors.length > 0) throw new AggregateError(errors, 'not everything could be disposed of');
  }
}
