import type { PublishRefusalCode } from '../codes.js';
import type { BackendEvent, BackendEventBody } from '../observation/event.js';
import { rejected } from '../outcome.js';
import type { Generation } from '../ids.js';
import type { BackendCommand } from './command.js';
import type { Circumstances, Decision } from './decision.js';
import { ignored, nothing, observed } from './decision.js';
import { created } from './decide-client.js';
import { abandonCreate, close, connectFailed, disconnect, endRun, stopOwed } from './ending.js';
import type { Fact } from './fact.js';
import type { OpenInput, UndecidedInput, WorkerState } from './state.js';
import { canBeRecovered, currentInput } from './state.js';

type Command<T extends BackendCommand['type']> = Extract<BackendCommand, { type: T }>;

/** How many questions of one run may be open at once: the head holds them all. */
export const maxOpenQuestions = 64;

const refused = (code: PublishRefusalCode): Decision => ({ ...nothing, refused: code });

/** An event is held until its generation is connected, recorded, or refused with its code (W9, W15, P1). */
export function decidePublished(
  state: WorkerState,
  command: Command<'published'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (status.status === 'stopped') return refused('worker-stopped');
  if (!('generation' in status) || status.generation !== command.generation) return refused('stale-generation');
  switch (status.status) {
    case 'connecting':
      return { ...nothing, held: true };
    case 'reserved':
      if (!status.connected || !status.input || command.event.inputId !== status.input.inputId)
        return { ...nothing, held: true };
      return { facts: appear(state, circumstances), calls: [], held: true };
    case 'stopping':
      return status.input ? record(state, command.event, circumstances) : refused('worker-stopped');
    case 'idle':
    case 'busy':
      return record(state, command.event, circumstances);
  }
}

/**
 * Whether an event is recorded as it was said, whatever it says, and moves nothing but the sequence: then
 * `decidePublished` answers one fact, it, and nobody waits for that.
 */
export function isRecordedAsIs({ status }: WorkerState, generation: Generation, event: BackendEvent): boolean {
  if ((status.status !== 'busy' && status.status !== 'idle') || status.generation !== generation) return false;
  if (!isPlain(event.type)) return false;
  return event.inputId === undefined || (status.status === 'busy' && status.input.inputId === event.inputId);
}

/** Whether an event of this type moves nothing but the sequence. */
export function isPlain(type: BackendEvent['type']): boolean {
  switch (type) {
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
      return true;
    case 'activity-started':
    case 'activity-ended':
    case 'question-asked':
    case 'question-withdrawn':
    case 'run-ended':
      return false;
  }
}

function record(state: WorkerState, event: BackendEvent, circumstances: Circumstances): Decision {
  const input = currentInput(state);
  if (event.inputId !== undefined && event.inputId !== input?.inputId) return refused('no-open-run');
  const decided = event.inputId !== undefined && input?.phase === 'undecided' ? input : undefined;
  const facts = recorded(decided ? opening(state, decided) : state, event, circumstances);
  if (!facts) return refused('event-invalid');
  const acceptance = decided ? accept(decided, circumstances) : [];
  const calls = decided && event.type !== 'run-ended' ? cancelCalls(state, decided, circumstances) : [];
  return { facts: [...acceptance, ...facts], calls };
}

/** The facts of an event, in the core's own words where the core has some; `undefined` where it breaks a rule. */
function recorded(state: WorkerState, event: BackendEvent, circumstances: Circumstances): readonly Fact[] | undefined {
  const { inputId, ...body } = event;
  const content = body;
  switch (content.type) {
    case 'run-ended':
      return inputId && runEnded(state, content, circumstances);
    case 'question-asked': {
      const open = state.questions.filter(({ phase }) => phase !== 'closed').length;
      const fresh = !state.questions.some(({ questionId }) => questionId === content.questionId);
      return inputId && fresh && open < maxOpenQuestions ? [observed(circumstances, content, inputId)] : undefined;
    }
    case 'question-withdrawn': {
      const { questionId, cause } = content;
      const open = state.questions.some((asked) => asked.questionId === questionId && asked.phase !== 'closed');
      return inputId && open
        ? [observed(circumstances, { type: 'question-closed', questionId, end: cause }, inputId)]
        : undefined;
    }
    case 'activity-started':
    case 'activity-ended':
      return inputId === undefined ? [observed(circumstances, content)] : undefined;
    default:
      return [observed(circumstances, content, inputId)];
  }
}

function runEnded(
  state: WorkerState,
  { end, code }: Extract<BackendEventBody, { type: 'run-ended' }>,
  circumstances: Circumstances,
): readonly Fact[] {
  const declared = code !== undefined && state.execution?.codes.includes(code);
  return endRun(state, circumstances, end, declared ? { backendCode: code } : {});
}

/** The state once the event's own acceptance is recorded. */
function opening(state: WorkerState, { inputId, digest }: UndecidedInput): WorkerState {
  const open = { phase: 'open', inputId, digest, acceptedAt: '', acceptedSequence: state.sequence } as const;
  return { ...state, questions: [], status: { ...state.status, input: open } as WorkerState['status'] };
}

export const accept = ({ inputId, parts }: UndecidedInput, circumstances: Circumstances): Fact[] => [
  observed(circumstances, { type: 'input-accepted', parts }, inputId),
];

/** A cancel that waited for the decision goes to the backend now (W11). */
export function cancelCalls(
  state: WorkerState,
  input: UndecidedInput | OpenInput,
  { now }: Circumstances,
): Decision['calls'] {
  const { status, execution } = state;
  if (!input.cancellation || !execution?.capabilities.cancel) return [];
  if (status.status !== 'idle' && status.status !== 'connecting') return [];
  const deadlineMs = Math.max(0, input.cancellation.deadlineAt - now);
  return [{ type: 'cancel', generation: status.generation, inputId: input.inputId, deadlineMs }];
}

/** The Worker becomes visible: created, connected and its first input accepted, all in one append (W5). */
export function appear(state: WorkerState, circumstances: Circumstances): Fact[] {
  const { status } = state;
  if (status.status !== 'reserved') return [];
  const { generation, input } = status;
  return [
    created(state, circumstances),
    observed(circumstances, { type: 'execution-connected', generation }),
    ...(input
      ? [
          { type: 'input-reserved', inputId: input.inputId, digest: input.digest, parts: input.parts } as const,
          ...accept(input, circumstances),
        ]
      : []),
  ];
}

export function decideDisconnected(
  state: WorkerState,
  { generation, reason, correlationId }: Command<'disconnected'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (!('generation' in status) || status.generation !== generation) return ignored;
  const gone: Fact = { type: 'execution-gone', generation };
  switch (status.status) {
    case 'reserved':
      return { facts: abandonCreate(status, circumstances, 'backend-unavailable', correlationId), calls: [] };
    case 'connecting':
    case 'idle':
    case 'busy': {
      const told = status.status === 'connecting' && status.cause === 'reconnect' ? status.reason : reason;
      const left = canBeRecovered(state) ? [] : [stopOwed(generation)];
      return {
        facts: [
          ...(status.status === 'connecting' ? [connectFailed(rejected('backend-unavailable'))] : []),
          ...disconnect(state, circumstances, generation, told, { correlationId }),
          ...(reason === 'exited' ? [gone] : left),
        ],
        calls: [],
      };
    }
    case 'stopping':
      return {
        facts: [
          ...endRun(state, circumstances, 'cancelled', { correlationId }),
          gone,
          ...(reason === 'exited' ? [] : [stopOwed(generation)]),
        ],
        calls: [],
      };
  }
}

/** A rule was broken in a way that no answer tells: the generation is closed (W16, P2). */
export function decideFaulted(
  state: WorkerState,
  command: Command<'generation-faulted'>,
  circumstances: Circumstances,
): Decision {
  const { status } = state;
  if (!('generation' in status) || status.generation !== command.generation) return ignored;
  const { correlationId } = command;
  return { facts: close(state, circumstances, { code: 'backend-fault', correlationId }), calls: [] };
}
