import type { Socket } from 'node:net';

import type { Clock } from '../../../ports/clock.js';
import type { RefusalReason } from './refusals.js';
import type { Place } from './room.js';

export interface VisitOptions {
  readonly place: Place;
  readonly clock: Clock;
  readonly handshakeMs: number;
  /** Why it is not a host's, where it says no more. */
  readonly stage: RefusalReason;
  /** It is gone, and was never a host's. */
  readonly onRefused: (reason: RefusalReason, cause: unknown) => void;
}

/** One connection, from its beginning to its end. What is wrong with it is its own affair. */
export class Visit {
  /** Resolves when it is over. */
  readonly gone: Promise<void>;
  readonly #socket: Socket;
  readonly #place: Place;
  readonly #cancel: () => void;
  #reason: RefusalReason | undefined;
  #cause: unknown;
  #stage: RefusalReason;
  #isOpen = false;

  constructor(socket: Socket, { place, clock, handshakeMs, stage, onRefused }: VisitOptions) {
    this.#socket = socket;
    this.#place = place;
    this.#stage = stage;
    // One deadline for all that comes before `initialize`, TLS included.
    this.#cancel = clock.after(handshakeMs, () => this.refuse('handshake-timeout'));
    this.gone = new Promise((resolve) => {
      socket.once('close', () => {
        this.#cancel();
        this.#place.leave();
        if (!this.#isOpen) onRefused(this.#reason ?? this.#stage, this.#cause);
        resolve();
      });
    });
  }

  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** From now on, who goes away has left for this reason. */
  reach(stage: RefusalReason): void {
    this.#stage = stage;
  }

  open(): void {
    this.#isOpen = true;
    this.#cancel();
    this.#place.open();
  }

  /** The first reason counts. Nothing is said to the other end. */
  refuse(reason: RefusalReason, cause?: unknown): void {
    this.note(reason, cause);
    if (!this.#isOpen) this.#socket.destroy();
  }

  /** It ends by itself, for this reason. */
  note(reason: RefusalReason, cause?: unknown): void {
    if (this.#reason !== undefined) return;
    this.#reason = reason;
    this.#cause = cause;
  }

  end(): void {
    this.#socket.destroy();
  }
}
