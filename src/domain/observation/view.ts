import type { UnconnectedReason } from '../codes.js';
import type { InputId, QuestionId, RuntimeId, WorkerId } from '../ids.js';
import { currentInput } from '../worker/state.js';
import type { Question, Status, WorkerState } from '../worker/state.js';
import { Epoch, epochAt, formatCursor } from './cursor.js';
import type { Cursor } from './cursor.js';
import type { QuestionOption, StopCause } from './event.js';
import type { LastFailure } from './last-failure.js';

export type PublicStatus = 'connecting' | 'unconnected' | 'idle' | 'busy' | 'stopping' | 'stopped';
export const publicStatuses: readonly PublicStatus[] = [
  'connecting',
  'unconnected',
  'idle',
  'busy',
  'stopping',
  'stopped',
];

export interface RuntimeView {
  readonly runtimeId: RuntimeId;
  readonly displayName?: string;
  readonly ready: boolean;
  readonly draining: boolean;
  readonly durability: 'sync' | 'interval' | 'none';
}

export interface ProfileView {
  readonly name: string;
  readonly label: string;
  readonly description?: string;
}

export interface OpenQuestionView {
  readonly questionId: QuestionId;
  readonly prompt: string;
  readonly options?: readonly QuestionOption[];
  readonly expiresAt?: string;
}

/** All that is shown of a Worker. Nothing here foretells what an operation would answer (W4). */
export interface WorkerView {
  readonly runtimeId: RuntimeId;
  readonly workerId: WorkerId;
  readonly profile: string;
  readonly displayName?: string;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly status: PublicStatus;
  /** Why it is unconnected. */
  readonly reason?: UnconnectedReason;
  /** Why it connects (`reconnect`, `recover`), or why it was stopped. */
  readonly cause?: 'reconnect' | 'recover' | StopCause;
  readonly openInput?: { readonly inputId: InputId; readonly acceptedAt: string };
  readonly openQuestions: readonly OpenQuestionView[];
  readonly lastCursor: Cursor;
  readonly lastFailure?: LastFailure;
}

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
