import { Generation, Sequence } from '../../../domain/ids.js';
import { parseCursor } from '../../../domain/observation/cursor.js';
import type { Observation } from '../../../domain/observation/event.js';
import { evolve } from '../../../domain/worker/evolve.js';
import { currentInput } from '../../../domain/worker/state.js';
import type { Status, WorkerState } from '../../../domain/worker/state.js';

/** Where a log begins whose beginning was trimmed: at a run's boundary, of an execution that is not known. */
const trimmed: Status = { status: 'idle', generation: Generation(1) };

function withEpochOf(state: WorkerState, { cursor, sequence }: Observation): WorkerState {
  const epoch = parseCursor(cursor)?.epoch;
  if (epoch === undefined || state.epochs.at(-1)?.epoch === epoch) return state;
  return { ...state, epochs: [...state.epochs, { epoch, from: sequence }] };
}

/** What stood in the head alone when the event was recorded. */
function prepared(state: WorkerState, { inputId, event }: Observation): WorkerState {
  if (event.type === 'input-accepted' && inputId !== undefined) {
    return evolve(state, { type: 'input-reserved', inputId, digest: '', parts: event.parts });
  }
  if (event.type !== 'worker-stopping' || state.status.status === 'stopping') return state;
  const { status } = state;
  const generation = 'generation' in status ? status.generation : undefined;
  return {
    ...state,
    status: { status: 'stopping', cause: 'user', deadlineAt: 0, generation, input: currentInput(state) },
  };
}

function described(state: WorkerState, { at, event }: Observation): WorkerState {
  if (event.type === 'worker-created') {
    return { ...state, profile: event.profile, displayName: event.displayName, createdAt: at };
  }
  if (event.type !== 'execution-connected' && event.type !== 'execution-connecting') return state;
  return { ...state, generation: Math.max(state.generation, event.generation) };
}

/** The state behind an observation, as far as observations tell it. */
export function foldObservation(state: WorkerState, observation: Observation): WorkerState {
  const { sequence, at, inputId, event } = observation;
  const isFirst = state.sequence === 0 && sequence > 1;
  const before = { ...state, sequence: Sequence(sequence - 1), ...(isFirst && { status: trimmed, createdAt: at }) };
  const told = withEpochOf(described(prepared(before, observation), observation), observation);
  return evolve(told, { type: 'observed', at, inputId, event });
}
