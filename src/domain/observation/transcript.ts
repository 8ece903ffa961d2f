import type { InputId, Json, Sequence } from '../ids.js';
import type { Answer, Diff, Part, PlanStep, QuestionOption } from './event.js';

export type TranscriptPart =
  | Part
  | { readonly type: 'reasoning'; readonly text: string }
  | {
      readonly type: 'output';
      readonly stream: 'stdout' | 'stderr';
      /** The last 64 KiB. */
      readonly text: string;
      readonly truncated?: boolean;
    }
  | {
      readonly type: 'tool-call';
      readonly name: string;
      readonly title?: string;
      readonly input?: Json;
      readonly output?: Json;
      readonly diffs?: readonly Diff[];
      readonly isError?: boolean;
    }
  | { readonly type: 'plan'; readonly steps: readonly PlanStep[] }
  | {
      readonly type: 'question';
      readonly prompt: string;
      readonly options?: readonly QuestionOption[];
      readonly end?: 'answered' | 'withdrawn' | 'expired' | 'interrupted';
      readonly answer?: Answer;
    }
  | { readonly type: 'activity'; readonly title?: string }
  | { readonly type: 'notice'; readonly code: string };

/** What a reader of a Worker's story sees as one thing. It changes until `complete`. */
export interface TranscriptEntry {
  /** The message, tool call, plan, question, activity or input it is folded from. */
  readonly id: string;
  /** The sequence of its first event. */
  readonly sequence: Sequence;
  readonly at: string;
  readonly role: 'user' | 'assistant' | 'tool' | 'system';
  readonly inputId?: InputId;
  readonly parts: readonly TranscriptPart[];
  readonly complete: boolean;
}
