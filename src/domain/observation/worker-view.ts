import type { RuntimeId } from '../ids.js';
import { currentInput } from '../worker/state.js';
import type { Question, Status, WorkerState } from '../worker/state.js';
import { Epoch, epochAt, formatCursor } from './cursor.js';
import type { Cursor } from './cursor.js';
import type { LastFailure, OpenQuestionView, WorkerView } from './view.js';

type Shown = Pick<WorkerView, 'status' | 'reason' | 'cause'>;

function shownStatus(status: Status): Shown {
  switch (status.status) {
    case 'connecting':
    case 'stopping':
    case 'stopped':
      return { status: status.status, cause: status.cause };
    case 'unconnected':
      return { status: 'unconnected', reason: status.reason };
    case 'idle':
    case 'busy':
      return { status: status.status };
    case 'absent':
    case 'reserved':
    case 'failed':
      throw new TypeError('a Worker that nobody may see has no view');
  }
}

function shownQuestion({ questionId, prompt, options, expiresAt }: Question): OpenQuestionView {
  return {
    questionId,
    prompt,
    ...(options ? { options: options.map(({ optionId, label }) => ({ optionId, label })) } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function shownInput(state: WorkerState): Pick<WorkerView, 'openInput'> {
  const input = currentInput(state);
  return input?.phase === 'open' ? { openInput: { inputId: input.inputId, acceptedAt: input.acceptedAt } } : {};
}

function shownFailure({ code, backendCode, correlationId, at }: LastFailure): LastFailure {
  return {
    code,
    ...(backendCode === undefined ? {} : { backendCode }),
    ...(correlationId === undefined ? {} : { correlationId }),
    at,
  };
}

const noEpoch = Epoch('00000000');
/** Where a Worker's log ends. */
export const lastCursor = ({ epochs, sequence }: WorkerState): Cursor =>
  formatCursor(epochAt(epochs, sequence) ?? noEpoch, sequence);

/** What is shown of a Worker that can be seen, field by field (B1). Throws for one that `isVisible` does not show. */
export function workerView(state: WorkerState, runtimeId: RuntimeId): WorkerView {
  return {
    runtimeId,
    workerId: state.workerId,
    profile: state.profile,
    ...(state.displayName === undefined ? {} : { displayName: state.displayName }),
    createdAt: state.createdAt,
    updatedAt: state.updatedAt,
    ...shownStatus(state.status),
    ...shownInput(state),
    openQuestions: state.questions.filter(({ phase }) => phase !== 'closed').map(shownQuestion),
    lastCursor: lastCursor(state),
    ...(state.lastFailure ? { lastFailure: shownFailure(state.lastFailure) } : {}),
  };
}
