import { Sequence } from '../domain/ids.js';
import type { WorkerId } from '../domain/ids.js';
import { parseObservation } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import type { Logger } from '../ports/logger.js';
import type { WorkerLog } from '../ports/worker-log.js';
import type { RuntimeLimits } from './deadlines.js';

const pageEvents = 500;

/**
 * Trims a Worker's log beside its traffic: a prefix, at a run's boundary (O7). Each event is read once in its life
 * for it. A run that is longer than what may be retained stays whole until it has ended.
 */
export class Retention {
  readonly #log: WorkerLog;
  readonly #limits: RuntimeLimits;
  readonly #logger: Logger;
  #events: number;
  #bytes = 0;
  #trimming = false;
  /** How many events there were when no boundary was found: it is looked for again when they have doubled. */
  #fruitless = 0;

  constructor(retainedEvents: number, dependencies: { log: WorkerLog; limits: RuntimeLimits; logger: Logger }) {
    this.#events = retainedEvents;
    this.#log = dependencies.log;
    this.#limits = dependencies.limits;
    this.#logger = dependencies.logger;
  }

  appended(workerId: WorkerId, observations: readonly EncodedObservation[]): void {
    this.#events += observations.length;
    for (const { json } of observations) this.#bytes += json.length;
    if (this.#trimming || this.#events < 2 * this.#fruitless || !this.#isOver(this.#events, this.#bytes)) return;
    this.#trimming = true;
    this.#trim(workerId)
      .catch((cause: unknown) => this.#logger.error('log could not be trimmed', { workerId, cause }))
      .finally(() => (this.#trimming = false));
  }

  #isOver(events: number, bytes: number): boolean {
    return events > this.#limits.retainedEvents || bytes > this.#limits.retainedBytes;
  }

  async #trim(workerId: WorkerId): Promise<void> {
    let { events, bytes } = { events: 0, bytes: 0 };
    let boundary = { before: Sequence(0), events: 0, bytes: 0 };
    let after = Sequence(0);
    const { signal } = new AbortController();
    while (this.#isOver(this.#events - boundary.events, this.#bytes - boundary.bytes)) {
      const page = await this.#log.read(workerId, after, pageEvents, { signal });
      if (page.observations.length === 0) break;
      for (const observation of page.observations) {
        events += 1;
        bytes += observation.json.length;
        after = observation.sequence;
        if (!isBoundary(observation)) continue;
        boundary = { before: Sequence(after + 1), events, bytes };
        if (!this.#isOver(this.#events - events, this.#bytes - bytes)) break;
      }
    }
    this.#fruitless = boundary.events === 0 ? events : 0;
    if (boundary.events === 0) return;
    await this.#log.trim(workerId, boundary.before);
    this.#events -= boundary.events;
    this.#bytes = Math.max(0, this.#bytes - boundary.bytes);
  }
}

const isBoundary = (observation: EncodedObservation): boolean =>
  observation.json.includes('"input-ended"') && parseObservation(observation).event.type === 'input-ended';
