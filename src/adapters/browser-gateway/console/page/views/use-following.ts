import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';

/** In pixels: so near to the end is at it. */
const nearEnd = 40;

export const isAtEnd = ({ scrollHeight, clientHeight, scrollTop }: HTMLElement): boolean =>
  scrollHeight - clientHeight - scrollTop < nearEnd;

export interface Following {
  readonly log: RefObject<HTMLDivElement | null>;
  readonly content: RefObject<HTMLDivElement | null>;
  /** Whether the end is kept in sight. */
  readonly isFollowing: boolean;
  readonly onScroll: () => void;
  follow(isFollowing: boolean): void;
}

/** Keeps the end of what grows in sight, until somebody scrolls up, and again once they are back at the end. */
export function useFollowing(): Following {
  const log = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const [isFollowing, setFollowing] = useState(true);
  const state = useRef({ isFollowing: true, top: 0 });

  function follow(next: boolean): void {
    state.current.isFollowing = next;
    setFollowing(next);
    pin();
  }
  function pin(): void {
    const at = log.current;
    if (!at || !state.current.isFollowing) return;
    at.scrollTop = at.scrollHeight;
    state.current.top = at.scrollTop;
  }
  function onScroll(): void {
    const at = log.current;
    if (!at) return;
    const isUp = at.scrollTop < state.current.top - 1;
    state.current.top = at.scrollTop;
    // What has grown below is no scrolling.
    const next = isAtEnd(at) || (state.current.isFollowing && !isUp);
    if (next !== state.current.isFollowing) follow(next);
  }

  useLayoutEffect(pin);
  useEffect(() => {
    // Entries take their true height only when they come into sight, and the log its own when the field below grows.
    const sizes = new ResizeObserver(pin);
    if (log.current) sizes.observe(log.current);
    if (content.current) sizes.observe(content.current);
    return () => sizes.disconnect();
  }, []);
  return { log, content, isFollowing, onScroll, follow };
}
