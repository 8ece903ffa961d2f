import { restsAtStart } from '../domain/worker/decide-host.js';
import type { Clock } from '../ports/clock.js';
import type { LogFields, Logger } from '../ports/logger.js';
import type { WorkerHead, WorkerLog } from '../ports/worker-log.js';
import type { Catalog } from './catalog.js';
import { LogUnreadable } from './log-reader.js';
import type { Mailbox } from './mailbox.js';
import type { Found } from './placement.js';

/** Between two lines about a recovery that goes on. */
const progressMs = 5_000;

export interface RecoveryDependencies {
  readonly catalog: Catalog;
  readonly log: WorkerLog;
  readonly logger: Logger;
  readonly clock: Clock;
  /** How long the next head may take. */
  readonly headMs: number;
}

/**
 * Opens every Worker by its head. The first thing that each of them decides is what becomes of it (R2), so that
 * nothing which is asked of it meets the state of an earlier life. Their backends are asked so many at once (R3).
 */
export async function openAll(dependencies: RecoveryDependencies, signal: AbortSignal): Promise<readonly Found[]> {
  const { catalog, log, logger } = dependencies;
  const found: Found[] = [];
  const forget = telling(dependencies, 'opening Workers', () => ({ opened: found.length }));
  try {
    for await (const head of headsOf(dependencies, signal)) {
      signal.throwIfAborted();
      try {
        found.push(opened(catalog, log, head));
      } catch (cause) {
        logger.error('a Worker could not be opened', { workerId: head.workerId, cause });
      }
    }
  } finally {
    forget();
  }
  return found;
}

/**
 * A Worker by its head; the first thing that it decides is what becomes of it. `isTakenOver`: from a host that may go on
 * writing. Then a head is written in any case, also of one at rest: whichever of the two comes second is told (W19).
 */
export function opened(catalog: Catalog, log: WorkerLog, head: WorkerHead, isTakenOver = false): Found {
  const mailbox = catalog.open(head);
  const newEpoch = isTakenOver || log.durability !== 'sync' || log.isTailInDoubt === true;
  return { mailbox, decided: decided(mailbox, { newEpoch, canRecover: catalog.canRecover(head) }) };
}

const atRest = Promise.resolve();
const decided = (mailbox: Mailbox, circumstances: Parameters<typeof restsAtStart>[1] & { canRecover: boolean }) =>
  restsAtStart(mailbox.state, circumstances) ? atRest : mailbox.ask({ type: 'recover', ...circumstances });

/** Tells the operator how far it is, as long as it takes. The returned function ends that. */
function telling(
  { clock, logger }: Pick<RecoveryDependencies, 'logger' | 'clock'>,
  message: string,
  progress: () => LogFields,
): () => void {
  let cancel = (): void => undefined;
  const next = (): void => {
    cancel = clock.after(progressMs, () => {
      logger.info(message, progress());
      next();
    });
  };
  next();
  return () => cancel();
}

/** A log that does not answer is one that cannot be read. One timer looks after all heads: each is told in microseconds. */
async function* headsOf({ log, clock, headMs }: RecoveryDependencies, signal: AbortSignal): AsyncGenerator<WorkerHead> {
  const heads = log.heads({ signal })[Symbol.asyncIterator]();
  const next = async () => heads.next();
  let askedAt = clock.now();
  let giveUp: (cause: Error) => void = () => undefined;
  const look = (): void => {
    const leftMs = askedAt + headMs - clock.now();
    if (leftMs <= 0) giveUp(new LogUnreadable(`the log told no head within ${String(headMs)} ms`));
    cancel = clock.after(leftMs > 0 ? leftMs : headMs, look);
  };
  let cancel = clock.after(headMs, look);
  try {
    for (;;) {
      askedAt = clock.now();
      const head = await new Promise<IteratorResult<WorkerHead>>((resolve, reject) => {
        giveUp = reject;
        next().then(resolve, (cause: unknown) => reject(new LogUnreadable('the log cannot be read', { cause })));
      });
      if (head.done) return;
      yield head.value;
    }
  } finally {
    cancel();
  }
}

/** Resolves when each of them is connected, or known not to be. */
export async function recovered(
  found: readonly Found[],
  dependencies: Pick<RecoveryDependencies, 'logger' | 'clock'>,
): Promise<void> {
  const { logger } = dependencies;
  let done = 0;
  const forget = telling(dependencies, 'recovering Workers', () => ({ done, of: found.length }));
  await Promise.all(
    found.map(async ({ mailbox, decided }) => {
      await decided;
      await mailbox.connected();
      done += 1;
      logger.debug('recovered', { workerId: mailbox.workerId, status: mailbox.state.status.status });
    }),
  );
  forget();
}
