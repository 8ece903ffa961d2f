import { useEffect } from 'preact/hooks';

import type { Refusal } from '../../../../../domain/outcome.js';
import type { Story, StoryReader } from '../story.js';
import { Entry } from './entry.js';
import { focusIds } from './focus.js';
import { useFollowing } from './use-following.js';
import { useEntryWindow } from './use-entry-window.js';

interface TranscriptProps {
  readonly story: Story;
  readonly reader: StoryReader;
  /** How often something was said here: who says something wants to see what comes of it. */
  readonly sent: number;
  readonly onRefusal: (refusal: Refusal) => void;
}

/** What was said, of which the end is shown as it comes, until somebody reads further up. */
export function Transcript({ story, reader, sent, onRefusal }: TranscriptProps) {
  const following = useFollowing();
  const window = useEntryWindow(story, { reader, following, onRefusal });
  const { entries } = window;
  useEffect(() => {
    if (sent > 0) window.showEnd();
  }, [sent]);

  function jump(): void {
    window.showEnd();
    // The button is gone.
    following.log.current?.focus({ preventScroll: true });
  }

  return (
    <div class="transcript-frame">
      <div
        role="log"
        id={focusIds.transcript}
        class="transcript"
        aria-label="Transcript"
        aria-live="off"
        aria-keyshortcuts="Alt+T"
        tabIndex={0}
        data-following={following.isFollowing}
        ref={following.log}
        onScroll={window.onScroll}
      >
        <div class="entries" ref={following.content}>
          {window.hasEarlier && (
            <button type="button" class="earlier" aria-disabled={window.isReading} onClick={window.showEarlier}>
              Show earlier
            </button>
          )}
          {story.gap && !window.hasEarlier && <p class="note">What was said before this is no longer kept.</p>}
          {entries.map((entry) => (
            <Entry key={`${entry.sequence}`} entry={entry} />
          ))}
          {story.worker && entries.length === 0 && <p class="note">Nothing was said yet.</p>}
        </div>
      </div>
      {(!following.isFollowing || window.hasLater) && (
        <button type="button" class="to-end" onClick={jump}>
          Jump to the end
        </button>
      )}
    </div>
  );
}
