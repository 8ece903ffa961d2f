import type { StreamEndCode } from '../../../../../domain/codes.js';
import type { Errored, Rejected } from '../../../../../domain/outcome.js';
import { streamEnds } from '../words.js';
import { RefusalView } from './refusal.js';

interface StoryEndProps {
  readonly end: StreamEndCode | Rejected | Errored;
  readonly onAgain: () => void;
}

/** Why nothing more comes of a Worker. */
export function StoryEnd({ end, onAgain }: StoryEndProps) {
  const isOver = end === 'worker-deleted' || (typeof end !== 'string' && end.outcome === 'rejected');
  return (
    <div class="story-end">
      {typeof end === 'string' ? (
        <p role="alert" class="refusal" data-code={end}>
          {streamEnds[end]} <code>{end}</code>
        </p>
      ) : (
        <RefusalView refusal={end} />
      )}
      {!isOver && (
        <button type="button" onClick={onAgain}>
          Watch again
        </button>
      )}
    </div>
  );
}
