import type { Logger } from '../../../ports/logger.js';
import type { DialProblem } from './dial-error.js';

/** Tells the operator how the connection is: once, until that changes. */
export class OperatorLines {
  readonly #logger: Logger;
  #told: string | undefined;
  #isLost = false;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  failed({ message, isFinal, sign }: DialProblem): void {
    const fact = `${message} ${sign ?? ''}`;
    if (this.#told === fact) return;
    this.#told = fact;
    this.#logger[isFinal ? 'error' : 'warn'](message, sign === undefined ? {} : { sign });
  }

  lost(reason: DialProblem): void {
    this.#isLost = true;
    this.failed(reason);
  }

  /** One that follows a loss has to last first: an end that accepts and cuts is told of once. */
  opened(): void {
    if (!this.#isLost) this.#connected();
  }

  settled(): void {
    this.#isLost = false;
    this.#connected();
  }

  #connected(): void {
    const message = 'connected to the backend server';
    if (this.#told === message) return;
    this.#told = message;
    this.#logger.info(message);
  }
}
