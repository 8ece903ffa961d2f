import type { ConnectionState } from './options.js';

/** What the streams of a client are at, together. */
export class Connections {
  readonly #tell: (state: ConnectionState) => void;
  /** The streams that were connected once, each with whether it is now. */
  readonly #streams = new Map<object, boolean>();
  #state: ConnectionState = 'idle';

  constructor(onConnection: ((state: ConnectionState) => void) | undefined) {
    // What is thrown there is the page's own, and no stream ends of it.
    this.#tell = (state) => onConnection && queueMicrotask(() => onConnection(state));
  }

  set(stream: object, isOpen: boolean): void {
    this.#streams.set(stream, isOpen);
    this.#update();
  }

  forget(stream: object): void {
    this.#streams.delete(stream);
    this.#update();
  }

  #update(): void {
    const all = [...this.#streams.values()];
    const state = all.length === 0 ? 'idle' : all.every(Boolean) ? 'open' : 'reconnecting';
    if (state === this.#state) return;
    this.#state = state;
    this.#tell(state);
  }
}
