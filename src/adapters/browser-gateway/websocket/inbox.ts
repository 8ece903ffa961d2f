import { turn } from '../../../ports/clock.js';

/** A text; `undefined` for a message of bytes. */
export type Incoming = string | undefined;

export interface InboxDependencies {
  /** Takes one message; the next one comes when it has resolved. MUST NOT reject. */
  readonly handle: (message: Incoming) => Promise<void>;
  readonly pause: () => void;
  readonly resume: () => void;
}

/** So many messages wait before the socket is asked to send no more. */
const waitingMessages = 16;
/** After so many messages everything else gets its turn, other sockets and what the messages began included. */
const messagesPerTurn = 16;

/** What a client has said and nobody has answered yet: taken in order, one after the other. */
export class Inbox {
  readonly #dependencies: InboxDependencies;
  readonly #messages: Incoming[] = [];
  #isPaused = false;
  #isRunning = false;
  #isClosed = false;

  constructor(dependencies: InboxDependencies) {
    this.#dependencies = dependencies;
  }

  put(message: Incoming): void {
    if (this.#isClosed) return;
    this.#messages.push(message);
    if (!this.#isPaused && this.#messages.length >= waitingMessages) this.#pause();
    if (!this.#isRunning) void this.#run();
  }

  /** Takes nothing more. What comes in is read and thrown away, so that the end of the socket is heard. */
  close(): void {
    this.#isClosed = true;
    this.#messages.length = 0;
    this.#resume();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    for (let taken = 1; this.#messages.length > 0; taken += 1) {
      await this.#dependencies.handle(this.#messages.shift());
      if (taken % messagesPerTurn === 0) await turn();
      if (this.#messages.length < waitingMessages) this.#resume();
    }
    this.#isRunning = false;
  }

  #pause(): void {
    this.#isPaused = true;
    this.#dependencies.pause();
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#dependencies.resume();
  }
}
