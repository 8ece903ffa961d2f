import type { InputId } from '../ids.js';
import type { Observation, ObservedEvent } from './event.js';
import { appendOutput, shownOutput } from './output-tail.js';
import type { TranscriptEntry, TranscriptPart } from './transcript.js';

/** A transcript as far as it was folded. Read it with `entriesOf`. */
export interface Transcript {
  readonly entries: readonly TranscriptEntry[];
  /** Where the entries since the last boundary stand, by what they are folded from. */
  readonly current: ReadonlyMap<string, number>;
}

interface Draft {
  readonly entries: TranscriptEntry[];
  readonly current: Map<string, number>;
}
type EventOf<Type extends ObservedEvent['type']> = Extract<ObservedEvent, { type: Type }>;
interface Change {
  readonly role: TranscriptEntry['role'];
  readonly id?: string;
  readonly part: TranscriptPart;
  readonly complete?: boolean;
}

export const emptyTranscript: Transcript = { entries: [], current: new Map() };

function completeAt(draft: Draft, index: number): void {
  const entry = draft.entries[index];
  if (entry && !entry.complete) draft.entries[index] = { ...entry, complete: true };
}

/** Output ends where something else begins. */
function endOutput(draft: Draft): void {
  const last = draft.entries.length - 1;
  if (draft.entries[last]?.parts[0]?.type === 'output') completeAt(draft, last);
}

/** Nothing of what came before changes any more. */
function endAll(draft: Draft): void {
  endOutput(draft);
  for (const index of draft.current.values()) completeAt(draft, index);
  draft.current.clear();
}

function begin(draft: Draft, observation: Observation, parts: readonly TranscriptPart[], change: Omit<Change, 'part'>) {
  endOutput(draft);
  const { cursor, sequence, at, inputId } = observation;
  const { id = inputId ?? cursor, role, complete = false } = change;
  draft.entries.push({ id, sequence, at, role, ...(inputId ? { inputId } : {}), parts, complete });
}

/** Begins the entry of `kind` and `id`, or changes it. One that is complete stays as it is. */
function put(
  draft: Draft,
  observation: Observation,
  [kind, id]: readonly [kind: TranscriptPart['type'], id: string],
  change: (former: TranscriptPart | undefined) => Change | undefined,
): void {
  const key = `${kind} ${id}`;
  const index = draft.current.get(key);
  const entry = index === undefined ? undefined : draft.entries[index];
  if (entry?.complete) return;
  const changed = change(entry?.parts[0]);
  if (!changed) return;
  const { part, complete = false } = changed;
  if (entry && index !== undefined) {
    draft.entries[index] = { ...entry, parts: [part], complete };
    return;
  }
  begin(draft, observation, [part], { ...changed, id });
  draft.current.set(key, draft.entries.length - 1);
}

function foldMessage(
  draft: Draft,
  observation: Observation,
  type: 'text' | 'reasoning',
  event: EventOf<'text-delta' | 'text-completed' | 'reasoning-delta' | 'reasoning-completed'>,
): void {
  const complete = event.type === 'text-completed' || event.type === 'reasoning-completed';
  put(draft, observation, [type, event.messageId], (former) => {
    const before = !complete && former?.type === type ? former.text : '';
    return { role: 'assistant', part: { type, text: before + event.text }, complete };
  });
}

function foldOutput(draft: Draft, observation: Observation, { stream, text }: EventOf<'output'>): void {
  const last = draft.entries.length - 1;
  const entry = draft.entries[last];
  const part = entry?.parts[0];
  const open = entry !== undefined && !entry.complete && entry.inputId === observation.inputId;
  if (open && part?.type === 'output' && part.stream === stream) {
    draft.entries[last] = { ...entry, parts: [appendOutput(part, text)] };
    return;
  }
  begin(draft, observation, [appendOutput({ type: 'output', stream, text: '' }, text)], { role: 'tool' });
}

function foldToolCall(
  draft: Draft,
  observation: Observation,
  event: EventOf<'tool-call-started' | 'tool-call-updated' | 'tool-call-ended'>,
): void {
  put(draft, observation, ['tool-call', event.toolCallId], (former) => {
    const { type, toolCallId: _, ...told } = event;
    if (type === 'tool-call-started') return { role: 'tool', part: { type: 'tool-call', name: '', ...told } };
    const started = former?.type === 'tool-call' ? former : { type: 'tool-call' as const, name: '' };
    return { role: 'tool', part: { ...started, ...told }, complete: type === 'tool-call-ended' };
  });
}

function foldActivity(
  draft: Draft,
  observation: Observation,
  event: EventOf<'activity-started' | 'activity-ended'>,
): void {
  put(draft, observation, ['activity', event.activityId], (former) => {
    if (event.type === 'activity-ended') return former && { role: 'system', part: former, complete: true };
    const { title } = event;
    return { role: 'system', part: { type: 'activity', ...(title === undefined ? {} : { title }) } };
  });
}

function foldQuestion(
  draft: Draft,
  observation: Observation,
  event: EventOf<'question-asked' | 'question-closed'>,
): void {
  put(draft, observation, ['question', event.questionId], (former) => {
    if (event.type === 'question-asked') {
      const { prompt, options } = event;
      return { role: 'system', part: { type: 'question', prompt, ...(options ? { options } : {}) } };
    }
    if (former?.type !== 'question') return undefined;
    const { end, answer } = event;
    return { role: 'system', part: { ...former, end, ...(answer ? { answer } : {}) }, complete: true };
  });
}

function foldBoundary(draft: Draft, observation: Observation, code: string | undefined): void {
  endAll(draft);
  if (code) begin(draft, observation, [{ type: 'notice', code }], { role: 'system', complete: true });
}

function foldOne(draft: Draft, observation: Observation): void {
  const { event } = observation;
  switch (event.type) {
    case 'input-accepted':
      return begin(draft, observation, event.parts, { role: 'user', complete: true });
    case 'text-delta':
    case 'text-completed':
      return foldMessage(draft, observation, 'text', event);
    case 'reasoning-delta':
    case 'reasoning-completed':
      return foldMessage(draft, observation, 'reasoning', event);
    case 'output':
      return foldOutput(draft, observation, event);
    case 'tool-call-started':
    case 'tool-call-updated':
    case 'tool-call-ended':
      return foldToolCall(draft, observation, event);
    case 'plan-updated': {
      const { planId, steps } = event;
      return put(draft, observation, ['plan', planId], () => ({ role: 'assistant', part: { type: 'plan', steps } }));
    }
    case 'activity-started':
    case 'activity-ended':
      return foldActivity(draft, observation, event);
    case 'question-asked':
    case 'question-closed':
      return foldQuestion(draft, observation, event);
    case 'input-ended':
      return foldBoundary(draft, observation, event.end === 'completed' ? undefined : (event.code ?? event.end));
    case 'execution-disconnected':
      return foldBoundary(draft, observation, event.reason);
    case 'worker-stopped':
      return foldBoundary(draft, observation, undefined);
    case 'worker-created':
    case 'execution-connecting':
    case 'execution-connected':
    case 'worker-stopping':
    case 'usage':
    case 'notice':
      return;
    default:
      event satisfies never;
  }
}

/**
 * The transcript with `observations` folded in, in their order. Copies the list of entries once per call: fold what
 * is there together.
 *
 * Every entry is complete at an `input-ended`. A fold that begins right after one therefore gives the entries that
 * begin after it exactly as a fold from the beginning does: a log can be read from any of them.
 */
export function foldTranscript(transcript: Transcript, observations: Iterable<Observation>): Transcript {
  const draft: Draft = { entries: transcript.entries.slice(), current: new Map(transcript.current) };
  for (const observation of observations) foldOne(draft, observation);
  return draft;
}

/**
 * A transcript from entries that were shown, to go on with the events after them: a reader's, who has a snapshot. An
 * output goes on from the part of it that was shown. `openInput` is the input that was open then, for its entries alone
 * are still known by their ids.
 */
export function continuedTranscript(entries: readonly TranscriptEntry[], openInput: InputId | undefined): Transcript {
  const current = new Map<string, number>();
  for (const [index, { id, role, inputId, parts, complete }] of entries.entries()) {
    const kind = parts[0]?.type;
    const isOfOpenInput = openInput !== undefined && inputId === openInput && role !== 'user';
    if (kind !== undefined && kind !== 'output' && (!complete || isOfOpenInput)) current.set(`${kind} ${id}`, index);
  }
  return { entries, current };
}

const shownPart = (part: TranscriptPart): TranscriptPart => (part.type === 'output' ? shownOutput(part) : part);
const isOutput = ({ parts }: TranscriptEntry): boolean => parts[0]?.type === 'output';

/** The entries, oldest first; with `last`, at most the newest so many. */
export function entriesOf({ entries }: Transcript, last = entries.length): readonly TranscriptEntry[] {
  const taken = entries.slice(Math.max(0, entries.length - last));
  return taken.map((entry) => (isOutput(entry) ? { ...entry, parts: entry.parts.map(shownPart) } : entry));
}

/** Whether a fold that begins right after this observation lacks nothing (`foldTranscript`). */
export const isTranscriptBoundary = ({ event }: Observation): boolean => event.type === 'input-ended';
