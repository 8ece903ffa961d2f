import { isBackendCode, maxBackendCodes } from '../../domain/codes.js';
import { type Clock, systemClock } from '../../ports/clock.js';
import type { ExecutionBackend } from '../../ports/execution-backend.js';
import { type Logger, nullLogger, unfailing } from '../../ports/logger.js';

import { Execution, type Parts, type SessionRequest } from './generator/execution.js';
import type { RunGenerator } from './generator/run.js';
import { heldExecutions } from './held/held-executions.js';

export interface GeneratorBackendOptions<Session> {
  readonly id: string;
  /** The codes that `failed` and `refused` may show; at most 64, kebab-case, at most 64 characters each (B5). */
  readonly codes?: readonly string[] | undefined;
  /** Called once per execution. What it returns is every run's `session`; a throw refuses the spawn. */
  readonly start?: ((request: SessionRequest) => Promise<Session> | Session) | undefined;
  /**
   * Called once per input. Returning completes the run; a throw fails it, its cause goes to the logger; `failed` and
   * `refused`, thrown or returned, end it so. On cancel `signal` aborts, and the generator is returned at its next yield.
   */
  readonly run: RunGenerator<Session>;
  /** Called once for what `start` returned, when its execution ends. */
  readonly close?: ((session: Session) => Promise<void> | void) | undefined;
  /**
   * Whether its executions can be recovered. They are then taken over where they still live in this object, with every
   * event that was not recorded, by a host that comes back; what has ended with its process is lost. `false`.
   */
  readonly recover?: boolean | undefined;
  /** How long a cancelled generator may take to end before it is left alone; never past half the cancel's deadline. 2,000 ms. */
  readonly cancelGraceMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}

function partsOf<Session>(options: GeneratorBackendOptions<Session>): Parts<Session> {
  const codes = [...(options.codes ?? [])];
  if (codes.length > maxBackendCodes || !codes.every(isBackendCode))
    throw new TypeError('codes are at most 64, in kebab-case');
  return {
    start: options.start ?? (() => undefined as Session),
    close: options.close ?? (() => undefined),
    run: options.run,
    codes,
    recover: options.recover ?? false,
    cancelGraceMs: options.cancelGraceMs ?? 2_000,
    logger: unfailing(options.logger ?? nullLogger),
    clock: options.clock ?? systemClock,
  };
}

/**
 * A backend whose Workers are a session each and whose runs are async generators. Acceptance, busy, repeated inputs,
 * cancel, questions, generations and the end of each run are handled here. It can cancel, stop and ask, and
 * recover what lives in it where `recover` is set.
 * Throws `TypeError` for an `id` or codes of the wrong form.
 */
export function generatorBackend<Session = undefined>(options: GeneratorBackendOptions<Session>): ExecutionBackend {
  const parts = partsOf(options);
  return heldExecutions({
    id: options.id,
    canRecover: parts.recover,
    formerGraceMs: parts.cancelGraceMs,
    disposeGraceMs: 0,
    spawn(request, { publisher, former }) {
      const execution = new Execution(request, publisher, parts, former);
      return { execution, outcome: execution.spawned };
    },
  });
}
