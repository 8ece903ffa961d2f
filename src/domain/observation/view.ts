import type { UnconnectedReason } from '../codes.js';
import type { CorrelationId, InputId, QuestionId, RuntimeId, WorkerId } from '../ids.js';
import type { Cursor } from './cursor.js';
import type { QuestionOption, StopCause } from './event.js';

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

export interface LastFailure {
  /** The failure's own code, else `run-failed`, `run-refused`, `run-interrupted`, or the reason of the disconnection. */
  readonly code: string;
  readonly backendCode?: string;
  readonly correlationId?: CorrelationId;
  readonly at: string;
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
