import type { Drafts } from '../drafts.js';
import { useStore } from '../use-store.js';

/** A text that somebody types, kept while the page lives: also where what it is typed in was left, and is there again. */
export function useDraft(drafts: Drafts, key: string): readonly [text: string, set: (text: string) => void] {
  useStore(drafts.changes);
  return [drafts.get(key), (text) => drafts.set(key, text)];
}
