import type { TranscriptEntry } from '../../../../../domain/observation/transcript.js';
import { EntryPart } from './entry-part.js';
import { memoized } from './memoized.js';
import { Time } from './time.js';

const authors: Readonly<Record<TranscriptEntry['role'], string>> = {
  user: 'You',
  assistant: 'Worker',
  tool: 'Tool',
  system: 'Workport',
};

/** Whose it is. */
function authorOf({ role, parts: [part] }: TranscriptEntry): string {
  if (part?.type === 'question') return 'Question';
  if (part?.type === 'activity') return 'On its own';
  if (part?.type === 'output') return part.stream === 'stderr' ? 'stderr' : 'Output';
  return authors[role];
}

interface EntryProps {
  readonly entry: TranscriptEntry;
}

/** An output is a new entry each time it is read, also where its text is the same. */
function isSameEntry({ entry: before }: EntryProps, { entry: now }: EntryProps): boolean {
  if (before === now) return true;
  const [one] = before.parts;
  const [other] = now.parts;
  if (one?.type !== 'output' || other?.type !== 'output') return false;
  return before.sequence === now.sequence && before.complete === now.complete && one.text === other.text;
}

/** One thing that was said, done, or that happened. */
export const Entry = memoized(({ entry }: EntryProps) => {
  const { role, parts, at, complete } = entry;
  const kind = parts[0]?.type ?? 'text';
  return (
    <article class="entry" data-role={role} data-kind={kind}>
      <p class="by">
        <span class="author">{authorOf(entry)}</span> <Time at={at} />
      </p>
      <div class="said">
        {parts.map((part, index) => (
          <EntryPart key={index} part={part} isComplete={complete} />
        ))}
      </div>
    </article>
  );
}, isSameEntry);
