import type { InputId } from '../../../domain/ids.js';
import type { BackendEvent } from '../../../domain/observation/event.js';
import type { Clock } from '../../../ports/clock.js';
import type { ControlOutcome, ExecutionInput, QuestionAnswer } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { PublishResult } from '../../../ports/observation-publisher.js';

import { addressed, type RunEvent } from './events.js';
import type { Outlet } from '../held/outlet.js';
import { type Ask, Questions } from '../held/questions.js';
import { LateAbort } from '../../../ports/abort.js';
import { publishFenced } from '../held/publish-fenced.js';
import type { RunEnded } from '../held/run-ended.js';
import { settledWithin } from '../held/settled-within.js';
import { isRunEnd, type RunEnd } from './run-end.js';
import { turn } from '../../../ports/clock.js';

export interface RunContext<Session> {
  /** What `start` returned. */
  readonly session: Session;
  /** Aborts when the run is cancelled or its execution ends. What is yielded after that is not published. */
  readonly signal: AbortSignal;
  readonly ask: Ask;
}

export type RunGenerator<Session> = (
  input: ExecutionInput,
  context: RunContext<Session>,
) => AsyncIterable<RunEvent, RunEnd | void, undefined>;

export interface RunSurroundings<Session> {
  readonly run: RunGenerator<Session>;
  readonly session: Session;
  readonly outlet: Outlet;
  readonly codes: readonly string[];
  readonly clock: Clock;
  readonly logger: Logger;
  /** The host does not take events of this generation any more. */
  readonly onFenced: () => void;
}

/** A generator that never waits must not keep its own cancel from coming in. */
const eventsPerTurn = 256;

/** One input: its generator, its questions and its one end. */
export class Run<Session> {
  readonly inputId: InputId;
  readonly #surroundings: RunSurroundings<Session>;
  readonly #cancellation = new LateAbort();
  readonly #questions: Questions;
  readonly #driven: Promise<void>;
  #wake: () => void = () => undefined;
  #open = true;

  constructor(input: ExecutionInput, surroundings: RunSurroundings<Session>) {
    this.inputId = input.inputId;
    this.#surroundings = surroundings;
    this.#questions = new Questions(input.inputId, (event) => this.#publish(event));
    this.#driven = this.#drive(input).then(
      (end) => this.#finish(this.#endOf(end)),
      (cause: unknown) => this.#finish(this.#endOfThrown(cause)),
    );
  }

  get open(): boolean {
    return this.#open;
  }

  answer(answer: QuestionAnswer): ControlOutcome {
    return this.#questions.answer(answer);
  }

  /** Who still waits for an answer asks again, under a new id, if the question was recorded before a take-over. */
  askAgain(outlet: Outlet): void {
    this.#questions.askAgain(outlet);
  }

  /**
   * Ends it `cancelled`, or without a word. A generator that has not ended after `graceMs` is left alone and heard no
   * more.
   */
  async cancel(graceMs: number, how: 'aloud' | 'silently' = 'aloud'): Promise<'ended' | 'abandoned'> {
    if (how === 'silently') this.#open = false;
    this.#abort();
    const ended = await settledWithin(this.#driven, graceMs, this.#surroundings.clock);
    if (!ended) this.#surroundings.logger.warn('a generator went on after its cancel', { inputId: this.inputId });
    this.#finish({ type: 'run-ended', end: 'cancelled' });
    return ended ? 'ended' : 'abandoned';
  }

  #abort(): void {
    this.#cancellation.abort();
    this.#questions.end(() => this.#cancellation.signal.reason);
    this.#wake();
  }

  async #drive(input: ExecutionInput): Promise<RunEnd | void> {
    const cancellation = this.#cancellation;
    const iterator = this.#begin(input);
    for (let count = 1; ; count += 1) {
      const step = await iterator.next();
      if (step.done) return step.value;
      if (!cancellation.isAborted) await this.#yielded(step.value);
      if (count % eventsPerTurn === 0) await turn();
      if (cancellation.isAborted) return void (await iterator.return?.());
    }
  }

  #begin(input: ExecutionInput): AsyncIterator<RunEvent, RunEnd | void, undefined> {
    const { run, session } = this.#surroundings;
    const cancellation = this.#cancellation;
    const context = {
      session,
      get signal() {
        return cancellation.signal;
      },
      ask: this.#questions.ask,
    };
    return run(input, context)[Symbol.asyncIterator]();
  }

  /** Waits until there is room for the next event, or nobody wants one any more. */
  #yielded(value: RunEvent): Promise<void> {
    const event = addressed(value, this.inputId);
    if (!event) throw new TypeError('a run yields neither questions nor its end');
    return new Promise((resolve, reject) => {
      this.#wake = resolve;
      void this.#publish(event).then(() => resolve(), reject);
    });
  }

  #publish(event: BackendEvent): Promise<PublishResult> {
    const { outlet, logger, onFenced } = this.#surroundings;
    return publishFenced(event, { logger, onFenced, publish: (one) => outlet.publish(one) });
  }

  #finish(end: RunEnded): void {
    if (!this.#open) return;
    const ending = this.#publish({ ...end, inputId: this.inputId });
    this.#open = false;
    this.#questions.end(() => new Error('the run has ended'));
    ending.catch((cause: unknown) => this.#surroundings.logger.error('the end of a run was not published', { cause }));
  }

  #endOf(end: RunEnd | void): RunEnded {
    if (this.#cancellation.isAborted) return { type: 'run-ended', end: 'cancelled' };
    if (!isRunEnd(end)) return { type: 'run-ended', end: 'completed' };
    const { codes, logger } = this.#surroundings;
    const declared = end.code !== undefined && codes.includes(end.code);
    logger.info('a run did not complete', { inputId: this.inputId, end: end.end, code: end.code, cause: end.cause });
    return { type: 'run-ended', end: end.end, ...(declared && { code: end.code }) };
  }

  #endOfThrown(cause: unknown): RunEnded {
    if (this.#cancellation.isAborted || isRunEnd(cause)) return this.#endOf(isRunEnd(cause) ? cause : undefined);
    this.#surroundings.logger.error('a run failed', { inputId: this.inputId, cause });
    return { type: 'run-ended', end: 'failed' };
  }
}
