import type { PublishRefusalCode } from '../domain/codes.js';
import type { BackendCommand } from '../domain/worker/command.js';
import { isPlain } from '../domain/worker/decide-event.js';
import { nothing } from '../domain/worker/decision.js';
import type { Decision } from '../domain/worker/decision.js';
import type { GenerationPublisher, Published } from './generation-publisher.js';
import type { LaneTurn } from './lane-turn.js';

type Entry = Published | { readonly command: BackendCommand };

/** How many of its events of one append a generation got recorded or refused, and up to which. */
export interface Progress {
  sequence: number;
  events: number;
  bytes: number;
  readonly refused: { readonly sequence: number; readonly code: PublishRefusalCode }[];
}

/** How many entries one append may take. */
const batchEntries = 512;
/** After so many microtasks without a further event nobody waits for one: a generator takes about three for the next. */
const quietMicrotasks = 4;

/** Whether it says nothing that somebody may wait for. */
const isPatient = (entry: Entry): boolean => 'event' in entry && isPlain(entry.event.type);

/** What comes from a backend, in the order in which it came: events, and answers behind what was published before them. */
export class EventsLane {
  #entries: Entry[] = [];
  /** Events that wait for their cause, with the refused ones that stand between them. */
  #held: Published[] = [];
  /** Something is there that somebody may wait for. */
  #isHurried = false;
  readonly #isAwaited: () => boolean;

  /** `isAwaited`: whether somebody waits for something else than events. */
  constructor(isAwaited: () => boolean) {
    this.#isAwaited = isAwaited;
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  push(entry: Entry): void {
    this.#entries.push(entry);
    if (!isPatient(entry)) this.#isHurried = true;
  }

  /**
   * Calls `run` when events have ceased to come one microtask after the other, or somebody is in a hurry: what comes
   * together is appended together. Answers as `run` does, which is told whether the events that are there are to be
   * decided before whoever is in a hurry.
   */
  gathered<T>(run: (eventsFirst: boolean) => T | Promise<T>): Promise<T> {
    return new Promise((resolve) => {
      let seen = -1;
      let quiet = 0;
      const look = (): void => {
        const { length } = this.#entries;
        quiet = length === seen ? quiet + 1 : 0;
        if (this.#isHurried || this.#isAwaited() || quiet === quietMicrotasks || length >= batchEntries) {
          resolve(run(seen >= 0));
        } else {
          seen = length;
          queueMicrotask(look);
        }
      };
      queueMicrotask(look);
    });
  }

  /**
   * Decides what is there, in order. Events that wait for their cause are held; once it is there, or can never come,
   * they are decided before anything that came after them.
   */
  decide(turn: LaneTurn): ReadonlyMap<GenerationPublisher, Progress> {
    const progress = new Map<GenerationPublisher, Progress>();
    const queue = this.#entries.splice(0, batchEntries);
    this.#isHurried &&= this.#entries.length > 0;
    for (let index = 0; ; index += 1) {
      if (this.#held.length > 0 && !turn.isHolding()) queue.splice(index, 0, ...this.#held.splice(0));
      const entry = queue[index];
      if (!entry) return progress;
      if ('command' in entry) turn.decide(entry.command);
      else this.#decide(entry, turn, progress);
    }
  }

  drop(): void {
    this.#entries = [];
    this.#held = [];
    this.#isHurried = false;
  }

  #decide(entry: Published, turn: LaneTurn, progress: Map<GenerationPublisher, Progress>): void {
    const { publisher, sequence } = entry;
    const decision = this.#decision(entry, turn);
    if (decision.held || this.#isBehindHeld(publisher)) {
      this.#held.push(entry);
      return;
    }
    const known = progress.get(publisher) ?? { sequence: 0, events: 0, bytes: 0, refused: [] };
    if (known.events === 0) progress.set(publisher, known);
    known.sequence = sequence;
    known.events += 1;
    known.bytes += entry.bytes;
    if (decision.refused) known.refused.push({ sequence, code: decision.refused });
  }

  #decision(entry: Published, turn: LaneTurn): Pick<Decision, 'held' | 'refused'> {
    if ('code' in entry) return { refused: entry.code };
    if (turn.records(entry)) return nothing;
    return turn.decide({ type: 'published', generation: entry.publisher.generation, event: entry.event });
  }

  /** A generation's events are told of in their order. Those of an earlier one were all published before. */
  #isBehindHeld(publisher: GenerationPublisher): boolean {
    return this.#held.at(-1)?.publisher === publisher || this.#held[0]?.publisher === publisher;
  }
}
