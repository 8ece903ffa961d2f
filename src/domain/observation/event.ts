import type { UnconnectedReason } from '../codes.js';
import type { CorrelationId, Generation, InputId, Json, QuestionId, Sequence } from '../ids.js';
import type { Cursor } from './cursor.js';

export type Part =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'blob'; readonly mediaType: string; readonly data: string };

export type Answer = { readonly optionId: string } | { readonly text: string };
export interface QuestionOption {
  readonly optionId: string;
  readonly label: string;
}
/** A change of a text file, whole: from `before`, absent where there was none, to `after`. */
export interface Diff {
  /** As the backend calls it. */
  readonly file: string;
  readonly before?: string;
  readonly after: string;
}
export interface PlanStep {
  readonly text: string;
  readonly status: 'pending' | 'in-progress' | 'completed';
  readonly priority?: 'high' | 'medium' | 'low';
}
export type StopCause = 'user' | 'system';

/** What the Runtime alone writes (W2). */
export type RuntimeEvent =
  | { readonly type: 'worker-created'; readonly profile: string; readonly displayName?: string }
  | { readonly type: 'execution-connecting'; readonly generation: Generation; readonly cause: 'reconnect' | 'recover' }
  | { readonly type: 'execution-connected'; readonly generation: Generation }
  | {
      readonly type: 'execution-disconnected';
      readonly generation: Generation;
      readonly reason: UnconnectedReason;
      readonly correlationId?: CorrelationId;
    }
  | { readonly type: 'input-accepted'; readonly parts: readonly Part[] }
  | {
      readonly type: 'input-ended';
      readonly end: 'completed' | 'cancelled' | 'refused' | 'failed' | 'interrupted';
      readonly code?: 'backend-fault';
      readonly backendCode?: string;
      readonly correlationId?: CorrelationId;
    }
  | {
      readonly type: 'question-closed';
      readonly questionId: QuestionId;
      readonly end: 'answered' | 'withdrawn' | 'expired' | 'interrupted';
      readonly answer?: Answer;
    }
  | { readonly type: 'worker-stopping' }
  | { readonly type: 'worker-stopped'; readonly cause: StopCause };

/** What a backend says and the log keeps as it was said. */
export type BackendContentEvent =
  | { readonly type: 'text-delta'; readonly messageId: string; readonly text: string }
  | { readonly type: 'text-completed'; readonly messageId: string; readonly text: string }
  | { readonly type: 'reasoning-delta'; readonly messageId: string; readonly text: string }
  | { readonly type: 'reasoning-completed'; readonly messageId: string; readonly text: string }
  | { readonly type: 'output'; readonly stream: 'stdout' | 'stderr'; readonly text: string }
  | {
      readonly type: 'tool-call-started';
      readonly toolCallId: string;
      readonly name: string;
      readonly title?: string;
      readonly input?: Json;
    }
  /** What is there replaces what was told before. */
  | {
      readonly type: 'tool-call-updated';
      readonly toolCallId: string;
      readonly title?: string;
      readonly input?: Json;
      readonly output?: Json;
      readonly diffs?: readonly Diff[];
    }
  | { readonly type: 'tool-call-ended'; readonly toolCallId: string; readonly isError: boolean; readonly output?: Json }
  /** The whole plan as it is now. */
  | { readonly type: 'plan-updated'; readonly planId: string; readonly steps: readonly PlanStep[] }
  | {
      readonly type: 'question-asked';
      readonly questionId: QuestionId;
      readonly prompt: string;
      readonly options?: readonly QuestionOption[];
      readonly expiresAt?: string;
    }
  | {
      readonly type: 'usage';
      readonly inputTokens?: number;
      readonly outputTokens?: number;
      readonly costUsd?: number;
      /** Tokens in the model's context now, and how many it takes. */
      readonly contextTokens?: number;
      readonly contextLimit?: number;
    }
  | { readonly type: 'notice'; readonly level: 'info' | 'warning' | 'error'; readonly text: string }
  /** Work begins that no input caused. Never names an input; in a transcript it ends at the latest where a run or its execution ends. */
  | { readonly type: 'activity-started'; readonly activityId: string; readonly title?: string }
  | { readonly type: 'activity-ended'; readonly activityId: string };

/** What a backend says and the core records in its own words: as `question-closed` and `input-ended`. */
export type BackendControlEvent =
  | { readonly type: 'question-withdrawn'; readonly questionId: QuestionId; readonly cause: 'withdrawn' | 'expired' }
  | {
      readonly type: 'run-ended';
      readonly end: 'completed' | 'cancelled' | 'refused' | 'failed';
      readonly code?: string;
    };

export type BackendEventBody = BackendContentEvent | BackendControlEvent;
/** An event as a backend publishes it. `inputId` names the run that caused it; events that no input caused have none (O5). */
export type BackendEvent = BackendEventBody & { readonly inputId?: InputId };

export type ObservedEvent = RuntimeEvent | BackendContentEvent;
export type EventType = ObservedEvent['type'];

/** One numbered, public event of a Worker. */
export interface Observation {
  readonly cursor: Cursor;
  readonly sequence: Sequence;
  /** RFC 3339, UTC, milliseconds. */
  readonly at: string;
  readonly inputId?: InputId;
  readonly event: ObservedEvent;
}

/** Which side may author an event type (W2). A type that is missing here does not compile. */
export const authorOf: Readonly<Record<EventType | BackendControlEvent['type'], 'runtime' | 'backend'>> = {
  'worker-created': 'runtime',
  'execution-connecting': 'runtime',
  'execution-connected': 'runtime',
  'execution-disconnected': 'runtime',
  'input-accepted': 'runtime',
  'input-ended': 'runtime',
  'question-closed': 'runtime',
  'worker-stopping': 'runtime',
  'worker-stopped': 'runtime',
  'text-delta': 'backend',
  'text-completed': 'backend',
  'reasoning-delta': 'backend',
  'reasoning-completed': 'backend',
  output: 'backend',
  'tool-call-started': 'backend',
  'tool-call-updated': 'backend',
  'tool-call-ended': 'backend',
  'plan-updated': 'backend',
  'question-asked': 'backend',
  'question-withdrawn': 'backend',
  usage: 'backend',
  notice: 'backend',
  'activity-started': 'backend',
  'activity-ended': 'backend',
  'run-ended': 'backend',
};
