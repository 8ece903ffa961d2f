import { isPrivateValue, logParams } from '../../../protocol/ebp.js';
import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';

const maxTextChars = 4096;
const maxLinesPerSecond = 100;

/** Takes `log` notifications to the operator, and nowhere else (E2). Bounded in length and number. */
export class OperatorLog {
  readonly #logger: Logger;
  readonly #clock: Clock;
  #since = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #dropped = 0;

  constructor(logger: Logger, clock: Clock) {
    this.#logger = logger;
    this.#clock = clock;
  }

  /** `false`: it is not a `log`. */
  write(params: unknown): boolean {
    const parsed = logParams.safeParse(params);
    if (!parsed.success) return false;
    const { level, text } = parsed.data;
    if (isPrivateValue(level) || !this.#admits()) return true;
    this.#logger[level === '_' ? 'debug' : level]('backend', { text: text.slice(0, maxTextChars) });
    return true;
  }

  #admits(): boolean {
    const now = this.#clock.now();
    if (now - this.#since >= 1000) {
      if (this.#dropped > 0) this.#logger.warn('lines of the backend were dropped', { count: this.#dropped });
      this.#since = now;
      this.#lines = 0;
      this.#dropped = 0;
    }
    this.#lines += 1;
    if (this.#lines > maxLinesPerSecond) this.#dropped += 1;
    return this.#lines <= maxLinesPerSecond;
  }
}
