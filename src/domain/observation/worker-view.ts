import type { RuntimeId } from '../ids.js';
import type { Status, WorkerState } from '../worker/state.js';
import { cursorAt } from '../worker/decide-input.js';
import type { OpenQuestionView, PublicStatus, WorkerView } from './view.js';

/** A Worker as it is shown, built field by field: nothing that is not named here can cross (B1). */
export function workerView(state: WorkerState, runtimeId: RuntimeId): WorkerView {
  const { workerId, profile, displayName, createdAt, updatedAt, status, lastFailure } = state;
  const input = 'input' in status ? status.input : undefined;
  const open = input?.phase === 'open' ? { inputId: input.inputId, acceptedAt: input.acceptedAt } : undefined;
  const { reason, cause } = { ...causes(status) };
  return {
    runtimeId,
    workerId,
    profile,
    ...(displayName !== undefined && { displayName }),
    createdAt,
    updatedAt,
    status: status.status as PublicStatus,
    ...(reason && { reason }),
    ...(cause && { cause }),
    ...(open && { openInput: open }),
    openQuestions: open ? openQuestions(state) : [],
    lastCursor: cursorAt(state, state.sequence),
    ...(lastFailure && { lastFailure }),
  };
}

function causes(status: Status): Pick<WorkerView, 'reason' | 'cause'> {
  switch (status.status) {
    case 'unconnected':
      return { reason: status.reason };
    case 'connecting':
    case 'stopping':
    case 'stopped':
      return { cause: status.cause };
    default:
      return {};
  }
}

const openQuestions = ({ questions }: WorkerState): OpenQuestionView[] =>
  questions
    .filter(({ phase }) => phase !== 'closed')
    .map(({ questionId, prompt, options, expiresAt }) => ({
      questionId,
      prompt,
      ...(options && { options }),
      ...(expiresAt !== undefined && { expiresAt }),
    }));
