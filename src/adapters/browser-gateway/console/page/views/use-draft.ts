import { useState } from 'preact/hooks';

import type { Drafts } from '../drafts.js';

/** A text that somebody types, kept while the page lives. */
export function useDraft(drafts: Drafts, key: string): readonly [text: string, set: (text: string) => void] {
  const [text, show] = useState(() => drafts.get(key));
  const set = (next: string): void => {
    drafts.set(key, next);
    show(next);
  };
  return [text, set];
}
