import { describe, expect, test } from 'vitest';

import { shortcutOf } from '../../../../src/adapters/browser-gateway/console/page/shortcuts.js';
import { meaningOf, whyOf } from '../../../../src/adapters/browser-gateway/console/page/words.js';
import { erroredCodes, rejectedCodes, runFailureCodes, unconnectedReasons } from '../../../../src/domain/codes.js';

test.each([...erroredCodes, ...rejectedCodes, ...runFailureCodes, ...unconnectedReasons, 'busy', 'unsupported'])(
  'the code %s is told in words of its own',
  (code) => {
    expect(meaningOf(code)).toMatch(/^[A-Z]/);
    expect(meaningOf(code).toLowerCase()).not.toBe(code.replaceAll('-', ' '));
  },
);

test('a code that is not known stands for itself', () => {
  expect(meaningOf('to-string')).toBe('To string');
  expect(meaningOf('constructor')).toBe('Constructor');
});

test('a Worker tells why it is as it is where it knows', () => {
  expect(whyOf({ reason: 'exited' })).toBe('its execution has exited');
  expect(whyOf({ cause: 'user' })).toBe('by a person');
  expect(whyOf({})).toBeUndefined();
});

describe('a key is a shortcut', () => {
  const pressed = { code: 'KeyN', altKey: true, ctrlKey: false, metaKey: false, shiftKey: false };

  test('with Alt alone', () => {
    expect(shortcutOf(pressed)).toBe('KeyN');
    expect(shortcutOf({ ...pressed, altKey: false })).toBeUndefined();
    expect(shortcutOf({ ...pressed, ctrlKey: true })).toBeUndefined();
    expect(shortcutOf({ ...pressed, code: 'KeyX' })).toBeUndefined();
  });
});
