import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { PlainText } from './plain-text.js';

interface ActivityProps {
  readonly part: Extract<TranscriptPart, { readonly type: 'activity' }>;
  readonly isComplete: boolean;
}

/** Work of a Worker that nobody asked for: no run, and nothing waits for it. */
export function Activity({ part: { title }, isComplete }: ActivityProps) {
  const end = isComplete ? 'ended' : 'running';
  return (
    <p class="activity" data-end={end}>
      {title === undefined ? 'Work of its own' : <PlainText text={title} />} <span class="tool-state">{end}</span>
    </p>
  );
}
