import { Sequence } from '../../../domain/ids.js';
import { abortable } from '../../../ports/abort.js';
import type { LogPage } from '../../../ports/worker-log.js';
import { Gathering } from './pages.js';
import type { SaidRecord, Watcher } from './watches.js';

interface FollowOptions {
  readonly after: Sequence;
  readonly limit: number;
  readonly signal: AbortSignal;
  /** A page after a sequence; `undefined` where there is no log. Nobody waits for it any more when `left` aborts. */
  readonly page: (after: Sequence, left: AbortSignal) => Promise<LogPage | undefined>;
  /** `undefined` where the log is closed. */
  readonly watch: (watcher: Watcher) => Promise<(() => void) | undefined>;
}

const done = { done: true, value: undefined } as const;
/** Who reads more slowly than records come reads them from the log. */
const heldBytes = 1024 * 1024;
const heldRecords = 64;

/** Records that came, as long as there is room, in the order in which they follow each other. */
class Held {
  #records: SaidRecord[] = [];
  #bytes = 0;

  /** Whether it was taken. */
  add(record: SaidRecord): boolean {
    if (this.#records.length >= heldRecords || this.#bytes + record.bytes > heldBytes) return false;
    this.#records.push(record);
    this.#bytes += record.bytes;
    return true;
  }

  clear(): void {
    this.#records = [];
    this.#bytes = 0;
  }

  /** Whether something is there that comes after `position`, and not next. */
  take(position: number, gathering: Gathering): 'taken' | 'gap' {
    let expected = position + 1;
    for (let record = this.#records[0]; record; record = this.#records[0]) {
      if (record.name.first > expected && record.name.last >= record.name.first) return 'gap';
      for (const observation of record.name.last < expected ? [] : record.observations()) {
        if (observation.sequence < expected) continue;
        if (!gathering.add(observation)) return 'taken';
        expected += 1;
      }
      this.#records.shift();
      this.#bytes -= record.bytes;
    }
    return 'taken';
  }
}

/** Pages as they come. Who leaves is let go at once, by `return` or an abort, also while a page is awaited. */
class Following implements AsyncIterator<LogPage, undefined> {
  readonly #options: FollowOptions;
  readonly #held = new Held();
  readonly #left = new AbortController();
  #unwatch: (() => void) | undefined;
  #first = Sequence(1);
  #position: Sequence;
  #isOver = false;
  /** The log is to be asked for what comes next. */
  #isBehind = true;
  #hasChanged = false;
  #wakeWaiting = (): void => undefined;
  #lastNext: Promise<unknown> = Promise.resolve();

  constructor(options: FollowOptions) {
    this.#options = options;
    this.#position = options.after;
    options.signal.addEventListener('abort', this.#leave, { once: true });
    if (options.signal.aborted) this.#leave();
  }

  readonly #leave = (): void => {
    this.#options.signal.removeEventListener('abort', this.#leave);
    this.#left.abort();
    this.#held.clear();
    this.#unwatch?.();
    this.#unwatch = undefined;
    this.#wake();
  };

  #wake(): void {
    this.#hasChanged = true;
    this.#wakeWaiting();
  }

  #end(): void {
    this.#isOver = true;
    this.#leave();
  }

  #lookAgain(): void {
    this.#isBehind = true;
    this.#held.clear();
    this.#wake();
  }

  async #watch(): Promise<void> {
    if (this.#unwatch) return;
    const unwatch = await this.#options.watch({
      offer: (record) => {
        if (this.#isOver) return;
        if (this.#held.add(record)) this.#wake();
        else this.#lookAgain();
      },
      wake: () => this.#lookAgain(),
      end: () => this.#end(),
    });
    if (!unwatch) this.#end();
    else if (this.#left.signal.aborted) unwatch();
    else this.#unwatch = unwatch;
  }

  /** Calls at once are answered one after the other. */
  next(): Promise<IteratorResult<LogPage, undefined>> {
    const next = this.#lastNext.then(() => this.#next());
    this.#lastNext = next.catch(() => undefined);
    return next;
  }

  async #next(): Promise<IteratorResult<LogPage, undefined>> {
    try {
      while (!this.#hasEnded()) {
        this.#options.signal.throwIfAborted();
        this.#hasChanged = false;
        const page = await abortable(this.#page(), this.#left.signal);
        const last = page?.observations.at(-1);
        if (!page) this.#end();
        else if (last) {
          this.#position = last.sequence;
          if (!this.#hasEnded()) return { done: false, value: page };
        } else await this.#change();
      }
      return done;
    } catch (cause) {
      const { signal } = this.#options;
      if (this.#hasEnded() && !signal.aborted) return done;
      this.#end();
      throw signal.aborted ? (signal.reason as Error) : cause;
    }
  }

  /** It may have ended while a page was awaited. */
  #hasEnded(): boolean {
    return this.#isOver;
  }

  /** What comes next, from what came or from the log; an empty page where there is nothing yet. */
  async #page(): Promise<LogPage | undefined> {
    await this.#watch();
    if (this.#isOver) return undefined;
    const gathering = new Gathering(this.#options.limit);
    if (!this.#isBehind && this.#held.take(this.#position, gathering) === 'gap') {
      if (gathering.observations.length === 0) this.#lookAgain();
    }
    const { observations } = gathering;
    if (!this.#isBehind || observations.length > 0) {
      const last = observations.at(-1)?.sequence ?? this.#position;
      return { first: this.#first, last, observations };
    }
    this.#isBehind = false;
    try {
      const page = await this.#options.page(this.#position, this.#left.signal);
      if (page) this.#first = page.first;
      // There may be more than one page.
      if (page && (page.observations.at(-1)?.sequence ?? page.last) < page.last) this.#isBehind = true;
      return page;
    } catch (cause) {
      this.#isBehind = true;
      throw cause;
    }
  }

  async #change(): Promise<void> {
    if (this.#hasChanged || this.#left.signal.aborted) return;
    await new Promise<void>((resolve) => (this.#wakeWaiting = resolve));
  }

  return(): Promise<IteratorResult<LogPage, undefined>> {
    this.#end();
    return Promise.resolve(done);
  }
}

export const follow = (options: FollowOptions): AsyncIterator<LogPage, undefined> => new Following(options);
