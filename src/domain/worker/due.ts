import type { Call } from './decision.js';
import type { WorkerState } from './state.js';
import { currentInput } from './state.js';

/** Whether a call is still to be made once its whole batch is appended: what ended in it again is never begun (R5, W8). */
export function isDue(call: Call, state: WorkerState): boolean {
  if (call.type === 'remove') return true;
  const current = 'generation' in state.status ? state.status.generation : undefined;
  if (call.type === 'stop')
    return state.status.status === 'stopping' && (current ?? call.generation) === call.generation;
  if (current !== call.generation) return false;
  switch (call.type) {
    case 'spawn':
    case 'recover':
      return true;
    case 'dispatch':
    case 'cancel':
      return currentInput(state)?.inputId === call.inputId;
    case 'answer':
      return state.questions.some(({ questionId, phase }) => questionId === call.questionId && phase === 'answering');
  }
}
