import type { PublishRefusalCode } from '../domain/codes.js';
import type { Generation, InputId, WorkerId } from '../domain/ids.js';
import type { BackendEvent } from '../domain/observation/event.js';
import type { ExecutionExit, ObservationPublisher, PublishResult, Recorded } from '../ports/observation-publisher.js';

import { jsonOf, type Note } from './trace.js';
import { within } from './within.js';

export interface RecordingOptions {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  /** How many events may wait for their record before `publish` waits (P2). 1024. */
  readonly windowEvents?: number | undefined;
  /** How many bytes may wait for their record. Unlimited. */
  readonly windowBytes?: number | undefined;
  /** Only the first so many events are recorded, until `release`. All. */
  readonly recordUpTo?: number | undefined;
  /** Refuses every event with this code. */
  readonly refuseWith?: PublishRefusalCode | undefined;
  /** Told what is published. */
  readonly note?: Note | undefined;
}

interface Waiter {
  readonly holds: () => boolean;
  readonly resolve: () => void;
}

/** A publisher that keeps what it is given, so that a case can wait for it. Records at once unless told otherwise. */
export class RecordingPublisher implements ObservationPublisher {
  readonly workerId: WorkerId;
  readonly generation: Generation;
  /** Everything that was published, in order, refused events included. */
  readonly events: BackendEvent[] = [];
  readonly exits: ExecutionExit[] = [];
  readonly decisions: { readonly inputId: InputId; readonly taken: boolean }[] = [];
  readonly #windowEvents: number;
  readonly #windowBytes: number | undefined;
  readonly #refuseWith: PublishRefusalCode | undefined;
  readonly #note: Note;
  readonly #listeners: ((upTo: Recorded) => void)[] = [];
  readonly #waiters = new Set<Waiter>();
  #recordUpTo: number;
  #recorded = 0;
  /** How long each event was, together with all before it; of none where nobody asks. */
  readonly #bytes: number[] = [];
  #read = 0;

  constructor(options: RecordingOptions) {
    this.workerId = options.workerId;
    this.generation = options.generation;
    this.#windowEvents = options.windowEvents ?? 1024;
    this.#windowBytes = options.windowBytes;
    this.#recordUpTo = options.recordUpTo ?? Infinity;
    this.#refuseWith = options.refuseWith;
    this.#note = options.note ?? (() => undefined);
  }

  async publish(event: BackendEvent): Promise<PublishResult> {
    this.events.push(event);
    const sequence = this.events.length;
    this.#note(`← event ${sequence} of generation ${this.generation} ${jsonOf(event)}`);
    if (this.#windowBytes !== undefined) this.#bytes.push(this.bytes + Buffer.byteLength(jsonOf(event)));
    if (sequence <= this.#recordUpTo) this.#record(sequence);
    this.#look();
    if (this.#refuseWith !== undefined) return { outcome: 'refused', code: this.#refuseWith };
    await this.#until(() => this.#hasRoomAfter(sequence));
    return { outcome: 'taken' };
  }

  disconnect(exit: ExecutionExit): Promise<void> {
    this.exits.push(exit);
    this.#note(`← disconnect ${JSON.stringify(exit)}`);
    this.#look();
    return Promise.resolve();
  }

  onRecorded(listener: (upTo: Recorded) => void): void {
    this.#listeners.push(listener);
  }

  decide(inputId: InputId, taken: boolean): Promise<void> {
    this.decisions.push({ inputId, taken });
    this.#look();
    return Promise.resolve();
  }

  /** The next event that fits, from behind the one that the last call gave. */
  async next(fits: (event: BackendEvent) => boolean, signal: AbortSignal, what = 'an event'): Promise<BackendEvent> {
    const index = await this.#indexOf(this.#read, fits, signal, what);
    this.#read = index + 1;
    return this.events[index] as BackendEvent;
  }

  /** The first event of all that fits. */
  async first(fits: (event: BackendEvent) => boolean, signal: AbortSignal, what = 'an event'): Promise<BackendEvent> {
    return this.events[await this.#indexOf(0, fits, signal, what)] as BackendEvent;
  }

  /** The place of the first event from `from` on that fits, once it is there; each is looked at once. */
  async #indexOf(
    from: number,
    fits: (event: BackendEvent) => boolean,
    signal: AbortSignal,
    what: string,
  ): Promise<number> {
    let index = from;
    const look = (): boolean => {
      while (index < this.events.length && !fits(this.events[index] as BackendEvent)) index += 1;
      return index < this.events.length;
    };
    await this.until(look, signal, what);
    return index;
  }

  /** Waits until `holds`, which is asked again after everything that is published. */
  until(holds: () => boolean, signal: AbortSignal, what: string): Promise<void> {
    return within(signal, what, this.#until(holds));
  }

  /** The bytes of everything that was published, where there is a window for them. */
  get bytes(): number {
    return this.#bytes.at(-1) ?? 0;
  }

  /** Records the next event of those that are held. */
  recordNext(): void {
    if (this.#recorded < this.events.length) this.#record(this.#recorded + 1);
    this.#look();
  }

  /** Records what was held, and what follows. */
  release(): void {
    this.#recordUpTo = Infinity;
    if (this.events.length > this.#recorded) this.#record(this.events.length);
    this.#look();
  }

  #hasRoomAfter(sequence: number): boolean {
    if (sequence - this.#recorded >= this.#windowEvents) return false;
    const waiting = (this.#bytes[sequence - 1] ?? 0) - (this.#bytes[this.#recorded - 1] ?? 0);
    return sequence <= this.#recorded || waiting < (this.#windowBytes ?? Infinity);
  }

  #record(upTo: number): void {
    const from = this.#recorded + 1;
    this.#recorded = upTo;
    const code = this.#refuseWith;
    const refused = code && Array.from({ length: upTo - from + 1 }, (_, offset) => ({ sequence: from + offset, code }));
    for (const listener of this.#listeners) queueMicrotask(() => listener({ sequence: upTo, refused }));
  }

  #until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.add({ holds, resolve }));
  }

  #look(): void {
    for (const waiter of this.#waiters) {
      if (!waiter.holds()) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }
}
