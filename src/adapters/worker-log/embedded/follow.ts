import type { Sequence } from '../../../domain/ids.js';
import type { LogPage } from '../../../ports/worker-log.js';
import type { Follower } from './followers.js';

interface FollowOptions {
  readonly after: Sequence;
  readonly signal: AbortSignal;
  /** A page after a sequence; `undefined` where there is no log. */
  readonly page: (after: Sequence) => Promise<LogPage | undefined>;
  readonly watch: (follower: Follower) => () => void;
}

const done = { done: true, value: undefined } as const;

/** Pages as they come. Who leaves is let go at once, by `return` or an abort, also while a page is awaited. */
class Following implements AsyncIterator<LogPage, undefined> {
  readonly #signal: AbortSignal;
  readonly #page: FollowOptions['page'];
  readonly #unwatch: () => void;
  #position: Sequence;
  #isOver = false;
  #hasChanged = false;
  #wakeWaiting = (): void => undefined;
  #lastNext: Promise<unknown> = Promise.resolve();

  constructor({ after, signal, page, watch }: FollowOptions) {
    this.#position = after;
    this.#signal = signal;
    this.#page = page;
    this.#unwatch = watch({ wake: () => this.#wake(), end: () => this.#end() });
    signal.addEventListener('abort', this.#leave, { once: true });
    if (signal.aborted) this.#leave();
  }

  #wake(): void {
    this.#hasChanged = true;
    this.#wakeWaiting();
  }

  readonly #leave = (): void => {
    this.#signal.removeEventListener('abort', this.#leave);
    this.#unwatch();
    this.#wake();
  };

  #end(): void {
    this.#isOver = true;
    this.#leave();
  }

  /** Calls at once are answered one after the other. */
  next(): Promise<IteratorResult<LogPage, undefined>> {
    const next = this.#lastNext.then(() => this.#next());
    this.#lastNext = next.catch(() => undefined);
    return next;
  }

  async #next(): Promise<IteratorResult<LogPage, undefined>> {
    while (!this.#isOver) {
      if (this.#signal.aborted) {
        this.#end();
        throw this.#signal.reason as Error;
      }
      this.#hasChanged = false;
      const found = await this.#page(this.#position);
      const last = found?.observations.at(-1);
      if (!found) this.#end();
      else if (!last) await this.#change();
      else if (!this.#hasEnded()) {
        this.#position = last.sequence;
        return { done: false, value: found };
      }
    }
    return done;
  }

  /** It may have ended while a page was awaited. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  async #change(): Promise<void> {
    if (this.#hasChanged || this.#signal.aborted) return;
    await new Promise<void>((resolve) => (this.#wakeWaiting = resolve));
  }

  return(): Promise<IteratorResult<LogPage, undefined>> {
    this.#end();
    return Promise.resolve(done);
  }
}

export const follow = (options: FollowOptions): AsyncIterator<LogPage, undefined> => new Following(options);
