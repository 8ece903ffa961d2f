import type { Roster } from './roster.js';
import { pageLength } from './roster.js';

/** In milliseconds, for each page of Workers that is read. */
const pollMs = 4_000;

/** Reads the lists again and again while the page is looked at, and at once when it is again. Answers what ends it. */
export function pollRoster(roster: Roster): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isOver = false;

  async function poll(): Promise<void> {
    clearTimeout(timer);
    await roster.refresh();
    if (isOver || document.hidden) return;
    const pages = roster.state.get().listings.reduce((sum, { workers }) => sum + 1 + workers.length / pageLength, 0);
    clearTimeout(timer);
    timer = setTimeout(() => void poll(), pollMs * Math.max(1, Math.floor(pages)));
  }
  const onVisible = (): void => {
    if (!document.hidden) void poll();
  };

  void poll();
  document.addEventListener('visibilitychange', onVisible);
  return () => {
    isOver = true;
    clearTimeout(timer);
    document.removeEventListener('visibilitychange', onVisible);
  };
}
