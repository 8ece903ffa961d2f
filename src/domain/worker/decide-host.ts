import { Generation } from '../ids.js';
import { epochFromUuid } from '../observation/cursor.js';
import { rejected } from '../outcome.js';
import type { HostCommand } from './command.js';
import type { Circumstances, Decision } from './decision.js';
import { errored, ignored, nothing, observed } from './decision.js';
import { abandonCreate, close, connectFailed, disconnect, interruptQuestions, kill, stopOwed } from './ending.js';
import type { Fact } from './fact.js';
import type { WorkerState } from './state.js';
import { canBeRecovered, currentInput, isDamaged, positionOf } from './state.js';

type Command<T extends HostCommand['type']> = Extract<HostCommand, { type: T }>;

/** When the next deadline of a cancel or a stop passes. */
export function nextDeadline(state: WorkerState): number | undefined {
  const cancel = currentInput(state)?.cancellation?.deadlineAt ?? Infinity;
  const stop = state.status.status === 'stopping' ? state.status.deadlineAt : Infinity;
  const next = Math.min(cancel, stop);
  return next === Infinity ? undefined : next;
}

/** At its deadline a cancel is escalated and a stop ends as killed: the generation is closed (W11, W12). */
export function decideDeadline(state: WorkerState, circumstances: Circumstances): Decision {
  const { now } = circumstances;
  const input = currentInput(state);
  const escalates = input?.cancellation !== undefined && input.cancellation.deadlineAt <= now;
  const stopIsOver = state.status.status === 'stopping' && state.status.deadlineAt <= now;
  if (!escalates && !stopIsOver) return nothing;
  const escalated: Fact[] = escalates ? [{ type: 'cancel-escalated', inputId: input.inputId }] : [];
  const told = errored(circumstances, 'backend-timeout', 'unknown');
  return { facts: [...escalated, ...close(state, circumstances, {}, told)], calls: [] };
}

/** What a Worker is after its host ended without a word (R2). */
export function decideRecover(state: WorkerState, command: Command<'recover'>, circumstances: Circumstances): Decision {
  const epoch: Fact[] = command.newEpoch
    ? [{ type: 'epoch-started', epoch: epochFromUuid(circumstances.newId()) }]
    : [];
  const { status } = state;
  switch (status.status) {
    case 'reserved':
      return { facts: abandonCreate(status, circumstances, 'backend-unavailable'), calls: [] };
    case 'idle':
    case 'busy':
    case 'connecting':
      return recover(state, command, epoch, circumstances);
    case 'stopping':
      return { facts: [...epoch, ...kill(state, circumstances)], calls: [] };
    case 'unconnected':
    case 'stopped':
      return { facts: isDamaged(state) ? [] : epoch, calls: [] };
    case 'absent':
    case 'failed':
      return nothing;
  }
}

/** Whether `recover` changes nothing and nothing is owed: most Workers of a large log, which are not asked at all. */
export function restsAtStart(state: WorkerState, { newEpoch }: Pick<Command<'recover'>, 'newEpoch'>): boolean {
  const { status } = state.status;
  if (status !== 'unconnected' && status !== 'stopped') return false;
  return state.stopsOwed.length === 0 && (!newEpoch || isDamaged(state));
}

/**
 * Under a new generation, where there is something to find. Where its backend is not configured it is kept for a
 * later reconnect; what no backend can recover is lost and stopped by name (R5).
 */
function recover(
  state: WorkerState,
  command: Command<'recover'>,
  epoch: readonly Fact[],
  circumstances: Circumstances,
): Decision {
  const { execution } = state;
  const kept = canBeRecovered(state);
  if (!execution || !kept || !command.canRecover) {
    const generation = Generation(state.generation);
    const lost = disconnect(state, circumstances, generation, kept ? 'recover-refused' : 'host-restarted');
    return { facts: [...epoch, ...lost, ...(kept ? [] : [stopOwed(generation)])], calls: [] };
  }
  const generation = Generation(state.generation + 1);
  const inputId = currentInput(state)?.inputId;
  return {
    facts: [
      ...epoch,
      { type: 'generation-reserved', generation },
      ...interruptQuestions(state, circumstances),
      observed(circumstances, { type: 'execution-connecting', generation, cause: 'recover' }),
    ],
    calls: [{ type: 'recover', generation, position: positionOf(execution, state), inputId }],
  };
}

/** Shutdown never stops a Worker: what can be recovered is left running, the rest ends with the host. */
export function decideClosing(state: WorkerState, circumstances: Circumstances): Decision {
  const { status } = state;
  switch (status.status) {
    case 'idle':
    case 'busy':
    case 'connecting': {
      const { generation } = status;
      const told = status.status === 'connecting' ? [connectFailed(rejected('runtime-draining'))] : [];
      const left = [...disconnect(state, circumstances, generation, 'host-restarted'), stopOwed(generation)];
      return { facts: [...told, ...(canBeRecovered(state) ? [] : left)], calls: [] };
    }
    case 'reserved':
      return { facts: abandonCreate(status, circumstances, 'runtime-draining'), calls: [] };
    case 'stopping':
      return { facts: kill(state, circumstances), calls: [] };
    case 'absent':
    case 'failed':
    case 'unconnected':
    case 'stopped':
      return nothing;
  }
}

/** The backend was told to end at once when the log failed; now the log may say so (W19). */
export function decideLogRestored(state: WorkerState, circumstances: Circumstances): Decision {
  return { facts: close(state, circumstances, {}, errored(circumstances, 'log-unavailable', 'unknown')), calls: [] };
}

export function decideOwedStop(state: WorkerState, { generation }: Command<'owed-stop-answered'>): Decision {
  return state.stopsOwed.includes(generation) ? { facts: [{ type: 'stop-settled', generation }], calls: [] } : ignored;
}
