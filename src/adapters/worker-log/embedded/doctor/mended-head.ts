import { randomBytes } from 'node:crypto';

import { Sequence } from '../../../../domain/ids.js';
import { Epoch } from '../../../../domain/observation/cursor.js';
import { damaged, isDamaged, isVisible } from '../../../../domain/worker/state.js';
import type { Status, WorkerState } from '../../../../domain/worker/state.js';

/** Of a Worker of which nothing can be read but its head. */
const nothingLeft: Status = { status: 'unconnected', reason: 'host-restarted' };

function statusOf(head: WorkerState | undefined, { status }: WorkerState): Status {
  if (status.status !== 'absent') return status;
  return head?.status.status === 'stopped' ? head.status : nothingLeft;
}

/** What was seen behind the end is not to be said of something else (P5). */
function epochsOf(epochs: WorkerState['epochs'], last: Sequence): WorkerState['epochs'] {
  const next = { epoch: Epoch(randomBytes(4).toString('hex')), from: Sequence(last + 1) };
  return [...epochs.filter(({ from }) => from <= last), next];
}

/**
 * A head for what is left of a log: folded from its observations, with what the former one alone knew. Its execution is
 * not held on to: it went on from an end that is not there. `undefined` where nothing is left.
 */
export function mendedHead(head: WorkerState | undefined, folded: WorkerState): WorkerState | undefined {
  const last = folded.sequence;
  if (!head) {
    const { generation } = folded;
    if (folded.status.status === 'absent') return undefined;
    const stopsOwed = generation > 0 ? damaged(folded).stopsOwed : [];
    return { ...folded, revision: 1, stopsOwed, epochs: epochsOf(folded.epochs, last) };
  }
  if (!isVisible(head)) return head;
  const isLive = !isDamaged(head) && folded.status.status !== 'stopped';
  return {
    ...head,
    revision: head.revision + 1,
    status: statusOf(head, folded),
    sequence: last,
    epochs: epochsOf(head.epochs, last),
    updatedAt: folded.updatedAt || head.updatedAt,
    generation: Math.max(head.generation, folded.generation),
    execution: undefined,
    position: undefined,
    questions: folded.questions,
    stopsOwed: isLive ? damaged(head).stopsOwed : head.stopsOwed,
  };
}
