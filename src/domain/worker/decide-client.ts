import { Generation } from '../ids.js';
import { epochFromUuid } from '../observation/cursor.js';
import type { Answer } from '../observation/event.js';
import { unsupported } from '../outcome.js';
import type { ClientCommand } from './command.js';
import { isPrompt } from './decide-input.js';
import type { Call, Circumstances, Decision } from './decision.js';
import { answer, errored, observed, pending, refuse, timestamp } from './decision.js';
import { connectFailed, endRun, stopOwed } from './ending.js';
import type { Fact } from './fact.js';
import type { Question, WorkerState } from './state.js';
import { canBeRecovered, currentInput, isDamaged, isVisible, positionOf } from './state.js';

type Command<T extends ClientCommand['type']> = Extract<ClientCommand, { type: T }>;

/** Only a reservation is written until the execution and its first input are certain (W5). */
export function decideCreate(state: WorkerState, command: Command<'create'>, circumstances: Circumstances): Decision {
  if (state.status.status !== 'absent') return refuse('worker-conflict');
  if (circumstances.draining) return refuse('runtime-draining');
  const { input, profile, displayName, creator, key, binding } = command;
  if (input && !isPrompt(input.parts)) return refuse('input-invalid');
  if (input && binding === null) return refuse('worker-unconnected');
  const at = timestamp(circumstances.now);
  const epoch = epochFromUuid(circumstances.newId());
  const reserved: Fact = { type: 'worker-reserved', at, epoch, profile, displayName, creator, key, binding };
  if (binding === null) return pending({ for: 'create' }, [reserved, created(command, circumstances)]);
  const generation = Generation(1);
  return pending(
    { for: 'create', inputId: input?.inputId },
    [
      reserved,
      { type: 'generation-reserved', generation },
      ...(input ? [{ type: 'input-reserved', ...proposed(input) } as const] : []),
    ],
    [{ type: 'spawn', generation }],
  );
}

const proposed = ({ inputId, digest, parts }: NonNullable<Command<'create'>['input']>) => ({ inputId, digest, parts });

export const created = (
  { profile, displayName }: { readonly profile: string; readonly displayName?: string | undefined },
  circumstances: Circumstances,
): Fact =>
  observed(circumstances, { type: 'worker-created', profile, ...(displayName !== undefined && { displayName }) });

/** The first answer takes the question; the same again gets its result (W17). */
export function decideAnswer(state: WorkerState, command: Command<'answer'>, circumstances: Circumstances): Decision {
  if (isDamaged(state)) return answer(errored(circumstances, 'log-unavailable', 'no'));
  if (!isVisible(state)) return refuse('worker-unknown');
  const { questionId, answer: given } = command;
  const question = state.questions.find((asked) => asked.questionId === questionId);
  if (!question) return refuse('question-unknown');
  if (question.phase !== 'open') {
    if (!sameAnswer(question.answer, given)) return refuse('question-closed');
    return question.phase === 'closed'
      ? answer({ outcome: 'accepted' })
      : pending({ for: 'answer', questionId, answer: given });
  }
  const { status } = state;
  if (status.status === 'stopping') return refuse('worker-stopping');
  if (status.status !== 'busy') return refuse('question-closed');
  if (!state.execution?.capabilities.questions) return answer(unsupported('answer'));
  if (!isAnswerTo(question, given)) return refuse('answer-invalid');
  return pending(
    { for: 'answer', questionId, answer: given },
    [{ type: 'answer-reserved', questionId, answer: given }],
    [{ type: 'answer', generation: status.generation, questionId, answer: given }],
  );
}

export function sameAnswer(one: Answer | undefined, other: Answer): boolean {
  if (!one) return false;
  return 'optionId' in one
    ? 'optionId' in other && one.optionId === other.optionId
    : 'text' in other && one.text === other.text;
}

function isAnswerTo({ options }: Question, given: Answer): boolean {
  if (!options?.length) return 'text' in given;
  return 'optionId' in given && options.some(({ optionId }) => optionId === given.optionId);
}

/** The log answers it: the end of that input, or the deadline (W11). */
export function decideCancel(state: WorkerState, command: Command<'cancel'>, circumstances: Circumstances): Decision {
  if (isDamaged(state)) return answer(errored(circumstances, 'log-unavailable', 'no'));
  if (!isVisible(state)) return refuse('worker-unknown');
  const { status, execution } = state;
  const { inputId, deadlineMs } = command;
  const executing = status.status !== 'connecting' || status.cause === 'recover';
  if (executing && execution && !execution.capabilities.cancel && status.status !== 'unconnected')
    return answer(unsupported('cancel'));
  const input = currentInput(state);
  if (input?.inputId !== inputId) return refuse('input-not-open');
  const earlier = input.cancellation?.deadlineAt ?? Infinity;
  const deadlineAt = Math.min(earlier, circumstances.now + deadlineMs);
  const facts: Fact[] = deadlineAt < earlier ? [{ type: 'cancel-requested', inputId, deadlineAt }] : [];
  const calls: Call[] =
    status.status === 'busy' && !input.cancellation
      ? [{ type: 'cancel', generation: status.generation, inputId, deadlineMs }]
      : [];
  return pending({ for: 'cancel', inputId }, facts, calls);
}

/** Recovers the execution where there is one and its backend can; else spawns a fresh one (E6). The history stays. */
export function decideReconnect(
  state: WorkerState,
  command: Command<'reconnect'>,
  circumstances: Circumstances,
): Decision {
  if (!isVisible(state)) return refuse('worker-unknown');
  if (isDamaged(state)) return answer(errored(circumstances, 'log-unavailable', 'no'));
  if (circumstances.draining) return refuse('runtime-draining');
  const { status } = state;
  switch (status.status) {
    case 'idle':
    case 'busy':
      return answer({ outcome: 'accepted' });
    case 'connecting':
      return pending({ for: 'reconnect' });
    case 'stopping':
      return refuse('worker-stopping');
    case 'stopped':
      return refuse('worker-stopped');
    case 'unconnected':
      return reconnect(state, command, circumstances);
    case 'absent':
    case 'reserved':
    case 'failed':
      return refuse('worker-unknown');
  }
}

function reconnect(state: WorkerState, command: Command<'reconnect'>, circumstances: Circumstances): Decision {
  const binding = state.binding ?? command.binding;
  if (binding === null) return refuse('backend-unavailable');
  const generation = Generation(state.generation + 1);
  const facts: Fact[] = [
    ...(state.binding === null ? [{ type: 'bound', binding } as const] : []),
    { type: 'generation-reserved', generation },
    observed(circumstances, { type: 'execution-connecting', generation, cause: 'reconnect' }),
  ];
  return pending({ for: 'reconnect' }, facts, [connectCall(state, generation)]);
}

function connectCall(state: WorkerState, generation: Generation): Call {
  const { execution } = state;
  if (!execution || !canBeRecovered(state)) return { type: 'spawn', generation };
  return { type: 'recover', generation, position: positionOf(execution, state) };
}

/** The first stop wins; repeated ones wait with it (W13). */
export function decideStop(state: WorkerState, command: Command<'stop'>, circumstances: Circumstances): Decision {
  if (isDamaged(state)) return answer(errored(circumstances, 'log-unavailable', 'no'));
  const { status } = state;
  const { cause, graceMs, settleMs } = command;
  const deadlineAt = circumstances.now + graceMs + settleMs;
  switch (status.status) {
    case 'stopped':
      return answer({ outcome: 'accepted', end: status.end });
    case 'stopping':
      return pending({ for: 'stop' });
    case 'unconnected':
    case 'connecting':
      return stopDisconnected(state, { type: 'stop-requested', cause, deadlineAt }, circumstances);
    case 'idle':
    case 'busy': {
      const { generation } = status;
      if (!state.execution?.capabilities.stop) return answer(unsupported('stop'));
      return pending(
        { for: 'stop' },
        [
          { type: 'stop-requested', cause, deadlineAt, generation },
          observed(circumstances, { type: 'worker-stopping' }),
        ],
        [{ type: 'stop', generation, graceMs }],
      );
    }
    case 'absent':
    case 'reserved':
    case 'failed':
      return refuse('worker-unknown');
  }
}

/** A Worker without an execution can always be stopped (W12); what may be left of one is stopped by name (R5). */
function stopDisconnected(
  state: WorkerState,
  request: Extract<Fact, { type: 'stop-requested' }>,
  circumstances: Circumstances,
): Decision {
  const { status, generation } = state;
  return pending({ for: 'stop' }, [
    ...(status.status === 'connecting' ? [connectFailed({ outcome: 'rejected', code: 'worker-stopping' })] : []),
    request,
    observed(circumstances, { type: 'worker-stopping' }),
    ...endRun(state, circumstances, 'cancelled'),
    { type: 'stop-ended', end: 'stopped' },
    observed(circumstances, { type: 'worker-stopped', cause: request.cause }),
    ...(generation > 0 ? [stopOwed(Generation(generation))] : []),
  ]);
}

/** Delete is for stopped Workers, and for those whose log is damaged (W13). */
export function decideDelete(state: WorkerState): Decision {
  if (state.status.status !== 'stopped' && !isDamaged(state)) {
    return isVisible(state) ? refuse('worker-not-stopped') : refuse('worker-unknown');
  }
  return pending({ for: 'delete' }, [], [{ type: 'remove' }]);
}
