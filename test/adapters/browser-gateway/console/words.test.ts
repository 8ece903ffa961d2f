import { expect, test } from 'vitest';

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
