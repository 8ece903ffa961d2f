import type { WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import type { RecordName } from './record.js';
import { headersOf, payloadOf } from './record.js';
import type { Standings } from './standing.js';
import type { LogStream } from './stream.js';
import type { Subjects } from './subjects.js';

interface RemovalsDependencies {
  readonly stream: LogStream;
  readonly subjects: Subjects;
  readonly standings: Standings;
  readonly logger: Logger;
}

/**
 * A removal is one message that takes the place of every record of its Worker; who follows gets it as any other. What
 * is left beside the records is swept behind it, and hidden until then.
 */
export class Removals {
  readonly #of: RemovalsDependencies;

  constructor(dependencies: RemovalsDependencies) {
    this.#of = dependencies;
  }

  /** Rejects where it is not known to be written. */
  async remove(workerId: WorkerId, tombstone?: WorkerHead): Promise<void> {
    const { stream, subjects, standings, logger } = this.#of;
    const known = standings.known(workerId);
    // A copy of an entry that is on its way would outlive its Worker.
    await known?.indexed;
    standings.forget(workerId);
    if (!tombstone && (await stream.last(subjects.log(workerId))) === undefined) return;
    const name: RecordName = {
      kind: tombstone ? 'tombstone' : 'removed',
      first: 1,
      last: 0,
      revision: tombstone?.revision ?? 0,
      id: stream.connection.newId(),
      pieces: [],
    };
    const data = tombstone ? payloadOf({ head: tombstone, observations: [] }) : 'removed';
    const headers = { ...headersOf(name), 'Nats-Rollup': 'sub' };
    const sequence = await stream.mustPublish(subjects.log(workerId), data, headers);
    stream.connection.publish(subjects.said(workerId));
    try {
      await this.sweep(workerId, sequence, { isWhole: !tombstone });
    } catch (cause) {
      logger.warn('a removed Worker could not be swept', { workerId, cause });
    }
  }

  /** Takes away what a removal has left, and the removal itself where it `isWhole`. Rejects where it cannot. */
  async sweep(workerId: WorkerId, removal: number, { isWhole }: { readonly isWhole: boolean }): Promise<void> {
    const { stream, subjects } = this.#of;
    for (const subject of [subjects.input(workerId, '*'), subjects.piece(workerId), subjects.first(workerId)]) {
      await stream.purge(subject, removal + 1);
    }
    if (isWhole) await stream.purge(subjects.log(workerId), removal + 1);
  }
}
