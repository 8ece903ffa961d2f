import type { WorkerId } from '../domain/ids.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import type { GuardedLog } from './guarded-log.js';

/** What every mailbox of a host shares. */
export interface MailboxDependencies {
  readonly log: GuardedLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
  /** How long somebody waits who asks for an input again that is undecided (W8). */
  readonly joinMs: (profile: string) => number;
  /** Its log is gone, or never was. `remains`: a tombstone is left, for what is still owed. */
  readonly onRemoved: (workerId: WorkerId, remains: boolean) => void;
  /** Another host writes its log: what this one still runs for it has to end (W19). */
  readonly onMoved: (workerId: WorkerId) => void;
}
