import { useLayoutEffect, useRef, useState } from 'preact/hooks';

import type { TranscriptEntry } from '../../../../../domain/observation/transcript.js';
import type { Refusal } from '../../../../../domain/outcome.js';
import type { Story, StoryReader } from '../story.js';
import { isAtEnd } from './use-following.js';
import type { Following } from './use-following.js';

/** Of the entries, which are drawn. */
export interface EntryWindow {
  readonly entries: readonly TranscriptEntry[];
  readonly hasEarlier: boolean;
  readonly hasLater: boolean;
  readonly isReading: boolean;
  showEarlier(): void;
  onScroll(): void;
  showEnd(): void;
}

interface EntryWindowDependencies {
  readonly reader: StoryReader;
  readonly following: Following;
  /** Told why earlier entries could not be read. */
  readonly onRefusal: (refusal: Refusal) => void;
}

/** How many are drawn at the end, how many more each time, and how many at most. */
const atEnd = 100;
const step = 150;
const most = 500;

/** While the end is followed the last entries are drawn; while somebody reads, those from where they are. */
export function useEntryWindow(
  { entries, hasEarlier }: Story,
  { reader, following, onRefusal }: EntryWindowDependencies,
): EntryWindow {
  const { log, content, isFollowing } = following;
  const [first, setFirst] = useState<number>();
  const [isReading, setReading] = useState(false);
  const drawn = useRef<number>(undefined);
  const anchor = useRef<{ readonly element: Element; readonly top: number }>(undefined);

  const found = isFollowing || first === undefined ? -1 : entries.findIndex(({ sequence }) => sequence >= first);
  const start = found === -1 ? Math.max(0, entries.length - atEnd) : found;
  const shown = entries.slice(start, start + most);
  const hasLater = start + shown.length < entries.length;
  drawn.current = shown[0]?.sequence;

  // Who scrolls up reads on from what was drawn then.
  useLayoutEffect(() => setFirst(isFollowing ? undefined : drawn.current), [isFollowing]);
  // What is put before or behind the entry that was read does not move it.
  useLayoutEffect(() => {
    const { element, top } = anchor.current ?? {};
    anchor.current = undefined;
    if (!element || !log.current) return;
    log.current.scrollTop += element.getBoundingClientRect().top - (top ?? 0);
    // The button that was pressed may be gone.
    if (document.activeElement === document.body) log.current.focus({ preventScroll: true });
  }, [drawn.current]);

  function hold(selector: string): void {
    const element = content.current?.querySelector(selector);
    if (element) anchor.current = { element, top: element.getBoundingClientRect().top };
  }
  /** There is an end to follow only where the last entry is drawn. */
  function onScroll(): void {
    if (!hasLater) return following.onScroll();
    if (!log.current || !isAtEnd(log.current)) return;
    hold('article:last-of-type');
    setFirst(entries[start + step]?.sequence);
  }
  async function showEarlier(): Promise<void> {
    if (isReading) return;
    following.follow(false);
    setReading(true);
    const refusal = start < step ? await reader.readEarlier() : undefined;
    if (refusal) onRefusal(refusal);
    setReading(false);
    const now = reader.story.get().entries;
    const place = now.findIndex(({ sequence }) => sequence === drawn.current);
    hold('article');
    setFirst(now[Math.max(0, place - step)]?.sequence);
  }

  return {
    entries: shown,
    hasEarlier: start > 0 || hasEarlier,
    hasLater,
    isReading,
    onScroll,
    showEarlier: () => void showEarlier(),
    showEnd() {
      setFirst(undefined);
      following.follow(true);
    },
  };
}
