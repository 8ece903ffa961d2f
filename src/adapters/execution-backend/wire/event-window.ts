import type { WireLimits } from './limits.js';

export interface KeptEvent {
  /** Its entry in a `worker/events` line. */
  readonly json: string;
  readonly bytes: number;
  /** Its number in the author's own counting; 0 for what the serving end says itself. */
  readonly authored: number;
}

/**
 * The events of one execution that are not acknowledged, numbered from 1 for as long as it lives, whatever its
 * generation. Exactly these are kept for resending; no more than the window is ever sent without an acknowledgement.
 */
export class EventWindow {
  #entries: KeptEvent[] = [];
  #head = 0;
  #keptBytes = 0;
  #sentBytes = 0;
  /** The last event that was acknowledged, sent, and added. */
  acknowledged = 0;
  sent = 0;
  added = 0;

  add(event: KeptEvent): void {
    this.#entries.push(event);
    this.#keptBytes += event.bytes;
    this.added += 1;
  }

  hasRoom(limits: WireLimits): boolean {
    return this.#kept < limits.windowEvents && this.#keptBytes < limits.windowBytes;
  }

  /** Whether more is kept than any author who waits for room can have added: twice the window, and one event. */
  isOverrun({ windowEvents, windowBytes, maxLineBytes }: WireLimits): boolean {
    return this.#kept > 2 * windowEvents || this.#keptBytes > 2 * windowBytes + maxLineBytes;
  }

  get unsentBytes(): number {
    return this.#keptBytes - this.#sentBytes;
  }

  /** The next event to send, where the window lets it go. */
  next(limits: WireLimits): KeptEvent | undefined {
    if (this.sent - this.acknowledged >= limits.windowEvents) return undefined;
    const event = this.#entries[this.#head + this.sent - this.acknowledged];
    if (!event) return undefined;
    const isAlone = this.sent === this.acknowledged;
    return isAlone || this.#sentBytes + event.bytes <= limits.windowBytes ? event : undefined;
  }

  markSent(event: KeptEvent): void {
    this.sent += 1;
    this.#sentBytes += event.bytes;
  }

  /** Lets go of everything up to `upTo`, which was sent; gives what was let go. */
  acknowledge(upTo: number): readonly KeptEvent[] {
    const count = upTo - this.acknowledged;
    const dropped = this.#entries.slice(this.#head, this.#head + count);
    for (const event of dropped) {
      this.#keptBytes -= event.bytes;
      this.#sentBytes -= event.bytes;
    }
    this.acknowledged = upTo;
    this.#head += count;
    if (this.#head > 1024 || this.#head === this.#entries.length) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
    return dropped;
  }

  /** What is kept and was added after `number`, which is still kept or was the last to be let go. */
  after(number: number): readonly KeptEvent[] {
    return this.#entries.slice(this.#head + number - this.acknowledged);
  }

  /** A new connection: everything that is kept is sent again. */
  rewind(): void {
    this.sent = this.acknowledged;
    this.#sentBytes = 0;
  }

  /** The largest event that is kept, in bytes. */
  get largest(): number {
    return this.#entries.slice(this.#head).reduce((largest, event) => Math.max(largest, event.bytes), 0);
  }

  get #kept(): number {
    return this.added - this.acknowledged;
  }
}
