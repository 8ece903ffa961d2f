import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { WorkerLog } from '../ports/worker-log.js';
import type { Catalog } from './catalog.js';
import type { Mailbox } from './mailbox.js';

export interface RecoveryDependencies {
  readonly catalog: Catalog;
  readonly log: WorkerLog;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly concurrency: number;
  /** Called for each head, before anything is recovered. */
  readonly onFound: (mailbox: Mailbox) => void;
}

/** Opens every Worker by its head. Nothing is recovered yet. */
export async function openAll({ catalog, log, onFound }: RecoveryDependencies): Promise<readonly Mailbox[]> {
  const { signal } = new AbortController();
  const found: Mailbox[] = [];
  for await (const head of log.heads({ signal })) {
    const mailbox = catalog.open(head);
    onFound(mailbox);
    found.push(mailbox);
  }
  return found;
}

/** Recovers what was found, so many at once: one that hangs until its deadline stops none of the others (R3). */
export async function recoverAll(found: readonly Mailbox[], dependencies: RecoveryDependencies): Promise<void> {
  const { catalog, log, logger, concurrency } = dependencies;
  const waiting = [...found];
  const newEpoch = log.durability !== 'sync';
  const next = async (): Promise<void> => {
    for (let mailbox = waiting.shift(); mailbox; mailbox = waiting.shift()) {
      const canRecover = catalog.canRecover(mailbox.state);
      await mailbox.ask({ type: 'recover', newEpoch, canRecover });
      await mailbox.connected();
      logger.debug('recovered', { workerId: mailbox.workerId, status: mailbox.state.status.status });
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, waiting.length) }, next));
}
