import { isBackendCode, maxBackendCodes } from '../../domain/codes.js';
import type { Generation, WorkerId } from '../../domain/ids.js';
import { type Clock, systemClock } from '../../ports/clock.js';
import type { ExecutionBackend, ExecutionHandle, Refused } from '../../ports/execution-backend.js';
import { type Logger, nullLogger, unfailing } from '../../ports/logger.js';

import { type BackendDefinition, defineBackend } from './define-backend.js';
import { Execution, gone, type Parts, type SessionRequest } from './generator/execution.js';
import type { RunGenerator } from './generator/run.js';

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

const rememberedWorkers = 10_000;
const stale: Refused = { outcome: 'errored', code: 'stale-generation' };

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
  const executions = new Map<WorkerId, Execution<Session>>();
  const ended = new Map<WorkerId, Generation>();
  let disposed = false;

  const highest = (workerId: WorkerId): number =>
    Math.max(executions.get(workerId)?.generation ?? 0, ended.get(workerId) ?? 0);

  const remember = (workerId: WorkerId, generation: Generation): void => {
    ended.delete(workerId);
    ended.set(workerId, generation);
    const oldest = ended.keys().next();
    if (ended.size > rememberedWorkers && !oldest.done) ended.delete(oldest.value);
  };

  const drop = (workerId: WorkerId, execution: Execution<Session>): void => {
    if (executions.get(workerId) !== execution) return;
    executions.delete(workerId);
    remember(workerId, execution.generation);
  };

  const find = ({ workerId, generation }: ExecutionHandle): Execution<Session> | Refused => {
    if (generation < highest(workerId)) return stale;
    const execution = executions.get(workerId);
    return execution?.generation === generation ? execution : gone;
  };

  const recover: BackendDefinition['recover'] = (request, publisher) => {
    const { workerId, generation } = request.handle;
    if (generation < highest(workerId)) return stale;
    return executions.get(workerId)?.recover(request, publisher) ?? { outcome: 'lost' };
  };

  return defineBackend({
    id: options.id,
    recover: parts.recover ? recover : undefined,
    async spawn(request, publisher) {
      const { workerId, generation } = request;
      if (generation < highest(workerId)) return stale;
      const former = executions.get(workerId);
      if (former?.generation === generation) return former.spawned;
      if (disposed || ended.get(workerId) === generation) return gone;
      const execution = new Execution(request, publisher, parts, former?.end(parts.cancelGraceMs) ?? Promise.resolve());
      executions.set(workerId, execution);
      const outcome = await execution.spawned;
      if (outcome.outcome !== 'connected') drop(workerId, execution);
      return outcome;
    },
    async dispatch(handle, input) {
      const found = find(handle);
      return found instanceof Execution ? found.dispatch(input) : found;
    },
    async answer(handle, answer) {
      const found = find(handle);
      return found instanceof Execution ? found.answer(answer) : found;
    },
    async cancel(handle, request) {
      const found = find(handle);
      return found instanceof Execution ? found.cancel(request) : found;
    },
    async stop({ workerId, generation }, { graceMs }) {
      if (generation < highest(workerId)) return stale;
      const execution = executions.get(workerId);
      const end = (await execution?.end(graceMs)) ?? 'stopped';
      if (execution) drop(workerId, execution);
      if (generation >= highest(workerId)) remember(workerId, generation);
      return { outcome: 'accepted', end };
    },
    async dispose() {
      disposed = true;
      await Promise.all(
        [...executions].map(async ([workerId, execution]) => {
          await execution.end(0);
          drop(workerId, execution);
        }),
      );
    },
  });
}
