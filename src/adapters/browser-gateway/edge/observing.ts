import { parseCursor } from '../../../domain/observation/cursor.js';
import type { Errored, Rejected } from '../../../domain/outcome.js';
import type { BrowserGateway, Frame, WorkerRef } from '../../../ports/browser-gateway.js';

/** One Worker that is watched, whatever carries its frames. Pulled: a frame is asked for when the one before is gone (P3). */
export class Observing {
  readonly #gateway: BrowserGateway;
  readonly #worker: WorkerRef;
  readonly #from: string | undefined;
  readonly #abort = new AbortController();
  readonly #frames: AsyncIterator<Frame>;
  readonly #first: Promise<IteratorResult<Frame>>;
  #isFirstTaken = false;

  /** `from`: a cursor or `start`; absent: with a snapshot. */
  constructor(gateway: BrowserGateway, worker: WorkerRef, from: string | undefined) {
    this.#gateway = gateway;
    this.#worker = worker;
    this.#from = from;
    this.#frames = gateway.observe(worker, from, { signal: this.#abort.signal })[Symbol.asyncIterator]();
    this.#first = this.#frames.next();
    this.#first.catch(() => undefined);
  }

  /**
   * Why it cannot be watched, as soon as that is certain. The first frame says so; after a cursor that frame may be long
   * in coming, and a page that is read from there tells the same. Rejects where it is released meanwhile.
   */
  async refusal(): Promise<Rejected | Errored | undefined> {
    const byFrame = this.#first.then(({ done, value }) =>
      !done && value.type === 'problem' ? value.problem : undefined,
    );
    const after = this.#from;
    if (after === undefined || parseCursor(after) === undefined) return byFrame;
    const query = { type: 'observations', worker: this.#worker, after, limit: 1 } as const;
    const byPage = this.#gateway.read(query, { signal: this.#abort.signal });
    return Promise.race([byFrame, byPage.then((page) => (page.outcome === 'answered' ? undefined : page))]);
  }

  next(): Promise<IteratorResult<Frame>> {
    if (this.#isFirstTaken) return this.#frames.next();
    this.#isFirstTaken = true;
    return this.#first;
  }

  /** Lets go of everything, also while a frame is awaited. */
  release(): void {
    this.#abort.abort();
    this.#frames.return?.().catch(() => undefined);
  }
}
