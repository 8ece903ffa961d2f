import type { BackendCommand } from '../domain/worker/command.js';
import { decide } from '../domain/worker/decide.js';
import { isRecordedAsIs } from '../domain/worker/decide-event.js';
import { timestamp } from '../domain/worker/decision.js';
import type { Circumstances, Decision } from '../domain/worker/decision.js';
import type { Status } from '../domain/worker/state.js';
import type { Batch } from './batch.js';
import type { PublishedEvent } from './generation-publisher.js';

/** The turn of a mailbox in which what came from its backend is decided. */
export interface LaneTurn {
  decide(command: BackendCommand): Decision;
  /** Records an event as it was said, where no decision is needed for that. */
  records(entry: PublishedEvent): boolean;
  /** Whether events still wait for their cause (W9), as of the last decision. */
  isHolding(): boolean;
}

export const isHolding = ({ status }: Status): boolean => status === 'reserved' || status === 'connecting';

/** Decides into a batch; all at one time. `apply` takes what was decided into it. */
export function laneTurn(
  batch: Batch,
  circumstances: Circumstances,
  apply: (decision: Decision) => Decision,
): LaneTurn {
  const at = timestamp(circumstances.now);
  return {
    decide: (command) => apply(decide(batch.state, command, circumstances)),
    records({ publisher, event, json }) {
      const isAsIs = isRecordedAsIs(batch.standing, publisher.generation, event);
      if (isAsIs) batch.record(at, event.inputId, json);
      return isAsIs;
    },
    isHolding: () => isHolding(batch.standing.status),
  };
}
