import type { WorkerId } from '../domain/ids.js';
import type { Errored } from '../domain/outcome.js';
import type { Clock } from '../ports/clock.js';
import type { Asked } from './caller.js';
import { failed } from './guarded-log.js';
import type { GuardedLog } from './guarded-log.js';
import { newCorrelationId } from './ids.js';

/** `open`: whatever is asked is decided. Else nothing is: the log is in doubt, another host's (W19), or left alone. */
export type MailboxMode = 'open' | 'log-unavailable' | 'worker-moved' | 'closed';

export const errored = (code: Errored['code'], executed: Errored['executed'], clock: Clock): Errored => ({
  outcome: 'errored',
  code,
  executed,
  correlationId: newCorrelationId(clock),
});

/** What is answered where nothing can be decided. */
export const unavailable = (mode: MailboxMode, executed: Errored['executed'], clock: Clock): Errored =>
  errored(mode === 'worker-moved' ? 'worker-moved' : 'log-unavailable', executed, clock);

/** To what was not decided. An input that was here before may have run: its ledger knows, where it can be read. */
export async function refusal(
  command: Asked,
  { workerId, mode }: { readonly workerId: WorkerId; readonly mode: MailboxMode },
  { log, clock }: { readonly log: GuardedLog; readonly clock: Clock },
): Promise<Errored> {
  if (command.type !== 'input') return unavailable(mode, 'no', clock);
  if (mode === 'closed') return unavailable(mode, 'unknown', clock);
  const ledger = await log.input(workerId, command.inputId);
  const isFree = ledger === undefined || (ledger !== failed && ledger.state === 'refused');
  return unavailable(mode, isFree ? 'no' : 'unknown', clock);
}
