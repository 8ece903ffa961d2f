import { Generation } from '../ids.js';
import type { Errored, Refusal } from '../outcome.js';
import { rejected } from '../outcome.js';
import type { BackendCommand, ConnectedExecution, Faulty } from './command.js';
import type { Circumstances, Decision } from './decision.js';
import { errored, ignored, observed } from './decision.js';
import { accept, appear, cancelCalls } from './decide-event.js';
import type { Cause } from './ending.js';
import { close, connectFailed, disconnect, endRun, failCreate, finishStop, kill, stopOwed } from './ending.js';
import { evolve } from './evolve.js';
import type { Fact } from './fact.js';
import type { UndecidedInput, WorkerState } from './state.js';
import { canBeRecovered, currentInput } from './state.js';

type Command<T extends BackendCommand['type']> = Extract<BackendCommand, { type: T }>;

const describe = (generation: Generation, { capabilities, codes, recoverState }: ConnectedExecution): Fact => ({
  type: 'execution-described',
  execution: { generation, capabilities, codes, recoverState },
});

/** What a caller is told where the backend broke a rule or did not answer. */
const faultOf = (fault: Faulty, executed: 'no' | 'unknown', circumstances: Circumstances) =>
  errored(circumstances, fault.code, executed, fault.correlationId);

/** What is answered for an execution that nobody waits for any more: it is stopped by name already (R5). */
const isCurrent = (state: WorkerState, generation: Generation): boolean =>
  'generation' in state.status && state.status.generation === generation;

export function decideSpawned(
  state: WorkerState,
  { generation, answer }: Command<'spawn-answered'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (!isCurrent(state, generation)) return ignored;
  if (status.status === 'reserved' && !status.connected) {
    if (answer.outcome !== 'connected') {
      const refusal = answer.outcome === 'faulty' ? faultOf(answer, 'no', circumstances) : unavailable(answer);
      return { facts: failCreate(refusal, generation), calls: [] };
    }
    const { input } = status;
    const described = describe(generation, answer);
    return input
      ? { facts: [described], calls: [{ type: 'dispatch', generation, inputId: input.inputId, parts: input.parts }] }
      : { facts: [described, ...appear(state, circumstances)], calls: [] };
  }
  if (status.status !== 'connecting' || status.cause !== 'reconnect') return ignored;
  if (answer.outcome === 'connected')
    return { facts: [describe(generation, answer), connected(generation, circumstances)], calls: [] };
  return connectRefused(state, answer, circumstances);
}

/** No slot is free: to the caller of create and reconnect the backend is not available. */
const unavailable = (refusal: Refusal): Refusal =>
  refusal.outcome === 'busy' ? rejected('backend-unavailable') : refusal;

const connected = (generation: Generation, circumstances: Circumstances): Fact =>
  observed(circumstances, { type: 'execution-connected', generation });

/** A failed reconnect returns to what it was; a failed recovery says why. */
function connectRefused(state: WorkerState, answer: Refusal | Faulty, circumstances: Circumstances): Decision {
  const { status } = state;
  if (status.status !== 'connecting') return ignored;
  const { generation } = status;
  const refusal = answer.outcome === 'faulty' ? faultOf(answer, 'no', circumstances) : unavailable(answer);
  const cause = refusal.outcome === 'errored' ? { correlationId: refusal.correlationId } : {};
  const timedOut = answer.outcome === 'faulty' && answer.code === 'backend-timeout';
  const reason = status.cause === 'reconnect' ? status.reason : timedOut ? 'recover-timeout' : 'recover-refused';
  return {
    facts: [
      connectFailed(refusal),
      ...disconnect(state, circumstances, generation, reason, cause),
      ...(canBeRecovered(state) ? [] : [stopOwed(generation)]),
    ],
    calls: [],
  };
}

export function decideRecovered(
  state: WorkerState,
  { generation, answer }: Command<'recover-answered'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (!isCurrent(state, generation) || status.status !== 'connecting') return ignored;
  switch (answer.outcome) {
    case 'adopted':
      return adopt(state, generation, answer, circumstances);
    case 'lost':
    case 'unsupported':
      return status.cause === 'reconnect'
        ? respawn(state, generation, circumstances)
        : { facts: giveUp(state, circumstances, generation, 'host-restarted'), calls: [] };
    default:
      return connectRefused(state, answer, circumstances);
  }
}

/** A fresh execution gets a generation of its own: what was published under the lost one never counts as its (W15). */
function respawn(state: WorkerState, lost: Generation, circumstances: Circumstances): Decision {
  const generation = Generation(state.generation + 1);
  return {
    facts: [
      { type: 'execution-gone', generation: lost },
      { type: 'generation-reserved', generation },
      observed(circumstances, { type: 'execution-connecting', generation, cause: 'reconnect' }),
    ],
    calls: [{ type: 'spawn', generation }],
  };
}

/** What cannot be trusted or found again is not kept: it is stopped by name (R5). */
const giveUp = (
  state: WorkerState,
  circumstances: Circumstances,
  generation: Generation,
  reason: 'host-restarted' | 'recover-refused',
  cause?: Cause,
  refusal?: Errored,
): Fact[] => [
  ...disconnect(state, circumstances, generation, reason, cause, refusal),
  { type: 'execution-gone', generation },
  stopOwed(generation),
];

/** `adopted` promises that nothing is missing; of an undecided input it must say whether it was taken (R2). */
function adopt(
  state: WorkerState,
  generation: Generation,
  answer: Extract<Command<'recover-answered'>['answer'], { outcome: 'adopted' }>,
  circumstances: Circumstances,
): Decision {
  const input = currentInput(state);
  const contradicts =
    input?.phase === 'open' ? answer.taken === false : input !== undefined && answer.taken === undefined;
  if (contradicts) {
    const fault = errored(circumstances, 'backend-fault', 'unknown');
    const cause = { code: 'backend-fault', correlationId: fault.correlationId } as const;
    return { facts: giveUp(state, circumstances, generation, 'recover-refused', cause, fault), calls: [] };
  }
  const described = describe(generation, answer);
  const connecting = [described, connected(generation, circumstances)];
  if (!input) return { facts: connecting, calls: [] };
  const calls = answer.taken === false ? [] : cancelCalls(evolve(state, described), input, circumstances);
  const decided =
    input.phase === 'open' ? [] : answer.taken ? accept(input, circumstances) : [notTaken(input, circumstances)];
  return { facts: [...connecting, ...decided], calls };
}

const notTaken = ({ inputId }: UndecidedInput, circumstances: Circumstances): Fact => ({
  type: 'input-settled',
  inputId,
  as: 'refused',
  refusal: errored(circumstances, 'backend-disconnected', 'no'),
});

/** Before its generation connected nothing was dispatched in it; a recovery tells by itself what it took. */
const wasDispatched = (state: WorkerState, generation: Generation): boolean =>
  isCurrent(state, generation) && state.execution?.generation === generation;

export function decideDispatched(
  state: WorkerState,
  { generation, inputId, answer }: Command<'dispatch-answered'>,
  circumstances: Circumstances,
): Decision {
  const input = currentInput(state);
  if (!wasDispatched(state, generation) || input?.inputId !== inputId) return ignored;
  if (answer.outcome === 'faulty') {
    const { correlationId } = answer;
    const cause = { code: 'backend-fault', correlationId } as const;
    return { facts: close(state, circumstances, cause, faultOf(answer, 'unknown', circumstances)), calls: [] };
  }
  if (input.phase === 'open') return acceptedAlready(state, answer, circumstances);
  if (state.status.status === 'reserved') return firstInputDispatched(state, answer, circumstances);
  switch (answer.outcome) {
    case 'accepted':
      return acceptDispatched(state, input, circumstances);
    case 'unknown':
      return { facts: [{ type: 'dispatch-lost', inputId, correlationId: answer.correlationId }], calls: [] };
    default:
      return { facts: [{ type: 'input-settled', inputId, as: 'refused', refusal: answer }], calls: [] };
  }
}

type DispatchAnswer = Exclude<Command<'dispatch-answered'>['answer'], Faulty>;

/** An event has accepted it: another answer is a fault of the backend (W9). */
function acceptedAlready(state: WorkerState, answer: DispatchAnswer, circumstances: Circumstances): Decision {
  if (answer.outcome === 'accepted' || answer.outcome === 'unknown') return ignored;
  const { correlationId } = errored(circumstances, 'backend-fault', 'unknown');
  return { facts: endRun(state, circumstances, 'failed', { code: 'backend-fault', correlationId }), calls: [] };
}

function acceptDispatched(state: WorkerState, input: UndecidedInput, circumstances: Circumstances): Decision {
  const facts = accept(input, circumstances);
  if (state.status.status !== 'stopping') return { facts, calls: cancelCalls(state, input, circumstances) };
  const cancelled = observed(circumstances, { type: 'input-ended', end: 'cancelled' }, input.inputId);
  return { facts: [...facts, cancelled], calls: [] };
}

function firstInputDispatched(state: WorkerState, answer: DispatchAnswer, circumstances: Circumstances): Decision {
  const { status } = state;
  if (status.status !== 'reserved') return ignored;
  switch (answer.outcome) {
    case 'accepted':
      return { facts: appear(state, circumstances), calls: [] };
    case 'unknown': {
      const refusal = errored(circumstances, 'backend-disconnected', 'unknown', answer.correlationId);
      return { facts: failCreate(refusal, status.generation), calls: [] };
    }
    default:
      return { facts: failCreate(answer, status.generation), calls: [] };
  }
}

export function decideAnswered(
  state: WorkerState,
  { generation, questionId, answer }: Command<'answer-answered'>,
  circumstances: Circumstances,
): Decision {
  const question = state.questions.find((asked) => asked.questionId === questionId);
  if (!isCurrent(state, generation) || question?.phase !== 'answering' || !question.answer) return ignored;
  if (answer.outcome !== 'accepted')
    return { facts: [{ type: 'answer-released', questionId, refusal: answer }], calls: [] };
  const closed = { type: 'question-closed', questionId, end: 'answered', answer: question.answer } as const;
  return { facts: [observed(circumstances, closed, currentInput(state)?.inputId)], calls: [] };
}

export function decideStopAnswered(
  state: WorkerState,
  { generation, answer }: Command<'stop-answered'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (status.status !== 'stopping' || (status.generation ?? state.generation) !== generation) return ignored;
  const facts =
    answer.outcome === 'accepted' ? finishStop(state, circumstances, answer.end) : kill(state, circumstances);
  return { facts, calls: [] };
}

/** After a resumption: the backend says whether it took an input whose answer was lost (W8). */
export function decideDecided(
  state: WorkerState,
  { generation, inputId, taken }: Command<'input-decided'>,
  circumstances: Circumstances,
): Decision {
  const input = currentInput(state);
  if (!wasDispatched(state, generation) || input?.inputId !== inputId) return ignored;
  if (state.status.status === 'reserved') return ignored;
  if (input.phase === 'undecided') {
    if (taken) return acceptDispatched(state, input, circumstances);
    if (input.lost) return { facts: [notTaken(input, circumstances)], calls: [] };
  } else if (taken) {
    return ignored;
  }
  const { correlationId } = errored(circumstances, 'backend-fault', 'unknown');
  const cause = { code: 'backend-fault', correlationId } as const;
  const facts =
    input.phase === 'open' ? endRun(state, circumstances, 'failed', cause) : close(state, circumstances, cause);
  return { facts, calls: [] };
}
