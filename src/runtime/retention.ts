import { Sequence } from '../domain/ids.js';
import type { WorkerId } from '../domain/ids.js';
import { decodeObservation, isOfType } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { RuntimeLimits } from './deadlines.js';
import type { LogReader } from './log-reader.js';
import type { Slots } from './slots.js';

const pageEvents = 500;
/** How much of a limit is left after a trim: so each event is read for it about once in its life. */
const keptShare = 0.9;

interface Amount {
  readonly events: number;
  readonly bytes: number;
}

export interface RetentionDependencies {
  readonly reader: LogReader;
  readonly limits: RuntimeLimits;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Logs of an earlier life that are looked at at once. */
  readonly openings: Slots;
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
  /** When the first retained event was recorded; `undefined` where that is not known. */
  #oldest: number | undefined;
  /** How many events there were when nothing could be trimmed: tried again after an end of a run, or twice as many. */
  #fruitless = 0;

  /** `last`: the Worker's last sequence when it was opened. */
  constructor(last: number, dependencies: RetentionDependencies) {
    this.#last = last;
    this.#isMeasured = last === 0;
    this.#dependencies = dependencies;
  }

  /** Looks whether what an earlier life left is too old, where the Worker is old enough. */
  opened(workerId: WorkerId, createdAt: string): void {
    if (this.#last === 0 || !(Date.parse(createdAt) < this.#horizon)) return;
    void this.#dependencies.openings.run(async () => {
      await this.#guarded(workerId, async () => {
        await this.#readOldest(workerId);
        if (this.#isOld) await this.#trim(workerId);
      });
    });
  }

  appended(workerId: WorkerId, observations: readonly EncodedObservation[]): void {
    if (this.#last === 0) this.#oldest = timeOf(observations[0]);
    this.#last += observations.length;
    for (const { json } of observations) this.#bytes += json.length;
    if (this.#fruitless > 0 && observations.some((one) => isOfType(one, 'input-ended'))) this.#fruitless = 0;
    if (this.#trimming || this.#retained.events < 2 * this.#fruitless || !this.#isDue()) return;
    void this.#guarded(workerId, () => this.#trim(workerId));
  }

  async #guarded(workerId: WorkerId, work: () => Promise<void>): Promise<void> {
    if (this.#trimming) return;
    this.#trimming = true;
    try {
      await work();
    } catch (cause) {
      this.#dependencies.logger.error('log could not be trimmed', { workerId, cause });
    } finally {
      this.#trimming = false;
    }
  }

  get #retained(): Amount {
    return { events: this.#last - this.#first + 1, bytes: this.#bytes };
  }

  /** What was recorded before is too old. */
  get #horizon(): number {
    return this.#dependencies.clock.now() - this.#dependencies.limits.retainedMs;
  }

  get #isOld(): boolean {
    return this.#oldest !== undefined && this.#oldest < this.#horizon;
  }

  /** What an earlier life left is read once, and not before this one has added half of what may be retained. */
  #isDue(): boolean {
    return this.#isOld || this.#isOver(this.#retained, this.#isMeasured ? 1 : 0.5);
  }

  #isOver({ events, bytes }: Amount, share: number): boolean {
    const { retainedEvents, retainedBytes } = this.#dependencies.limits;
    return events > retainedEvents * share || bytes > retainedBytes * share;
  }

  async #trim(workerId: WorkerId): Promise<void> {
    if (!this.#isMeasured) await this.#measure(workerId);
    if (!this.#isOld && !this.#isOver(this.#retained, 1)) return;
    const cut = await this.#cut(workerId);
    if (!cut) {
      this.#fruitless = this.#retained.events;
      return;
    }
    await this.#dependencies.reader.trim(workerId, Sequence(cut.before));
    this.#first = cut.before;
    this.#bytes -= cut.bytes;
    if (this.#dependencies.limits.retainedMs < Infinity) await this.#readOldest(workerId);
  }

  async #readOldest(workerId: WorkerId): Promise<void> {
    const { signal } = new AbortController();
    const { observations } = await this.#dependencies.reader.read(workerId, Sequence(this.#first - 1), 1, signal);
    this.#oldest = timeOf(observations[0]);
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

  /** The first cut that leaves little enough and nothing that is too old, else the last one there is. */
  async #cut(workerId: WorkerId): Promise<Cut | undefined> {
    const isOver = (cut: Cut, share: number): boolean => this.#isOver(this.#left(cut), share);
    const cuts = new Cuts(isOver, this.#isOver(this.#retained, 1), this.#horizon);
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

const timeOf = (observation: EncodedObservation | undefined): number | undefined =>
  observation && Date.parse(decodeObservation(observation).at);

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
  /** Whether that run ended too long ago to be kept. */
  #isEndOld = false;
  readonly #horizon: number;
  /** Whether there is too much without a cut, its age aside. */
  readonly #isTooMuch: boolean;
  best: Cut | undefined;

  /** `isOver`: whether too much is left after a cut. `horizon`: what was recorded before is too old. */
  constructor(isOver: (cut: Cut, share: number) => boolean, isTooMuch: boolean, horizon: number) {
    this.#isOver = isOver;
    this.#isTooMuch = isTooMuch;
    this.#horizon = horizon;
  }

  /** Whether `best` leaves little enough. */
  find(observation: EncodedObservation): boolean {
    this.#bytes += observation.json.length;
    const cut = { before: observation.sequence + 1, bytes: this.#bytes };
    if (isOfType(observation, 'input-ended')) {
      this.#isOpen = false;
      this.#end = cut;
      this.#isEndOld = (timeOf(observation) ?? 0) < this.#horizon;
      return false;
    }
    const begins = isOfType(observation, 'input-accepted');
    this.#isOpen ||= begins;
    const isOutside = !this.#isOpen && (!this.#end || this.#isOver(this.#end, 1));
    const allowed = begins ? this.#end : isOutside ? cut : undefined;
    if (!allowed) return false;
    if (begins && this.#isEndOld) {
      this.best = allowed;
      return false;
    }
    // Nothing that is too old is left: what there is may be few enough.
    if (this.best ? !this.#isOver(this.best, keptShare) : !this.#isTooMuch) return begins;
    this.best = allowed;
    return !this.#isOver(allowed, keptShare);
  }
}
