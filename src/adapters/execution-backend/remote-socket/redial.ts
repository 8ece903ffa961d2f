import type { Clock } from '../../../ports/clock.js';
import type { DialProblem } from './dial-error.js';
import { problems } from './dial-error.js';

/** Between attempts; the last one for ever. */
const delaysMs = [0, 1000, 2000, 5000, 10_000, 20_000, 30_000] as const;
/** A wait is shorter by up to this part of it, so that hosts which lost a server together do not come back together. */
const jitter = 0.25;
/** A connection that lasts less is no success: the delays go on where they were. */
export const defaultSettledMs = 5000;

/** A connection that was made. */
export interface Connected {
  /** Resolves with the reason of its end. */
  readonly ended: Promise<DialProblem>;
}

export interface RedialOptions {
  /** Makes a connection, or rejects with a `DialProblem`. Leaves nothing behind when the signal aborts. */
  readonly connect: (signal: AbortSignal) => Promise<Connected>;
  /** What an attempt may take. */
  readonly connectMs: number;
  /** From when on a connection is a success. */
  readonly settledMs: number;
  readonly clock: Clock;
  /** 0 … 1. */
  readonly random: () => number;
  /** Told of each attempt: its problem, or nothing where it is open; and of the end of a connection. */
  readonly onOutcome: (problem: DialProblem | undefined) => void;
  /** A connection has lasted. */
  readonly onSettled: () => void;
  /** How many calls wait for a connection, whenever that changes. */
  readonly onWaiting: (count: number) => void;
}

type Outcome = DialProblem | undefined;

/** Keeps one connection: makes it, and makes it again with growing delays whenever it is lost, until it is ended. */
export class Redial {
  readonly #options: RedialOptions;
  readonly #waiting = new Set<(outcome: Outcome) => void>();
  #state: 'idle' | 'dialing' | 'open' | 'ended' = 'idle';
  /** Which delay comes next. */
  #step = 0;
  #cancelTimer: () => void = () => undefined;
  #abort = new AbortController();

  constructor(options: RedialOptions) {
    this.#options = options;
  }

  /** Begins an attempt, unless one is under way or there is a connection. */
  start(): void {
    if (this.#state === 'idle') void this.#attempt();
  }

  /** What comes of the attempt that is under way, or of one that is begun at once. `undefined`: it is open. */
  async attempted(signal: AbortSignal): Promise<Outcome> {
    if (this.#state === 'open') return undefined;
    this.start();
    return this.#outcome(signal);
  }

  /** The same, but waits for further attempts while they may help. */
  async opened(signal: AbortSignal): Promise<Outcome> {
    let problem = await this.attempted(signal);
    while (problem && !problem.isFinal && !signal.aborted) problem = await this.#outcome(signal);
    return problem;
  }

  end(): void {
    this.#state = 'ended';
    this.#cancelTimer();
    this.#abort.abort();
    this.#tell(problems.disposed);
  }

  /** What comes of the next attempt that is over. An abort is answered as silence. */
  #outcome(signal: AbortSignal): Promise<Outcome> {
    if (this.#state === 'ended') return Promise.resolve(problems.disposed);
    if (signal.aborted) return Promise.resolve(problems.silent);
    return new Promise((resolve) => {
      const settle = (outcome: Outcome): void => {
        signal.removeEventListener('abort', onAbort);
        this.#waiting.delete(settle);
        this.#options.onWaiting(this.#waiting.size);
        resolve(outcome);
      };
      const onAbort = (): void => settle(problems.silent);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(settle);
      this.#options.onWaiting(this.#waiting.size);
    });
  }

  #tell(outcome: Outcome): void {
    for (const settle of [...this.#waiting]) settle(outcome);
  }

  async #attempt(): Promise<void> {
    const { clock, connect, connectMs } = this.#options;
    this.#cancelTimer();
    this.#state = 'dialing';
    const abort = (this.#abort = new AbortController());
    const cancel = clock.after(connectMs, () => abort.abort());
    const aborted = new Promise<DialProblem>((resolve) => {
      abort.signal.addEventListener('abort', () => resolve(problems.silent), { once: true });
    });
    const connected = connect(abort.signal).catch((problem: unknown) => problem as DialProblem);
    const made = await Promise.race([connected, aborted]);
    cancel();
    if (this.#hasEnded()) return;
    if (!('ended' in made)) return this.#onFailed(made);
    this.#onOpen();
    const reason = await made.ended;
    if (!this.#hasEnded()) this.#onLost(reason);
  }

  #onOpen(): void {
    const { clock, settledMs, onOutcome, onSettled } = this.#options;
    this.#state = 'open';
    this.#cancelTimer = clock.after(settledMs, () => {
      this.#step = 0;
      onSettled();
    });
    onOutcome(undefined);
    this.#tell(undefined);
  }

  #onFailed(problem: DialProblem): void {
    // The attempt was the one without a delay.
    this.#step = Math.max(1, this.#step);
    this.#later(problem);
    this.#tell(problem);
  }

  #onLost(reason: DialProblem): void {
    this.#cancelTimer();
    this.#later(reason);
  }

  #later(problem: DialProblem): void {
    const { clock, random, onOutcome } = this.#options;
    const delayMs = delaysMs[Math.min(this.#step, delaysMs.length - 1)] ?? 0;
    this.#step += 1;
    this.#state = 'idle';
    this.#cancelTimer = clock.after(delayMs * (1 - jitter * random()), () => void this.#attempt());
    onOutcome(problem);
  }

  #hasEnded(): boolean {
    return this.#state === 'ended';
  }
}
