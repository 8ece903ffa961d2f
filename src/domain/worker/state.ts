import type { UnconnectedReason } from '../codes.js';
import type { InputId, Json, QuestionId, WorkerId } from '../ids.js';
import { Generation, Sequence } from '../ids.js';
import type { EpochStart } from '../observation/cursor.js';
import type { Answer, Part, QuestionOption, StopCause } from '../observation/event.js';
import type { LastFailure } from '../observation/last-failure.js';
import type { Refusal } from '../outcome.js';

/** What an execution can do, declared when it connects. An absent capability is unsupported. */
export interface Capabilities {
  readonly cancel: boolean;
  readonly stop: boolean;
  readonly recover: boolean;
  readonly questions: boolean;
}

/** The facts of one execution. Private: `recoverState` is the backend's own. */
export interface Execution {
  readonly generation: Generation;
  readonly capabilities: Capabilities;
  /** The backend's own reason codes that may cross the browser-facing port (B5). */
  readonly codes: readonly string[];
  readonly recoverState?: Json | undefined;
}

interface Cancellation {
  readonly deadlineAt: number;
}

/** An input that was reserved for a dispatch whose answer is not known. */
export interface UndecidedInput {
  readonly phase: 'undecided';
  readonly inputId: InputId;
  readonly digest: string;
  readonly parts: readonly Part[];
  /** The dispatch was sent and its answer was lost: a resumption may decide the input. */
  readonly lost?: true | undefined;
  readonly cancellation?: Cancellation | undefined;
}

/** The input that runs. */
export interface OpenInput {
  readonly phase: 'open';
  readonly inputId: InputId;
  readonly digest: string;
  readonly acceptedAt: string;
  readonly acceptedSequence: Sequence;
  readonly cancellation?: Cancellation | undefined;
}

export interface Question {
  readonly questionId: QuestionId;
  readonly prompt: string;
  readonly options?: readonly QuestionOption[] | undefined;
  readonly expiresAt?: string | undefined;
  /** `answering`: an answer was handed to the backend, which has not said yet whether it takes it. */
  readonly phase: 'open' | 'answering' | 'closed';
  readonly answer?: Answer | undefined;
}

/** One sum type, so that contradictions cannot be written down. */
export type Status =
  /** Nothing is known of this Worker. */
  | { readonly status: 'absent' }
  /** Being created: reserved in the log, visible to nobody (W5). `input` is the first input, handed on once `connected`. */
  | {
      readonly status: 'reserved';
      readonly generation: Generation;
      readonly connected: boolean;
      readonly input?: UndecidedInput | undefined;
    }
  /** A create that was refused: what is kept of it is its key and the stops that are owed. */
  | { readonly status: 'failed'; readonly refusal: Refusal }
  | {
      readonly status: 'connecting';
      readonly generation: Generation;
      readonly cause: 'reconnect';
      /** What it returns to where the connection fails. */
      readonly reason: UnconnectedReason;
    }
  | {
      readonly status: 'connecting';
      readonly generation: Generation;
      readonly cause: 'recover';
      readonly input?: UndecidedInput | OpenInput | undefined;
    }
  | { readonly status: 'unconnected'; readonly reason: UnconnectedReason }
  | { readonly status: 'idle'; readonly generation: Generation; readonly input?: UndecidedInput | undefined }
  | { readonly status: 'busy'; readonly generation: Generation; readonly input: OpenInput }
  | {
      readonly status: 'stopping';
      /** Absent where there is no execution (any more). */
      readonly generation?: Generation | undefined;
      readonly cause: StopCause;
      readonly deadlineAt: number;
      readonly end?: 'stopped' | 'killed' | undefined;
      readonly input?: UndecidedInput | OpenInput | undefined;
    }
  | { readonly status: 'stopped'; readonly cause: StopCause; readonly end: 'stopped' | 'killed' };

export interface IdempotencyKey {
  /** Who chose it: keys of different principals never meet. */
  readonly owner: string;
  readonly key: string;
  readonly digest: string;
  readonly expiresAt: number;
}

/** How far the log has followed what a generation published, refused events included. */
export interface Position {
  readonly generation: Generation;
  readonly sequence: number;
}

/** A Worker's head: all that is known of it as of its last append. Never shown. */
export interface WorkerState {
  readonly workerId: WorkerId;
  /** Grows with every append: tells a head that was written from one that was not. */
  readonly revision: number;
  readonly status: Status;
  readonly sequence: Sequence;
  readonly epochs: readonly EpochStart[];
  readonly profile: string;
  readonly displayName?: string | undefined;
  readonly creator?: string | undefined;
  readonly key?: IdempotencyKey | undefined;
  /** Backend and options as they were at create (R6); `null` until there is a backend. Opaque here. */
  readonly binding: Json;
  readonly createdAt: string;
  readonly updatedAt: string;
  /** The highest generation ever reserved; 0 before the first. */
  readonly generation: number;
  /** The latest execution that connected, as long as it may be recovered. */
  readonly execution?: Execution | undefined;
  readonly position?: Position | undefined;
  /** The questions of the latest run, oldest first. */
  readonly questions: readonly Question[];
  /** Generations that the backend still has to be told to end (R5). */
  readonly stopsOwed: readonly Generation[];
  readonly lastFailure?: LastFailure | undefined;
}

export const initialState = (workerId: WorkerId): WorkerState => ({
  workerId,
  revision: 0,
  status: { status: 'absent' },
  sequence: Sequence(0),
  epochs: [],
  profile: '',
  binding: null,
  createdAt: '',
  updatedAt: '',
  generation: 0,
  questions: [],
  stopsOwed: [],
});

/** The input that is open or undecided (W7). */
export function currentInput(state: WorkerState): UndecidedInput | OpenInput | undefined {
  return 'input' in state.status ? state.status.input : undefined;
}

/** Whether something is open or undecided, or it is on its way to be connected or stopped. */
export function isAtWork(state: WorkerState): boolean {
  if (currentInput(state) !== undefined) return true;
  const { status } = state.status;
  return status === 'reserved' || status === 'connecting' || status === 'stopping';
}

/** Whether the execution may still be found again. */
export const canBeRecovered = ({ execution }: WorkerState): boolean => execution?.capabilities.recover === true;

/** Up to where the log has followed an execution. */
export const positionOf = ({ generation }: Execution, { position }: WorkerState): Position =>
  position?.generation === generation ? position : { generation, sequence: 0 };

/** Whether the log cannot be read to its end (W12). */
export const isDamaged = ({ status }: WorkerState): boolean =>
  status.status === 'unconnected' && status.reason === 'log-damaged';

/** What a head is where its log is damaged: found at opening, never recorded (W12). What it names is to be ended (R5). */
export function damaged(head: WorkerState): WorkerState {
  if (!isVisible(head)) return head;
  const live = head.generation > 0 && head.status.status !== 'stopped';
  const stopsOwed = live ? [...new Set([...head.stopsOwed, Generation(head.generation)])] : head.stopsOwed;
  return { ...head, stopsOwed, execution: undefined, status: { status: 'unconnected', reason: 'log-damaged' } };
}

/** Whether anybody but its creator's call may know of it (W5). */
export function isVisible(state: WorkerState): boolean {
  return state.status.status !== 'absent' && state.status.status !== 'reserved' && state.status.status !== 'failed';
}
