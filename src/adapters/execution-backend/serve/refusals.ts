import type { Clock } from '../../../ports/clock.js';
import type { LogFields, Logger } from '../../../ports/logger.js';

const reasons = [
  /** There were too many others. */
  'too-many',
  /** It did not speak TLS 1.3, or did not trust the certificate. */
  'tls',
  /** The keys cannot be read. */
  'key-file',
  /** It did not show that it has a key. */
  'unauthorized',
  /** What came was no handshake. */
  'protocol-violation',
  /** It took longer than it may. */
  'handshake-timeout',
  /** It went away by itself before it was open. */
  'left',
  /** The system had nothing left for it. */
  'system',
] as const;
/** Why a connection did not become one of a host. */
export type RefusalReason = (typeof reasons)[number];

const intervalMs = 10_000;

interface Untold {
  count: number;
  fields: LogFields;
  readonly cancel: () => void;
}

/** Counts who is not let in, and tells the operator: each reason at once, then at most every 10 s with its number. */
export class Refusals implements Disposable {
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #counts = Object.fromEntries(reasons.map((reason) => [reason, 0])) as Record<RefusalReason, number>;
  readonly #untold = new Map<RefusalReason, Untold>();

  constructor(clock: Clock, logger: Logger) {
    this.#clock = clock;
    this.#logger = logger;
  }

  get counts(): Readonly<Record<RefusalReason, number>> {
    return { ...this.#counts };
  }

  count(reason: RefusalReason, fields: LogFields): void {
    this.#counts[reason] += 1;
    const untold = this.#untold.get(reason);
    if (!untold) return this.#tell(reason, 1, fields);
    untold.count += 1;
    untold.fields = fields;
  }

  #tell(reason: RefusalReason, count: number, fields: LogFields): void {
    // Who only looks whether something listens does so every few seconds.
    const level = reason === 'left' ? 'debug' : 'warn';
    this.#logger[level]('refused connections', { reason, count, ...fields });
    const cancel = this.#clock.after(intervalMs, () => this.#flush(reason));
    this.#untold.set(reason, { count: 0, fields, cancel });
  }

  #flush(reason: RefusalReason): void {
    const untold = this.#untold.get(reason);
    this.#untold.delete(reason);
    if (untold && untold.count > 0) this.#tell(reason, untold.count, untold.fields);
  }

  /** What was not told yet is told. */
  [Symbol.dispose](): void {
    for (const [reason, { cancel }] of [...this.#untold]) {
      cancel();
      this.#flush(reason);
    }
    for (const { cancel } of this.#untold.values()) cancel();
    this.#untold.clear();
  }
}
