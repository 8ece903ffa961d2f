import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';

/**
 * What an answer means. `sync`: it is on disk. `interval`: it is there within `intervalMs`; a crash of the machine may
 * lose what came later. `none`: the operating system writes it when it likes. A crash of the process alone loses
 * nothing in any of them.
 */
export type Durability = 'sync' | 'interval' | 'none';

export interface EmbeddedLogOptions {
  /** Made where it is missing. It belongs to one process at a time. */
  readonly folder: string;
  /** `sync`. */
  readonly durability?: Durability | undefined;
  /** With `interval`: milliseconds between two syncs. 1,000. */
  readonly intervalMs?: number | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
}
