import type { InputId, WorkerId } from '../domain/ids.js';
import type { LedgerEntry } from '../domain/worker/ledger.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import type { CallContext } from '../ports/execution-backend.js';
import type { Logger } from '../ports/logger.js';
import type { AppendResult, WorkerLog } from '../ports/worker-log.js';
import type { Batch } from './batch.js';
import { late, withDeadline } from './deadline.js';

interface GuardedLogDependencies {
  readonly log: WorkerLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly appendMs: number;
}

export const failed = Symbol('failed');

/** The log as a mailbox uses it: nothing throws, nothing hangs (W18). A time-out of an append is a doubt (W19). */
export class GuardedLog {
  readonly #dependencies: GuardedLogDependencies;

  constructor(dependencies: GuardedLogDependencies) {
    this.#dependencies = dependencies;
  }

  append({ workerId, sequence }: WorkerState, { observations, inputs, head }: Batch): Promise<AppendResult> {
    const { log } = this.#dependencies;
    const append = (): Promise<AppendResult> => log.append(workerId, sequence, { observations, head, inputs });
    return this.#ask('append', workerId, append, 'unknown');
  }

  head(workerId: WorkerId): Promise<WorkerState | undefined | typeof failed> {
    return this.#ask('head', workerId, (call) => this.#dependencies.log.head(workerId, call), failed);
  }

  input(workerId: WorkerId, inputId: InputId): Promise<LedgerEntry | undefined | typeof failed> {
    return this.#ask('input', workerId, (call) => this.#dependencies.log.input(workerId, inputId, call), failed);
  }

  async remove(workerId: WorkerId, tombstone?: WorkerState): Promise<boolean> {
    const removed = await this.#ask(
      'remove',
      workerId,
      () => this.#dependencies.log.remove(workerId, tombstone),
      failed,
    );
    return removed !== failed;
  }

  /** Answers `otherwise` where the log does not, and tells the operator. */
  #ask<T, U>(
    method: string,
    workerId: WorkerId,
    operation: (call: CallContext) => Promise<T>,
    otherwise: U,
  ): Promise<T | U> {
    const { clock, logger, appendMs } = this.#dependencies;
    return withDeadline(clock, appendMs, operation).then(
      (answer) => {
        if (answer !== late) return answer;
        logger.error('log did not answer', { method, workerId, deadlineMs: appendMs });
        return otherwise;
      },
      (cause: unknown) => {
        logger.error('log threw', { method, workerId, cause });
        return otherwise;
      },
    );
  }
}
