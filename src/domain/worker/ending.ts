import type { UnconnectedReason } from '../codes.js';
import type { CorrelationId, Generation } from '../ids.js';
import type { Errored, Refusal } from '../outcome.js';
import { rejected } from '../outcome.js';
import type { Circumstances } from './decision.js';
import { errored, observed } from './decision.js';
import type { Fact } from './fact.js';
import type { WorkerState } from './state.js';
import { currentInput } from './state.js';

export interface Cause {
  readonly code?: 'backend-fault';
  readonly correlationId?: CorrelationId;
}

/** Every question that is open closes: before its input ends (O6), and where its execution has to be found again (R2). */
export function interruptQuestions(state: WorkerState, circumstances: Circumstances): Fact[] {
  const input = currentInput(state);
  return state.questions
    .filter((question) => question.phase !== 'closed')
    .map(({ questionId }) =>
      observed(circumstances, { type: 'question-closed', questionId, end: 'interrupted' }, input?.inputId),
    );
}

/** The open input ends; an undecided one is unknown for good (W8). */
export function endRun(
  state: WorkerState,
  circumstances: Circumstances,
  end: 'completed' | 'cancelled' | 'refused' | 'failed' | 'interrupted',
  cause: Cause & { readonly backendCode?: string } = {},
  refusal?: Errored,
): Fact[] {
  const input = currentInput(state);
  if (!input) return [];
  if (input.phase === 'open') {
    return [
      ...interruptQuestions(state, circumstances),
      observed(circumstances, { type: 'input-ended', end, ...cause }, input.inputId),
    ];
  }
  return [
    {
      type: 'input-settled',
      inputId: input.inputId,
      as: 'unknown',
      refusal: refusal ?? errored(circumstances, 'backend-disconnected', 'unknown', cause.correlationId),
    },
  ];
}

/** What ends an input that its backend did not end: `cancelled` after a cancel or a stop. */
function forcedEnd(state: WorkerState): 'cancelled' | 'interrupted' {
  return currentInput(state)?.cancellation || state.status.status === 'stopping' ? 'cancelled' : 'interrupted';
}

/** The facts of an execution that is gone: its input ends, then it is disconnected. */
export function disconnect(
  state: WorkerState,
  circumstances: Circumstances,
  generation: Generation,
  reason: UnconnectedReason,
  cause: Cause = {},
  refusal?: Errored,
): Fact[] {
  const { correlationId } = cause;
  return [
    ...endRun(state, circumstances, forcedEnd(state), cause, refusal),
    observed(circumstances, {
      type: 'execution-disconnected',
      generation,
      reason,
      ...(correlationId && { correlationId }),
    }),
  ];
}

export const stopOwed = (generation: Generation): Fact => ({ type: 'stop-owed', generation });

/** A create comes to nothing; what may run of it is stopped by name (W5, R5). */
export const failCreate = (refusal: Refusal, generation: Generation): Fact[] => [
  { type: 'create-failed', refusal },
  stopOwed(generation),
];

/** What may have run of a create that comes to nothing: its input, once that was handed over. */
export const executedOf = ({ connected, input }: Extract<WorkerState['status'], { status: 'reserved' }>) =>
  connected && input ? 'unknown' : 'no';

/** A create that is cut short: where its input may have run nobody can tell, else it is refused with `code`. */
export const abandonCreate = (
  status: Extract<WorkerState['status'], { status: 'reserved' }>,
  circumstances: Circumstances,
  code: 'backend-unavailable' | 'runtime-draining',
  correlationId?: CorrelationId,
): Fact[] => {
  const isUnknown = executedOf(status) === 'unknown';
  const unknown = (): Errored => errored(circumstances, 'backend-disconnected', 'unknown', correlationId);
  return failCreate(isUnknown ? unknown() : rejected(code), status.generation);
};

/**
 * Closes the generation that is current (W8, W11, W13, W16, W19). Everything later of it is refused, and the backend
 * is told to end it until it answers.
 */
export function close(
  state: WorkerState,
  circumstances: Circumstances,
  cause: Cause = {},
  refusal: Errored = errored(circumstances, 'backend-fault', 'unknown', cause.correlationId),
): Fact[] {
  const { status } = state;
  switch (status.status) {
    case 'reserved':
      return failCreate({ ...refusal, executed: executedOf(status) }, status.generation);
    case 'connecting':
    case 'idle':
    case 'busy':
      return [
        ...(status.status === 'connecting' ? [connectFailed({ ...refusal, executed: 'no' })] : []),
        ...disconnect(state, circumstances, status.generation, 'closed', cause, refusal),
        stopOwed(status.generation),
      ];
    case 'stopping':
      return kill(state, circumstances, cause, refusal);
    case 'absent':
    case 'failed':
    case 'unconnected':
    case 'stopped':
      return [];
  }
}

export const connectFailed = (refusal: Refusal): Fact => ({ type: 'connect-failed', refusal });

/** Stop ends the open input first, then the execution (W13); `killed` means that its generation is closed. */
export function finishStop(
  state: WorkerState,
  circumstances: Circumstances,
  end: 'stopped' | 'killed',
  cause: Cause = {},
  refusal?: Errored,
): Fact[] {
  const { status } = state;
  if (status.status !== 'stopping') return [];
  const { generation } = status;
  return [
    ...(end === 'killed' && generation !== undefined
      ? disconnect(state, circumstances, generation, 'closed', cause, refusal)
      : endRun(state, circumstances, 'cancelled', cause, refusal)),
    { type: 'stop-ended', end },
    observed(circumstances, { type: 'worker-stopped', cause: status.cause }),
  ];
}

/** The stop ends without an answer of the backend, which is told again until it gives one (R5). */
export function kill(state: WorkerState, circumstances: Circumstances, cause: Cause = {}, refusal?: Errored): Fact[] {
  const { status } = state;
  const generation = status.status === 'stopping' ? status.generation : undefined;
  return [
    ...finishStop(state, circumstances, 'killed', cause, refusal),
    ...(generation === undefined ? [] : [stopOwed(generation)]),
  ];
}
