import { randomUuid } from '../../client/ids.js';
import type { Readable } from './store.js';
import { store } from './store.js';

/** What somebody has typed and not sent, while the page lives: in its memory alone. */
export interface Drafts {
  /** Changes whenever a draft does. */
  readonly changes: Readable<number>;
  get(key: string): string;
  set(key: string, text: string): void;
  /**
   * The id under which this content of the draft is asked. It is the same until it is settled: asked once more after an
   * answer that nobody knows, it is executed once.
   */
  idFor(key: string, content: string): string;
  /** What was asked under the id of this draft was answered. */
  settle(key: string): void;
  clear(): void;
}

export function drafts(): Drafts {
  const changes = store(0);
  const texts = new Map<string, string>();
  const asked = new Map<string, { readonly content: string; readonly id: string }>();
  const changed = (): void => changes.set(changes.get() + 1);
  return {
    changes,
    get: (key) => texts.get(key) ?? '',
    set(key, text) {
      if (text === '') texts.delete(key);
      else texts.set(key, text);
      changed();
    },
    idFor(key, content) {
      const before = asked.get(key);
      if (before?.content === content) return before.id;
      const id = randomUuid();
      asked.set(key, { content, id });
      return id;
    },
    settle: (key) => void asked.delete(key),
    clear() {
      texts.clear();
      asked.clear();
      changed();
    },
  };
}
