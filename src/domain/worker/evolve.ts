import type { Generation } from '../ids.js';
import { Sequence } from '../ids.js';
import type { Epoch } from '../observation/cursor.js';
import type { ObservedEvent } from '../observation/event.js';
import type { LastFailure } from '../observation/last-failure.js';
import type { Fact, ObservedFact, PrivateFact } from './fact.js';
import type { OpenInput, Question, Status, UndecidedInput, WorkerState } from './state.js';
import { currentInput } from './state.js';

/** How many closed questions of a run are remembered, so that a repeated answer gets its result (W17). */
const rememberedQuestions = 64;

/** Total: it never validates, for the fact has happened. */
export function evolve(state: WorkerState, fact: Fact): WorkerState {
  return fact.type === 'observed' ? evolveObserved(state, fact) : evolvePrivate(state, fact);
}

/** The state after events that are recorded as they were said (`isRecordedAsIs`): as if each had evolved it. */
export const advance = (state: WorkerState, events: number, at: string): WorkerState => ({
  ...state,
  sequence: Sequence(state.sequence + events),
  updatedAt: at,
});

function evolveObserved(state: WorkerState, fact: ObservedFact): WorkerState {
  const sequence = Sequence(state.sequence + 1);
  const next = { ...state, sequence, updatedAt: fact.at };
  const { event } = fact;
  switch (event.type) {
    case 'worker-created':
      return { ...next, status: { status: 'unconnected', reason: 'no-backend' } };
    case 'execution-connecting':
      return { ...next, status: connecting(state, event) };
    case 'execution-connected':
      return { ...next, status: connected(state, event.generation) };
    case 'execution-disconnected':
      return disconnected(next, event, fact.at);
    case 'input-accepted':
      return { ...next, questions: [], status: accepted(state, fact, sequence) };
    case 'input-ended':
      return { ...next, status: withoutInput(state.status), ...failureOf(event, fact.at) };
    case 'question-asked': {
      const { questionId, prompt, options, expiresAt } = event;
      const asked: Question = { questionId, prompt, options, expiresAt, phase: 'open' };
      return { ...next, questions: remember([...state.questions, asked]) };
    }
    case 'question-closed': {
      const { questionId, answer } = event;
      return withQuestion(next, questionId, { phase: 'closed', answer });
    }
    case 'worker-stopped': {
      const end = state.status.status === 'stopping' ? (state.status.end ?? 'stopped') : 'stopped';
      return { ...next, status: { status: 'stopped', cause: event.cause, end }, execution: undefined };
    }
    case 'worker-stopping':
    case 'text-delta':
    case 'text-completed':
    case 'reasoning-delta':
    case 'reasoning-completed':
    case 'output':
    case 'tool-call-started':
    case 'tool-call-updated':
    case 'tool-call-ended':
    case 'plan-updated':
    case 'usage':
    case 'notice':
    case 'activity-started':
    case 'activity-ended':
      return next;
  }
}

function evolvePrivate(state: WorkerState, fact: PrivateFact): WorkerState {
  switch (fact.type) {
    case 'worker-reserved': {
      const { at, epoch, profile, displayName, creator, key, binding } = fact;
      const epochs = [{ epoch, from: Sequence(1) }];
      return { ...state, createdAt: at, updatedAt: at, epochs, profile, displayName, creator, key, binding };
    }
    case 'create-failed':
      return { ...state, status: { status: 'failed', refusal: fact.refusal } };
    case 'bound':
      return { ...state, binding: fact.binding };
    case 'epoch-started':
      return { ...state, epochs: withEpoch(state, fact.epoch) };
    case 'generation-reserved': {
      const { generation } = fact;
      const status: Status =
        state.status.status === 'absent' ? { status: 'reserved', generation, connected: false } : state.status;
      return { ...state, generation, status };
    }
    case 'execution-described': {
      const status: Status = state.status.status === 'reserved' ? { ...state.status, connected: true } : state.status;
      return { ...state, execution: fact.execution, status };
    }
    case 'execution-gone':
      return withoutExecution(state, fact.generation);
    case 'input-reserved': {
      const { inputId, digest, parts } = fact;
      return { ...state, status: withInput(state.status, { phase: 'undecided', inputId, digest, parts }) };
    }
    case 'input-settled':
      return { ...state, status: withoutInput(state.status) };
    case 'cancel-requested': {
      const input = currentInput(state);
      const cancellation = { deadlineAt: fact.deadlineAt };
      return input ? { ...state, status: withInput(state.status, { ...input, cancellation }) } : state;
    }
    case 'answer-reserved':
      return withQuestion(state, fact.questionId, { phase: 'answering', answer: fact.answer });
    case 'answer-released':
      return withQuestion(state, fact.questionId, { phase: 'open', answer: undefined });
    case 'stop-requested': {
      const { cause, deadlineAt, generation } = fact;
      return { ...state, status: { status: 'stopping', cause, deadlineAt, generation, input: currentInput(state) } };
    }
    case 'stop-ended':
      return state.status.status === 'stopping' ? { ...state, status: { ...state.status, end: fact.end } } : state;
    case 'stop-owed':
      return { ...state, stopsOwed: [...new Set([...state.stopsOwed, fact.generation])] };
    case 'stop-settled':
      return { ...state, stopsOwed: state.stopsOwed.filter((generation) => generation !== fact.generation) };
    case 'position':
      return fact.generation < (state.position?.generation ?? 0)
        ? state
        : { ...state, position: { generation: fact.generation, sequence: fact.sequence } };
    case 'dispatch-lost': {
      const input = currentInput(state);
      const lost = input?.phase === 'undecided' && input.inputId === fact.inputId;
      return lost ? { ...state, status: withInput(state.status, { ...input, lost }) } : state;
    }
    case 'connect-failed':
    case 'cancel-escalated':
      return state;
  }
}

/** An epoch in which nothing was observed is forgotten: no cursor names it. */
function withEpoch({ epochs, sequence }: WorkerState, epoch: Epoch): WorkerState['epochs'] {
  return [...epochs.filter(({ from }) => from <= sequence), { epoch, from: Sequence(sequence + 1) }];
}

function withoutExecution(state: WorkerState, generation: Generation): WorkerState {
  const { status } = state;
  const stopping = status.status === 'stopping' && status.generation === generation;
  return {
    ...state,
    execution: undefined,
    status: stopping ? { ...status, generation: undefined } : status,
  };
}

type EventOf<T extends ObservedEvent['type']> = Extract<ObservedEvent, { type: T }>;

function connecting(state: WorkerState, { generation, cause }: EventOf<'execution-connecting'>): Status {
  if (cause === 'recover') return { status: 'connecting', generation, cause, input: currentInput(state) };
  const { status } = state;
  return { status: 'connecting', generation, cause, reason: 'reason' in status ? status.reason : 'closed' };
}

function connected(state: WorkerState, generation: Generation): Status {
  const input = currentInput(state);
  return input?.phase === 'open' ? { status: 'busy', generation, input } : { status: 'idle', generation, input };
}

function disconnected(next: WorkerState, event: EventOf<'execution-disconnected'>, at: string): WorkerState {
  const { reason, correlationId } = event;
  const lastFailure: LastFailure = { code: reason, at, ...(correlationId && { correlationId }) };
  const execution = reason === 'closed' ? undefined : next.execution;
  const status: Status =
    next.status.status === 'stopping' ? { ...next.status, generation: undefined } : { status: 'unconnected', reason };
  return { ...next, execution, status, lastFailure };
}

function accepted(state: WorkerState, fact: ObservedFact, acceptedSequence: Sequence): Status {
  const undecided = currentInput(state);
  if (!undecided) return state.status;
  const { inputId, digest, cancellation } = undecided;
  const input: OpenInput = { phase: 'open', inputId, digest, acceptedAt: fact.at, acceptedSequence, cancellation };
  return withInput(state.status, input);
}

function withInput(status: Status, input: UndecidedInput | OpenInput): Status {
  switch (status.status) {
    case 'reserved':
      return input.phase === 'undecided' ? { ...status, input } : status;
    case 'idle':
    case 'busy': {
      const { generation } = status;
      return input.phase === 'open' ? { status: 'busy', generation, input } : { status: 'idle', generation, input };
    }
    case 'connecting':
      return status.cause === 'recover' ? { ...status, input } : status;
    case 'stopping':
      return { ...status, input };
    case 'absent':
    case 'failed':
    case 'unconnected':
    case 'stopped':
      return status;
  }
}

function withoutInput(status: Status): Status {
  switch (status.status) {
    case 'reserved':
    case 'stopping':
      return { ...status, input: undefined };
    case 'idle':
    case 'busy':
      return { status: 'idle', generation: status.generation };
    case 'connecting':
      return status.cause === 'recover' ? { ...status, input: undefined } : status;
    case 'absent':
    case 'failed':
    case 'unconnected':
    case 'stopped':
      return status;
  }
}

function withQuestion(state: WorkerState, questionId: string, change: Pick<Question, 'phase' | 'answer'>): WorkerState {
  const questions = state.questions.map((question) =>
    question.questionId === questionId ? { ...question, ...change } : question,
  );
  return { ...state, questions };
}

/** Forgets the oldest closed questions; open ones always stay. */
function remember(questions: readonly Question[]): readonly Question[] {
  let surplus = questions.filter(({ phase }) => phase === 'closed').length - rememberedQuestions;
  return surplus <= 0 ? questions : questions.filter(({ phase }) => phase !== 'closed' || surplus-- <= 0);
}

function failureOf(event: EventOf<'input-ended'>, at: string): { readonly lastFailure?: LastFailure } {
  const { end, code, backendCode, correlationId } = event;
  if (end === 'completed' || end === 'cancelled') return {};
  const failure = { code: code ?? (`run-${end}` as const), at };
  return { lastFailure: { ...failure, ...(backendCode && { backendCode }), ...(correlationId && { correlationId }) } };
}
