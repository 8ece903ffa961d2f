import { expect, test } from 'vitest';

import { drafts } from '../../../../src/adapters/browser-gateway/console/page/drafts.js';
import { isUuid } from '../../../../src/domain/ids.js';

test('a draft is what was typed last, and empty where nothing was', () => {
  const kept = drafts();
  expect(kept.get('local/1')).toBe('');
  kept.set('local/1', 'Hello');
  kept.set('local/2', 'Else');
  expect(kept.get('local/1')).toBe('Hello');
  kept.clear();
  expect(kept.get('local/1')).toBe('');
});

test('W8: a draft that nobody answered for sure is asked again under the same id', () => {
  const kept = drafts();
  const id = kept.idFor('local/1', 'Hello');
  expect(isUuid(id)).toBe(true);
  expect(kept.idFor('local/1', 'Hello')).toBe(id);
  expect(kept.idFor('local/2', 'Hello')).not.toBe(id);
});

test('W8: a draft is asked under another id once it was answered, or where it says something else', () => {
  const kept = drafts();
  const first = kept.idFor('local/1', 'Hello');
  const second = kept.idFor('local/1', 'Hello there');
  expect(second).not.toBe(first);
  kept.settle('local/1');
  expect(kept.idFor('local/1', 'Hello there')).not.toBe(second);
});

test('who shows a draft is told when it changes elsewhere', () => {
  const kept = drafts();
  const shown: string[] = [];
  kept.changes.subscribe(() => shown.push(kept.get('a')));
  kept.set('a', 'one');
  kept.set('a', '');
  kept.set('a', 'two');
  kept.clear();
  expect(shown).toEqual(['one', '', 'two', '']);
});
