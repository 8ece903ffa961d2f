import type { PublishRefusalCode } from '../domain/codes.js';
import type { BackendCommand } from '../domain/worker/command.js';
import type { Decision } from '../domain/worker/decision.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { GenerationPublisher, Published } from './generation-publisher.js';

type Entry = Published | { readonly command: BackendCommand };

/** How many of its events of one append a generation got recorded or refused, and up to which. */
export interface Progress {
  readonly sequence: number;
  readonly events: number;
  readonly refused: readonly { readonly sequence: number; readonly code: PublishRefusalCode }[];
}

/** How many entries one append may take. */
const batchEntries = 512;

/** What comes from a backend, in the order in which it came: events, and answers behind what was published before them. */
export class EventsLane {
  #entries: Entry[] = [];
  #held: Published[] = [];

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
  }

  /** Decides what is there, in order. Events that wait for their cause (W9) are held until `release`. */
  decide(decide: (command: BackendCommand) => Decision): ReadonlyMap<GenerationPublisher, Progress> {
    const progress = new Map<GenerationPublisher, Progress>();
    for (const entry of this.#entries.splice(0, batchEntries)) {
      if ('command' in entry) decide(entry.command);
      else this.#decide(entry, decide, progress);
    }
    return progress;
  }

  /** The held events stand before newer ones again, once their generation is connected or gone. */
  release({ status }: WorkerState['status']): void {
    const isHolding = status === 'reserved' || status === 'connecting';
    if (!isHolding) this.#entries.unshift(...this.#held.splice(0));
  }

  drop(): void {
    this.#entries = [];
    this.#held = [];
  }

  #decide(
    entry: Published,
    decide: (command: BackendCommand) => Decision,
    progress: Map<GenerationPublisher, Progress>,
  ): void {
    const { publisher, sequence } = entry;
    const { generation } = publisher;
    const isBehindHeld = this.#held[0]?.publisher === publisher && 'code' in entry;
    const decision: Pick<Decision, 'held' | 'refused'> =
      'code' in entry ? { refused: entry.code } : decide({ type: 'published', generation, event: entry.event });
    if (isBehindHeld || decision.held) {
      this.#held.push(entry);
      return;
    }
    const known = progress.get(publisher) ?? { events: 0, refused: [] };
    const refused = decision.refused ? [...known.refused, { sequence, code: decision.refused }] : known.refused;
    progress.set(publisher, { sequence, events: known.events + 1, refused });
  }
}
