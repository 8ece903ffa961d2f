import type { InputId, Json } from '../../../domain/ids.js';
import type { BackendContentEvent, BackendEvent, Diff, PlanStep } from '../../../domain/observation/event.js';

type Loose<Event> = Event extends { readonly messageId: string }
  ? Omit<Event, 'messageId'> & { readonly messageId?: string | undefined }
  : Event;

type NotYielded = 'question-asked' | 'activity-started' | 'activity-ended';

/** What a run may yield. Questions go through `ask`, the end is how the generator ends. */
export type RunEvent = Loose<Exclude<BackendContentEvent, { readonly type: NotYielded }>>;

/** More text of a message. Without a `messageId` it belongs to the one message that each run has. */
export const text = (text: string, messageId?: string): RunEvent => ({ type: 'text-delta', text, messageId });

/** More reasoning; as `text`. */
export const reasoning = (text: string, messageId?: string): RunEvent => ({ type: 'reasoning-delta', text, messageId });

/** What a program printed. */
export const output = (text: string, stream: 'stdout' | 'stderr' = 'stdout'): RunEvent => ({
  type: 'output',
  stream,
  text,
});

export const toolCallStarted = (
  toolCallId: string,
  name: string,
  details: { readonly title?: string; readonly input?: Json } = {},
): RunEvent => ({ type: 'tool-call-started', toolCallId, name, ...details });

export const toolCallEnded = (
  toolCallId: string,
  result: { readonly isError?: boolean; readonly output?: Json } = {},
): RunEvent => ({ type: 'tool-call-ended', toolCallId, isError: false, ...result });

/** What has become of a tool call so far. What is there replaces what was told before. */
export const toolCallUpdated = (
  toolCallId: string,
  changes: {
    readonly title?: string;
    readonly input?: Json;
    readonly output?: Json;
    readonly diffs?: readonly Diff[];
  },
): RunEvent => ({ type: 'tool-call-updated', toolCallId, ...changes });

/** The whole plan as it is now. */
export const planUpdated = (planId: string, steps: readonly PlanStep[]): RunEvent => ({
  type: 'plan-updated',
  planId,
  steps,
});

export const notice = (text: string, level: 'info' | 'warning' | 'error' = 'info'): RunEvent => ({
  type: 'notice',
  level,
  text,
});

export const usage = (spent: {
  readonly inputTokens?: number;
  readonly outputTokens?: number;
  readonly costUsd?: number;
  readonly contextTokens?: number;
  readonly contextLimit?: number;
}): RunEvent => ({ type: 'usage', ...spent });

const reserved: ReadonlySet<string> = new Set([
  'question-asked',
  'question-withdrawn',
  'run-ended',
  'activity-started',
  'activity-ended',
]);

/** The event as it is published, or `undefined` for one that a run may not yield. */
export function addressed(event: RunEvent, inputId: InputId): BackendEvent | undefined {
  switch (event.type) {
    case 'text-delta':
    case 'text-completed':
      return { ...event, messageId: event.messageId ?? `${inputId}:text`, inputId };
    case 'reasoning-delta':
    case 'reasoning-completed':
      return { ...event, messageId: event.messageId ?? `${inputId}:reasoning`, inputId };
    default:
      return reserved.has(event.type) ? undefined : { ...event, inputId };
  }
}
