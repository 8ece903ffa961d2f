import type { BackendEvent } from '../../../domain/observation/event.js';
import type { InputId } from '../../../domain/ids.js';
import type { Position } from '../../../ports/execution-backend.js';
import type { ExecutionExit, ObservationPublisher, PublishResult } from '../../../ports/observation-publisher.js';

interface Kept {
  readonly event: BackendEvent;
  readonly settle: (result: PublishResult) => void;
  readonly fail: (cause: unknown) => void;
}

/**
 * What an execution speaks through: its publisher, or the one of whoever takes it over. Keeps what is not recorded yet,
 * where the execution can be recovered; that is bounded, as nobody publishes past a full window.
 */
export class Outlet {
  readonly #keeps: boolean;
  #publisher: ObservationPublisher;
  #kept: Kept[] = [];
  /** The events of this generation that were recorded, and those that were published. */
  #recorded = 0;
  #published = 0;
  #adoptedAt: Position | undefined;

  constructor(publisher: ObservationPublisher, keeps: boolean) {
    this.#keeps = keeps;
    this.#publisher = publisher;
    this.#listen();
  }

  publish(event: BackendEvent): Promise<PublishResult> {
    return new Promise((settle, fail) => {
      const kept: Kept = { event, settle, fail };
      this.#published += 1;
      if (this.#keeps) this.#kept.push(kept);
      this.#hand(kept);
    });
  }

  /** The execution is gone; what was published stands before it. */
  disconnect(exit: ExecutionExit): Promise<void> {
    return this.#publisher.disconnect(exit);
  }

  /** Whether everything after `position` is still here. */
  covers(position: Position): boolean {
    const recorded = this.#at(position);
    return this.#keeps && recorded !== undefined && recorded >= this.#recorded && recorded <= this.#published;
  }

  /** Publishes what follows `position` through `publisher`: all of it, or of a new generation only what `inputId` caused. */
  move(publisher: ObservationPublisher, position: Position, inputId: InputId | undefined): void {
    if (publisher === this.#publisher) return;
    const resumed = publisher.generation === this.#publisher.generation;
    const taken = this.#at(position) ?? this.#recorded;
    this.#kept.splice(0, taken - this.#recorded);
    this.#recorded = resumed ? taken : 0;
    if (!resumed) {
      this.#adoptedAt = position;
      this.#kept = this.#kept.filter(({ event }) => event.inputId === undefined || event.inputId === inputId);
      this.#published = this.#kept.length;
    }
    this.#publisher = publisher;
    this.#listen();
    for (const kept of this.#kept) this.#hand(kept);
  }

  /** Whether an event that fits is still kept. */
  keeps(fits: (event: BackendEvent) => boolean): boolean {
    return this.#kept.some(({ event }) => fits(event));
  }

  /** A position as a count of this generation's events. A take-over that is asked for again names the former one. */
  #at({ generation, sequence }: Position): number | undefined {
    if (generation === this.#publisher.generation) return sequence;
    const again = generation === this.#adoptedAt?.generation && sequence === this.#adoptedAt.sequence;
    return again ? 0 : undefined;
  }

  #hand({ event, settle, fail }: Kept): void {
    const publisher = this.#publisher;
    const ifCurrent =
      <T>(tell: (value: T) => void) =>
      (value: T): void =>
        publisher === this.#publisher ? tell(value) : undefined;
    publisher.publish(event).then(ifCurrent(settle), ifCurrent(fail));
  }

  #listen(): void {
    const publisher = this.#publisher;
    if (!this.#keeps) return;
    publisher.onRecorded(({ sequence }) => {
      if (publisher !== this.#publisher || sequence <= this.#recorded) return;
      this.#kept.splice(0, sequence - this.#recorded);
      this.#recorded = sequence;
    });
  }
}
