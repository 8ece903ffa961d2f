import type { CorrelationId, Generation, InputId, Json, QuestionId } from '../ids.js';
import type { Epoch } from '../observation/cursor.js';
import type { Answer, ObservedEvent, Part, StopCause } from '../observation/event.js';
import type { Busy, Refusal } from '../outcome.js';
import type { Execution, IdempotencyKey } from './state.js';

/** A fact that readers see: it gets the next sequence. */
export interface ObservedFact {
  readonly type: 'observed';
  readonly at: string;
  readonly inputId?: InputId | undefined;
  readonly event: ObservedEvent;
}

/** A fact that only the head keeps. */
export type PrivateFact =
  | {
      readonly type: 'worker-reserved';
      readonly at: string;
      readonly epoch: Epoch;
      readonly profile: string;
      readonly displayName?: string | undefined;
      readonly creator?: string | undefined;
      readonly key?: IdempotencyKey | undefined;
      readonly binding: Json;
    }
  | { readonly type: 'create-failed'; readonly refusal: Refusal }
  | { readonly type: 'bound'; readonly binding: Json }
  | { readonly type: 'epoch-started'; readonly epoch: Epoch }
  | { readonly type: 'generation-reserved'; readonly generation: Generation }
  | { readonly type: 'execution-described'; readonly execution: Execution }
  | { readonly type: 'connect-failed'; readonly refusal: Refusal }
  /** Nothing that a recovery could find is left of that generation or those before it. */
  | { readonly type: 'execution-gone'; readonly generation: Generation }
  | {
      readonly type: 'input-reserved';
      readonly inputId: InputId;
      readonly digest: string;
      readonly parts: readonly Part[];
    }
  /** The backend's answer was lost: the caller is told, the input stays undecided. */
  | { readonly type: 'dispatch-lost'; readonly inputId: InputId; readonly correlationId: CorrelationId }
  /** `refused`: its id is free again. `unknown`: for good. */
  | {
      readonly type: 'input-settled';
      readonly inputId: InputId;
      readonly as: 'refused' | 'unknown';
      readonly refusal: Refusal;
    }
  | { readonly type: 'cancel-requested'; readonly inputId: InputId; readonly deadlineAt: number }
  | { readonly type: 'cancel-escalated'; readonly inputId: InputId }
  | { readonly type: 'answer-reserved'; readonly questionId: QuestionId; readonly answer: Answer }
  | { readonly type: 'answer-released'; readonly questionId: QuestionId; readonly refusal: Exclude<Refusal, Busy> }
  | {
      readonly type: 'stop-requested';
      readonly cause: StopCause;
      readonly deadlineAt: number;
      readonly generation?: Generation | undefined;
    }
  | { readonly type: 'stop-ended'; readonly end: 'stopped' | 'killed' }
  | { readonly type: 'stop-owed'; readonly generation: Generation }
  | { readonly type: 'stop-settled'; readonly generation: Generation }
  | { readonly type: 'position'; readonly generation: Generation; readonly sequence: number };

/** Something that happened to a Worker. State evolves from facts alone, and only from those that were appended (W19). */
export type Fact = ObservedFact | PrivateFact;
