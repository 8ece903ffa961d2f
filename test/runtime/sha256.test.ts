import { createHash } from 'node:crypto';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { sha256 } from '../../src/runtime/sha256.js';

const known = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

test('sha256 gives the digest of FIPS 180-4 for "abc"', () => {
  expect(sha256('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

test('sha256 agrees with OpenSSL for any text, around every length of a block', () => {
  for (let length = 0; length <= 200; length += 1) expect(sha256('x'.repeat(length))).toBe(known('x'.repeat(length)));
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 500 }), (text) => {
      expect(sha256(text)).toBe(known(text));
    }),
  );
});
