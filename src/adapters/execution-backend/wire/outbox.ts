import type { WireTransport } from './transport.js';
import { afterMicrotasks } from './after-microtasks.js';

/** Makes its lines when the pipe can take them, so that what is ready by then goes out together. */
export interface LineSource {
  /** The next whole lines, or `undefined` while it has none. Called until it has none. */
  take(): string | undefined;
}

/** How much is handed to the transport at once: what comes before everything else waits behind no more than this. */
const writeChars = 64 * 1024;

/**
 * What goes out on one connection (E4). Two lanes: requests, answers, pings and acknowledgements before events.
 * Writes are joined until the running code has nothing more to say, and wait while the transport is full.
 */
export class Outbox {
  readonly #transport: WireTransport;
  readonly #maxQueuedChars: number;
  #lines: string[] = [];
  #queuedChars = 0;
  readonly #prompt = new Set<LineSource>();
  readonly #events = new Set<LineSource>();
  #scheduled = false;
  #full = false;
  #closed = false;

  constructor(transport: WireTransport, maxQueuedChars: number) {
    this.#transport = transport;
    this.#maxQueuedChars = maxQueuedChars;
  }

  /** How much waits to be written, without events. */
  get queuedChars(): number {
    return this.#queuedChars;
  }

  /** Queues a line (with its line feed) before all events. `false`: the other end does not read; nothing was queued. */
  push(line: string): boolean {
    if (this.#closed || this.#queuedChars + line.length > this.#maxQueuedChars) return false;
    this.#lines.push(line);
    this.#queuedChars += line.length;
    this.#schedule();
    return true;
  }

  /** `source` has lines that go before all events. */
  prompt(source: LineSource): void {
    this.#prompt.add(source);
    this.#schedule();
  }

  /** `source` has events. Sources take turns. */
  events(source: LineSource): void {
    this.#events.add(source);
    this.#schedule();
  }

  /** Writes now what the transport takes. */
  flush(): void {
    while (!this.#full && !this.#closed) {
      const text = this.#collect();
      if (text === '') return;
      const drained = this.#transport.write(text);
      if (drained) this.#await(drained);
    }
  }

  close(): void {
    this.flush();
    this.#closed = true;
    this.#lines = [];
    this.#prompt.clear();
    this.#events.clear();
  }

  #await(drained: Promise<void>): void {
    this.#full = true;
    void drained.then(() => {
      this.#full = false;
      this.flush();
    });
  }

  #schedule(): void {
    if (this.#scheduled || this.#full || this.#closed) return;
    this.#scheduled = true;
    // Twice: after an answer the peer reads its next lines in between, and what is acknowledged of those goes out with this.
    afterMicrotasks(() => afterMicrotasks(this.#flushScheduled));
  }

  readonly #flushScheduled = (): void => {
    this.#scheduled = false;
    this.flush();
  };

  #collect(): string {
    let text = this.#takeLines();
    for (const lane of [this.#prompt, this.#events]) {
      for (const source of lane) {
        if (text.length >= writeChars) return text;
        lane.delete(source);
        const lines = source.take();
        if (lines === undefined) continue;
        text += lines;
        lane.add(source);
      }
    }
    return text;
  }

  #takeLines(): string {
    if (this.#lines.length === 0) return '';
    let count = 0;
    let chars = 0;
    while (count < this.#lines.length && chars < writeChars) {
      chars += this.#lines[count]?.length ?? 0;
      count += 1;
    }
    const text = this.#lines.splice(0, count).join('');
    this.#queuedChars -= text.length;
    return text;
  }
}
