import { Sequence } from '../domain/ids.js';
import type { WorkerId } from '../domain/ids.js';
import { isOfType } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { Logger } from '../ports/logger.js';
import type { RuntimeLimits } from './deadlines.js';
import type { LogReader } from './log-reader.js';

const pageEvents = 500;
/** How much of a limit is left after a trim: so each event is read for it about once in its life. */
const keptShare = 0.9;

interface Amount {
  readonly events: number;
  readonly bytes: number;
}

interface RetentionDependencies {
  readonly reader: LogReader;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
}

/**
 * Trims a Worker's log beside its traffic: a prefix, at a run's boundary (O7). The latest run stays whole, however
 * long it is. Bytes are counted as characters of JSON.
 */
export class Retention {
  readonly #dependencies: RetentionDependencies;
  #last: number;
  #first = 1;
  #bytes = 0;
  /** Whether `#first` and `#bytes` count what an earlier life left. */
  #isMeasured: boolean;
  #trimming = false;
  /** How many events there were when nothing could be trimmed: tried again after an end of a run, or twice as many. */
  #fruitless = 0;

  /** `last`: the Worker's last sequence when it was opened. */
  constructor(last: number, dependencies: RetentionDependencies) {
    this.#last = last;
    this.#isMeasured = last === 0;
    this.#dependencies = dependencies;
  }

  appended(workerId: WorkerId, observations: readonly EncodedObservation[]): void {
    this.#last += observations.length;
    for (const { json } of observations) this.#bytes += json.length;
    if (this.#fruitless > 0 && observations.some((one) => isOfType(one, 'input-ended'))) this.#fruitless = 0;
    if (this.#trimming || this.#retained.events < 2 * this.#fruitless || !this.#isDue()) return;
    this.#trimming = true;
    this.#trim(workerId)
      .catch((cause: unknown) => this.#dependencies.logger.error('log could not be trimmed', { workerId, cause }))
      .finally(() => (this.#trimming = false));
  }

  get #retained(): Amount {
    return { events: this.#last - this.#first + 1, bytes: this.#bytes };
  }

  /** What an earlier life left is read once, and not before this one has added half of what may be retained. */
  #isDue(): boolean {
    return this.#isOver(this.#retained, this.#isMeasured ? 1 : 0.5);
  }

  #isOver({ events, bytes }: Amount, share: number): boolean {
    const { retainedEvents, retainedBytes } = this.#dependencies.limits;
    return events > retainedEvents * share || bytes > retainedBytes * share;
  }

  async #trim(workerId: WorkerId): Promise<void> {
    if (!this.#isMeasured) await this.#measure(workerId);
    if (!this.#isOver(this.#retained, 1)) return;
    const cut = await this.#cut(workerId);
    if (!cut) {
      this.#fruitless = this.#retained.events;
      return;
    }
    await this.#dependencies.reader.trim(workerId, Sequence(cut.before));
    this.#first = cut.before;
    this.#bytes -= cut.bytes;
  }

  async #measure(workerId: WorkerId): Promise<void> {
    const opened = this.#last;
    const added = this.#bytes;
    let first: number | undefined;
    let bytes = 0;
    for await (const observation of this.#observations(workerId, 0)) {
      first ??= observation.sequence;
      if (observation.sequence > opened) break;
      bytes += observation.json.length;
    }
    this.#first = first ?? opened + 1;
    this.#bytes += bytes - added;
    this.#isMeasured = true;
  }

  /** The first cut that leaves little enough, else the last one there is. */
  async #cut(workerId: WorkerId): Promise<Cut | undefined> {
    const cuts = new Cuts((cut, share) => this.#isOver(this.#left(cut), share));
    for await (const observation of this.#observations(workerId, this.#first - 1)) {
      if (cuts.find(observation)) break;
    }
    return cuts.best;
  }

  #left({ before, bytes }: Cut): Amount {
    return { events: this.#last - before + 1, bytes: this.#bytes - bytes };
  }

  async *#observations(workerId: WorkerId, after: number): AsyncGenerator<EncodedObservation, void, void> {
    const { signal } = new AbortController();
    for (let position = Sequence(after); ;) {
      const { observations } = await this.#dependencies.reader.read(workerId, position, pageEvents, signal);
      if (observations.length === 0) return;
      yield* observations;
      position = observations.at(-1)?.sequence ?? position;
    }
  }
}

/** What comes before `before` goes. */
interface Cut {
  readonly before: number;
  readonly bytes: number;
}

/**
 * Where a log may be cut, read from its first retained observation on: before a run, so that the latest run can be
 * read to its end; between events outside of runs where no run came before them, or where they alone are too much.
 */
class Cuts {
  readonly #isOver: (cut: Cut, share: number) => boolean;
  #bytes = 0;
  #isOpen = false;
  /** Right after the latest run that has ended. */
  #end: Cut | undefined;
  best: Cut | undefined;

  /** `isOver`: whether too much is left after a cut. */
  constructor(isOver: (cut: Cut, share: number) => boolean) {
    this.#isOver = isOver;
  }

  /** Whether `best` leaves little enough. */
  find(observation: EncodedObservation): boolean {
    this.#bytes += observation.json.length;
    const cut = { before: observation.sequence + 1, bytes: this.#bytes };
    if (isOfType(observation, 'input-ended')) {
      this.#isOpen = false;
      this.#end = cut;
      return false;
    }
    const begins = isOfType(observation, 'input-accepted');
    this.#isOpen ||= begins;
    const isOutside = !this.#isOpen && (!this.#end || this.#isOver(this.#end, 1));
    const allowed = begins ? this.#end : isOutside ? cut : undefined;
    if (!allowed) return false;
    this.best = allowed;
    return !this.#isOver(allowed, keptShare);
  }
}
