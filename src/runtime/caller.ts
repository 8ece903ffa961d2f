import type { ClientCommand, HostCommand } from '../domain/worker/command.js';
import type { Reply, Waiting } from '../domain/worker/decision.js';

/** What a mailbox can be asked. */
export type Asked = ClientCommand | HostCommand;

/** Somebody who asked. Answered once; what comes after the first answer is nobody's. */
export class Caller {
  readonly command: Asked;
  #resolve: ((reply: Reply) => void) | undefined;
  #onAnswered: () => void;

  constructor(command: Asked, resolve: (reply: Reply) => void, onAnswered: () => void) {
    this.command = command;
    this.#resolve = resolve;
    this.#onAnswered = onAnswered;
  }

  get isAnswered(): boolean {
    return this.#resolve === undefined;
  }

  /** Called beside the answer, as soon as there is one. */
  onAnswered(run: () => void): void {
    const before = this.#onAnswered;
    this.#onAnswered = () => {
      before();
      run();
    };
  }

  answer(reply: Reply): void {
    const resolve = this.#resolve;
    if (!resolve) return;
    this.#resolve = undefined;
    this.#onAnswered();
    resolve(reply);
  }
}

/** Somebody who waits for an answer that a fact gives. */
export interface Waiter {
  readonly waiting: Waiting;
  readonly caller: Pick<Caller, 'answer' | 'isAnswered'>;
  /** Waits for what was begun before: it may have been executed whatever becomes of this append. */
  readonly isJoined: boolean;
}
