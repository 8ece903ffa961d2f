import type { InputId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type {
  CancelRequest,
  ControlOutcome,
  DispatchOutcome,
  ExecutionFacts,
  ExecutionInput,
  QuestionAnswer,
  RecoverOutcome,
  RecoverRequest,
  Refused,
  SpawnOutcome,
  SpawnRequest,
} from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import type { ObservationPublisher } from '../../../ports/observation-publisher.js';

import { gone, type HeldExecution, inputNotOpen, rememberedInputs } from '../held/held-executions.js';
import { Outlet } from '../held/outlet.js';
import { Recent } from '../held/recent.js';
import { settledWithin } from '../held/settled-within.js';
import { takeOver } from '../held/take-over.js';
import { Run, type RunGenerator } from './run.js';
import { isRunEnd } from './run-end.js';

export interface SessionRequest extends SpawnRequest {
  /** Aborts when the execution is ended before it has started. */
  readonly signal: AbortSignal;
}

export interface Parts<Session> {
  readonly start: (request: SessionRequest) => Promise<Session> | Session;
  readonly close: (session: Session) => Promise<void> | void;
  readonly run: RunGenerator<Session>;
  readonly codes: readonly string[];
  readonly recover: boolean;
  readonly cancelGraceMs: number;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** The execution of one Worker, under the generation that holds it: a session, and at most one run at a time. */
export class Execution<Session> implements HeldExecution {
  readonly spawned: Promise<SpawnOutcome>;
  readonly #parts: Parts<Session>;
  readonly #outlet: Outlet;
  readonly #controller = new AbortController();
  /** The inputs it took last: each is run once, however often it is handed over (W8). */
  readonly #inputs = new Recent<InputId, true>(rememberedInputs);
  #generation: SpawnRequest['generation'];
  #opening: Promise<void> = Promise.resolve();
  #session: { readonly value: Session } | undefined;
  #run: Run<Session> | undefined;
  #closed: Promise<void> | undefined;

  /** Starts when `former`, the execution of a lower generation, has ended. */
  constructor(request: SpawnRequest, publisher: ObservationPublisher, parts: Parts<Session>, former: Promise<unknown>) {
    this.#generation = request.generation;
    this.#parts = parts;
    this.#outlet = new Outlet(publisher, parts.recover);
    this.spawned = former.then(() => this.#start(request));
  }

  get generation(): SpawnRequest['generation'] {
    return this.#generation;
  }

  dispatch(input: ExecutionInput): DispatchOutcome {
    if (this.#inputs.has(input.inputId)) return { outcome: 'accepted' };
    if (!this.#session || this.#controller.signal.aborted) return gone;
    if (this.#run?.open) return { outcome: 'busy' };
    this.#inputs.set(input.inputId, true);
    const { run, codes, clock, logger } = this.#parts;
    const onFenced = (): void => void this.end(0);
    const surroundings = {
      run,
      codes,
      clock,
      logger,
      onFenced,
      outlet: this.#outlet,
      session: this.#session.value,
    };
    this.#run = new Run(input, surroundings);
    return { outcome: 'accepted' };
  }

  answer(answer: QuestionAnswer): ControlOutcome {
    return this.#run?.answer(answer) ?? { outcome: 'rejected', code: 'question-unknown' };
  }

  async cancel({ inputId, deadlineMs }: CancelRequest): Promise<ControlOutcome> {
    const run = this.#run;
    if (!run?.open || run.inputId !== inputId) return inputNotOpen;
    await run.cancel(Math.min(this.#parts.cancelGraceMs, deadlineMs / 2));
    return { outcome: 'accepted' };
  }

  /** Goes on under the generation of `request`, from `position`. A run that the host does not know of is ended silently. */
  async recover(request: RecoverRequest, publisher: ObservationPublisher): Promise<RecoverOutcome> {
    const { handle, position, deadlineMs } = request;
    if (!this.#session || this.#controller.signal.aborted || !this.#outlet.covers(position)) return { outcome: 'lost' };
    const isResumed = handle.generation === this.#generation;
    this.#generation = handle.generation;
    const run = this.#run?.open ? this.#run : undefined;
    const silence = async (): Promise<boolean> => {
      await run?.cancel(Math.min(this.#parts.cancelGraceMs, deadlineMs / 2), 'silently');
      return true;
    };
    const living = { outlet: this.#outlet, inputs: this.#inputs, run, silence, isResumed };
    const answer = await takeOver(request, publisher, living);
    return answer ? { outcome: 'adopted', ...this.#facts, ...answer } : { outcome: 'lost' };
  }

  /** Ends the run, then the session. `killed`: something of it had not ended after `graceMs` and was left alone. */
  async end(graceMs: number): Promise<'stopped' | 'killed'> {
    const { clock } = this.#parts;
    const until = clock.now() + graceMs;
    this.#controller.abort();
    const run = this.#run?.open ? await this.#run.cancel(graceMs) : 'ended';
    this.#closed ??= this.#close();
    const closed = await settledWithin(this.#closed, Math.max(0, until - clock.now()), clock);
    return run === 'ended' && closed ? 'stopped' : 'killed';
  }

  get #facts(): ExecutionFacts {
    const { codes, recover } = this.#parts;
    return { capabilities: { cancel: true, stop: true, recover, questions: true }, codes };
  }

  async #start(request: SpawnRequest): Promise<SpawnOutcome> {
    const { signal } = this.#controller;
    if (signal.aborted) return gone;
    return new Promise((resolve) => {
      signal.addEventListener('abort', () => resolve(gone), { once: true });
      this.#opening = this.#open({ ...request, signal });
      this.#opening.then(
        () => resolve({ outcome: 'connected', ...this.#facts }),
        (cause: unknown) => resolve(refusalOf(cause, this.#parts.codes)),
      );
    });
  }

  async #open(request: SessionRequest): Promise<void> {
    this.#session = { value: await this.#parts.start(request) };
  }

  async #close(): Promise<void> {
    await this.#opening.catch(() => undefined);
    const session = this.#session;
    this.#session = undefined;
    try {
      if (session) await this.#parts.close(session.value);
    } catch (cause) {
      this.#parts.logger.error('a session did not close', { cause });
    }
  }
}

function refusalOf(cause: unknown, codes: readonly string[]): Refused {
  if (!isRunEnd(cause)) return { outcome: 'errored', detail: cause };
  const declared = cause.code !== undefined && codes.includes(cause.code);
  return { outcome: 'rejected', detail: cause, ...(declared && { code: cause.code }) };
}
