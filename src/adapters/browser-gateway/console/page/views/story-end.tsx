import type { Story } from '../story.js';
import { streamEnds } from '../words.js';
import { RefusalView } from './refusal.js';

interface StoryEndProps {
  readonly end: NonNullable<Story['end']>;
  readonly onAgain: () => void;
}

/** Whether there is nothing to come back to: the Worker is not there, or not for who asks. */
export const isOver = (end: Story['end']): boolean =>
  end === 'worker-deleted' ||
  (typeof end === 'object' && (end.code === 'worker-unknown' || end.code === 'runtime-unknown'));

/** Why nothing more comes of a Worker. */
export function StoryEnd({ end, onAgain }: StoryEndProps) {
  return (
    <div class="story-end">
      {typeof end === 'string' ? (
        <p role="alert" class="refusal">
          {streamEnds[end]} <code>{end}</code>
        </p>
      ) : (
        <RefusalView refusal={end} />
      )}
      {!isOver(end) && (
        <button type="button" onClick={onAgain}>
          Watch again
        </button>
      )}
    </div>
  );
}
