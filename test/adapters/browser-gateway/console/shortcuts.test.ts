import { expect, test } from 'vitest';

import { shortcutOf } from '../../../../src/adapters/browser-gateway/console/page/shortcuts.js';

const pressed = { code: 'KeyN', altKey: true, ctrlKey: false, metaKey: false, shiftKey: false };

test('a key is a shortcut with Alt alone', () => {
  expect(shortcutOf(pressed)).toBe('KeyN');
  expect(shortcutOf({ ...pressed, altKey: false })).toBeUndefined();
  for (const other of ['ctrlKey', 'metaKey', 'shiftKey']) {
    expect(shortcutOf({ ...pressed, [other]: true }), other).toBeUndefined();
  }
});

test('a key that stands for nothing is no shortcut', () => {
  expect(shortcutOf({ ...pressed, code: 'KeyX' })).toBeUndefined();
});
