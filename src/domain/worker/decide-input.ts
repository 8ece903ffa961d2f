import { formatCursor, epochAt } from '../observation/cursor.js';
import type { Cursor, Epoch } from '../observation/cursor.js';
import type { Part } from '../observation/event.js';
import type { Sequence } from '../ids.js';
import type { ClientCommand, ProposedInput } from './command.js';
import type { Circumstances, Decision } from './decision.js';
import { answer, errored, pending, refuse } from './decision.js';
import type { WorkerState } from './state.js';
import { currentInput, isDamaged, isVisible } from './state.js';

type Command<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>;

export function epochOf({ epochs }: WorkerState, sequence: Sequence): Epoch {
  const epoch = epochAt(epochs, sequence);
  if (!epoch) throw new RangeError('no epoch covers that sequence');
  return epoch;
}

/** Where the observation of that sequence stands. */
export const cursorAt = (state: WorkerState, sequence: Sequence): Cursor =>
  formatCursor(epochOf(state, sequence), sequence);

/** Whether there is anything in it: an image, or a text that is not blank. */
export const isPrompt = (parts: readonly Part[]): boolean =>
  parts.some((part) => part.type === 'blob' || part.text.trim() !== '');

/** The ledger is asked before the status (W8), the status before the open input (W7). */
export function decideInput(state: WorkerState, command: Command<'input'>, circumstances: Circumstances): Decision {
  if (!isVisible(state)) return refuse('worker-unknown');
  if (isDamaged(state)) return answer(errored(circumstances, 'log-unavailable', 'no'));
  if (!isPrompt(command.parts)) return refuse('input-invalid');
  const known = knownInput(state, command, circumstances);
  if (known) return known;
  if (circumstances.draining) return refuse('runtime-draining');
  const { status } = state;
  switch (status.status) {
    case 'idle':
      return status.input
        ? answer({ outcome: 'busy', inputId: status.input.inputId })
        : reserve(command, status.generation);
    case 'busy':
      return answer({ outcome: 'busy', inputId: status.input.inputId });
    case 'connecting':
      return refuse('worker-connecting');
    case 'unconnected':
      return refuse('worker-unconnected');
    case 'stopping':
      return refuse('worker-stopping');
    case 'stopped':
      return refuse('worker-stopped');
    case 'absent':
    case 'reserved':
    case 'failed':
      return refuse('worker-unknown');
  }
}

/** From here on the input is undecided, whatever becomes of this host. */
function reserve(
  { inputId, digest, parts }: ProposedInput,
  generation: Extract<WorkerState['status'], { status: 'idle' }>['generation'],
): Decision {
  return pending(
    { for: 'input', inputId },
    [{ type: 'input-reserved', inputId, digest, parts }],
    [{ type: 'dispatch', generation, inputId, parts }],
  );
}

/** The same id with the same content gets the first answer, with other content a conflict. */
function knownInput(state: WorkerState, proposed: ProposedInput, circumstances: Circumstances): Decision | undefined {
  const { inputId, digest } = proposed;
  const input = currentInput(state);
  if (input?.inputId === inputId) {
    if (input.digest !== digest) return refuse('input-conflict');
    if (input.phase === 'undecided') return pending({ for: 'input', inputId });
    return answer({ outcome: 'accepted', inputId, cursor: cursorAt(state, input.acceptedSequence) });
  }
  const { ledger } = circumstances;
  if (!ledger || ledger.state === 'refused') return undefined;
  if (ledger.digest !== digest) return refuse('input-conflict');
  if (ledger.state === 'accepted') return answer({ outcome: 'accepted', inputId, cursor: ledger.cursor });
  return answer(errored(circumstances, 'backend-disconnected', 'unknown'));
}
