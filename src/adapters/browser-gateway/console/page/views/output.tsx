import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { TextBlock } from './plain-text.js';

/** What a program wrote. */
export function Output({ part }: { readonly part: Extract<TranscriptPart, { readonly type: 'output' }> }) {
  return (
    <>
      {part.truncated && <p class="note">Its beginning is left out.</p>}
      <TextBlock isPre class="output" text={part.text} stream={part.stream} />
    </>
  );
}
