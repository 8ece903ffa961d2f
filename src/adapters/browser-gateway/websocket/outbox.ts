import type { Message } from './messages.js';
import { lengthOf } from './messages.js';
import type { Piece } from './pieces.js';
import { pieceAt, pieceBytes } from './pieces.js';
import type { SocketPeer } from './socket-peer.js';

/** What one speaker on a socket has yet to say, in order. */
export interface Lane {
  readonly messages: Message[];
  /** Called when the last of them is on its way. */
  readonly drained: () => void;
}

export interface OutboxOptions {
  readonly inFlightBytes: number;
  /** Something begins to wait, or some of it was taken. */
  readonly moved: () => void;
}

/**
 * What a socket has yet to be told. Its speakers take turns, a message each, and no more than a piece is with the
 * network at a time. Bounded by those who ask for `room` before they get what they will say.
 */
export class Outbox {
  readonly #peer: SocketPeer;
  readonly #options: OutboxOptions;
  /** Those with something to say, in the order of their turns. */
  readonly #turns: Lane[] = [];
  /** The message at hand, and how much of its body was said. */
  #message: Message | undefined;
  #said = 0;
  readonly #waiters: (() => void)[] = [];
  /** Bytes that were said and not taken, and those of them that the network has. */
  #waiting = 0;
  #given = 0;
  #isGiving = false;
  #afterwards: (() => void) | undefined;
  #isClosed = false;

  constructor(peer: SocketPeer, options: OutboxOptions) {
    this.#peer = peer;
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#waiting === 0;
  }

  say(lane: Lane, ...messages: readonly Message[]): void {
    if (this.#isClosed || messages.length === 0) return;
    if (this.isEmpty) this.#options.moved();
    for (const message of messages) this.#waiting += lengthOf(message);
    if (lane.messages.length === 0) this.#turns.push(lane);
    lane.messages.push(...messages);
    this.#give();
  }

  /** Takes back what a speaker has not begun to say. */
  drop(lane: Lane): void {
    if (lane.messages.length === 0) return;
    for (const message of lane.messages.splice(0)) this.#waiting -= lengthOf(message);
    this.#turns.splice(this.#turns.indexOf(lane), 1);
    this.#wake();
  }

  /** Whether `room` would not wait. */
  get hasRoom(): boolean {
    return this.#isClosed || (!this.#isFull && this.#waiters.length === 0);
  }

  /** Resolves when less waits than may; first come, first served. At the end it resolves, too. */
  room(): Promise<void> {
    if (this.hasRoom) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Calls `run` when all has been said. */
  finish(run: () => void): void {
    this.#afterwards = run;
    this.#give();
  }

  /** Nothing is said any more. */
  close(): void {
    this.#isClosed = true;
    this.#turns.length = 0;
    this.#message = undefined;
    this.#waiting = 0;
    for (const wake of this.#waiters.splice(0)) wake();
  }

  get #isFull(): boolean {
    return this.#waiting >= this.#options.inFlightBytes;
  }

  #give(): void {
    if (this.#isGiving) return;
    this.#isGiving = true;
    while (!this.#isClosed && this.#given < pieceBytes) {
      const piece = this.#nextPiece();
      if (!piece) break;
      this.#given += piece.bytes;
      this.#peer.send(piece.fragments, piece.isLast, () => this.#taken(piece.bytes));
    }
    this.#isGiving = false;
    if (this.#turns.length === 0 && !this.#message) this.#goOn();
  }

  #goOn(): void {
    const run = this.#afterwards;
    this.#afterwards = undefined;
    if (!this.#isClosed) run?.();
  }

  #nextPiece(): Piece | undefined {
    const message = this.#message ?? this.#nextMessage();
    if (!message) return undefined;
    const piece = pieceAt(message, this.#said);
    this.#message = piece.isLast ? undefined : message;
    this.#said = piece.isLast ? 0 : this.#said + pieceBytes;
    return piece;
  }

  #nextMessage(): Message | undefined {
    const lane = this.#turns.shift();
    const message = lane?.messages.shift();
    if (!lane || !message) return undefined;
    this.#message = message;
    if (lane.messages.length > 0) this.#turns.push(lane);
    else lane.drained();
    return message;
  }

  #taken(bytes: number): void {
    if (this.#isClosed) return;
    this.#given -= bytes;
    this.#waiting -= bytes;
    this.#options.moved();
    this.#give();
    this.#wake();
  }

  /** One for each piece that was taken, so that not all of them come back at once with more; all where nothing waits. */
  #wake(): void {
    if (this.#isFull) return;
    for (const wake of this.#waiters.splice(0, this.isEmpty ? Infinity : 1)) wake();
  }
}
