import type { StreamEndCode } from '../../../domain/codes.js';
import type { CorrelationId } from '../../../domain/ids.js';
import type { Frame } from '../../../ports/browser-gateway.js';
import type { Observing } from '../edge/observing.js';
import { defect } from '../edge/problem.js';

import type { Message } from './messages.js';
import { end, FrameTeller, problem, subscribed } from './messages.js';
import type { Lane, Outbox } from './outbox.js';

export interface SubscriptionDependencies {
  readonly outbox: Outbox;
  /** Begins to watch. */
  readonly observe: () => Observing;
  /** Tells the operator of a defect. */
  readonly defect: (error: unknown) => CorrelationId;
  /** Called once, when the last word is on its way or nobody wants it: the id is free. */
  readonly over: () => void;
}

/** One Worker that is watched over a socket. Pulls a frame when the one before is on its way and the socket has room (P3). */
export class Subscription {
  readonly #id: string;
  readonly #dependencies: SubscriptionDependencies;
  readonly #teller: FrameTeller;
  readonly #lane: Lane = { messages: [], drained: () => this.#drained() };
  #observing: Observing | undefined;
  /** No frame follows: its last word is said. */
  #isEnded = false;
  #isOver = false;

  constructor(id: string, dependencies: SubscriptionDependencies) {
    this.#id = id;
    this.#teller = new FrameTeller(id);
    this.#dependencies = dependencies;
  }

  /** Resolves when it is told whether it can be watched, or nobody wants to know any more. */
  async open(): Promise<void> {
    try {
      this.#observing = this.#dependencies.observe();
      const refusal = await this.#observing.refusal();
      if (this.#isEnded) return;
      if (refusal) this.#end(problem(refusal, this.#id));
      else this.#say(subscribed(this.#id));
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Says what was pulled already, and `end` after it. */
  end(code: StreamEndCode): void {
    if (!this.#isEnded) this.#end(end(this.#id, code));
  }

  /** Lets go of everything and says nothing more. */
  leave(): void {
    this.#isEnded = true;
    this.#observing?.release();
    this.#dependencies.outbox.drop(this.#lane);
    this.#finish();
  }

  #drained(): void {
    if (this.#isEnded) this.#finish();
    else void this.#pull();
  }

  async #pull(): Promise<void> {
    try {
      const { outbox } = this.#dependencies;
      if (!outbox.hasRoom) await outbox.room();
      if (this.#isEnded) return;
      const next = await this.#observing?.next();
      this.#take(next?.done ? undefined : next?.value);
    } catch (error) {
      this.#fail(error);
    }
  }

  #take(frame: Frame | undefined): void {
    if (this.#isEnded) return;
    if (!frame) throw new Error('an observer ended without a word');
    if (frame.type === 'end') return this.#end(end(this.#id, frame.code));
    if (frame.type === 'problem') return this.#end(problem(frame.problem, this.#id));
    const messages = this.#teller.messages(frame);
    if (messages.length === 0) void this.#pull();
    else this.#say(...messages);
  }

  #fail(error: unknown): void {
    if (this.#isEnded) return;
    const correlationId = this.#dependencies.defect(error);
    this.#end(problem(defect('no', correlationId), this.#id));
  }

  #end(lastWord: Message): void {
    this.#isEnded = true;
    this.#observing?.release();
    this.#say(lastWord);
  }

  #say(...messages: readonly Message[]): void {
    this.#dependencies.outbox.say(this.#lane, ...messages);
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#dependencies.over();
  }
}
