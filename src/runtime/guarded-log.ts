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

  async append({ workerId, sequence }: WorkerState, { observations, inputs, head }: Batch): Promise<AppendResult> {
    const { log } = this.#dependencies;
    const result = await this.#ask('append', workerId, () =>
      log.append(workerId, sequence, { observations, head, inputs }),
    );
    return result === failed ? 'unknown' : result;
  }

  head(workerId: WorkerId): Promise<WorkerState | undefined | typeof failed> {
    return this.#ask('head', workerId, (call) => this.#dependencies.log.head(workerId, call));
  }

  input(workerId: WorkerId, inputId: InputId): Promise<LedgerEntry | undefined | typeof failed> {
    return this.#ask('input', workerId, (call) => this.#dependencies.log.input(workerId, inputId, call));
  }

  async remove(workerId: WorkerId, tombstone?: WorkerState): Promise<boolean> {
    const removed = await this.#ask('remove', workerId, () => this.#dependencies.log.remove(workerId, tombstone));
    return removed !== failed;
  }

  async #ask<T>(
    method: string,
    workerId: WorkerId,
    operation: (call: CallContext) => Promise<T>,
  ): Promise<T | typeof failed> {
    const { clock, logger, appendMs } = this.#dependencies;
    try {
      const answer = await withDeadline(clock, appendMs, operation);
      if (answer !== late) return answer;
      logger.error('log did not answer', { method, workerId, deadlineMs: appendMs });
    } catch (cause) {
      logger.error('log threw', { method, workerId, cause });
    }
    return failed;
  }
}
