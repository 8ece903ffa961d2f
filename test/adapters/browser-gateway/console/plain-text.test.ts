import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { shownText, tokensOf } from '../../../../src/adapters/browser-gateway/console/page/plain-text.js';

const text = (shown: string) => ({ is: 'text', text: shown });
const link = (address: string) => ({ is: 'link', text: address });
const control = (picture: string) => ({ is: 'control', text: picture });

/** Every character that may do something else than be seen. */
const acts = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/;

const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.oneof(
        fc.constantFrom('\u001b[31m', '\u001b[', '\u009b1m', '\r', '\r\n', '\n', '\t', '\u0000', '\u007f', '\u0085'),
        fc.constantFrom('\u202e', '\u2066', '\u061c', '\u200f', 'http://', 'https://a.example/b', '@', '.', ')', ' '),
        fc.string({ maxLength: 4 }),
      ),
    )
    .map((pieces) => pieces.join('')),
);

test('no token holds a control character but tab and new line, nor a bidirectional control', () => {
  fc.assert(
    fc.property(hostile, (given) => {
      for (const token of tokensOf(given)) expect(token.text).not.toMatch(acts);
    }),
    { numRuns: 2_000 },
  );
});

test('texts and links together are the text, but for its controls', () => {
  const plain = (given: string) =>
    given
      .replace(/(?:\u001b\[|\u009b)[0-9;:]*m/g, '')
      .replace(/\r\n?/g, '\n')
      .replace(new RegExp(acts, 'g'), '');
  fc.assert(
    fc.property(hostile, (given) => {
      const tokens = tokensOf(given).filter(({ is }) => is !== 'control');
      expect(tokens.map((token) => token.text).join('')).toBe(plain(given));
    }),
    { numRuns: 2_000 },
  );
});

test('every link is an address of printable ASCII at http or https, without a user name, and opens what it shows', () => {
  fc.assert(
    fc.property(hostile, (given) => {
      for (const { is, text: shown } of tokensOf(given)) {
        if (is !== 'link') continue;
        expect(shown).toMatch(/^https?:\/\/[!-~]+$/i);
        expect(new URL(shown)).toMatchObject({ username: '', password: '' });
      }
    }),
    { numRuns: 2_000 },
  );
});

describe('what a text holds is shown', () => {
  test.each([
    ['markup as it is', '<img src=x onerror=alert(1)>', [text('<img src=x onerror=alert(1)>')]],
    ['a bell as its picture', 'a\u0007b', [text('a'), control('\u2407'), text('b')]],
    ['DEL as its picture', '\u007f', [control('\u2421')]],
    ['a C1 control by its number', '\u009b!', [control('\\x9b'), text('!')]],
    ['an override of the direction by its number', 'a\u202Eb', [text('a'), control('[U+202E]'), text('b')]],
    ['a mark of the direction by its number', '\u061c', [control('[U+061C]')]],
    ['colours of a terminal not at all', '\u001b[1;31mred\u001b[0m', [text('red')]],
    ['another sequence of a terminal as it is', '\u001b[2J', [control('\u241b'), text('[2J')]],
    ['a lone carriage return as a new line', '1%\r2%\r\n3%', [text('1%\n2%\n3%')]],
    ['tab and new line as they are', 'a\tb\n', [text('a\tb\n')]],
  ])('%s', (_, given, shown) => {
    expect(tokensOf(given)).toEqual(shown);
  });
});

describe('an address', () => {
  test.each([
    ['is a link', 'see https://a.example/b?c=d#e now', [text('see '), link('https://a.example/b?c=d#e'), text(' now')]],
    ['ends before the end of the sentence', 'http://a.example.', [link('http://a.example'), text('.')]],
    ['ends before the bracket around it', '(http://a.example/)', [text('('), link('http://a.example/'), text(')')]],
    ['keeps brackets of its own', 'http://a.example/b_(c)', [link('http://a.example/b_(c)')]],
    ['ends where a colour ends', '\u001b[4mhttp://a.example\u001b[0m', [link('http://a.example')]],
    ['with a user name is none', 'http://bank.example@evil.example/', [text('http://bank.example@evil.example/')]],
    ['with an empty user name is none', 'http://@evil.example/', [text('http://@evil.example/')]],
    ['with a letter that is not ASCII is none', 'http://b\u0430nk.example/', [text('http://b\u0430nk.example/')]],
    [
      'with a control of the direction is none',
      'http://a.example/\u202Egnp.exe',
      [text('http://a.example/'), control('[U+202E]'), text('gnp.exe')],
    ],
    ['of another kind is none', 'javascript:alert(1) file:///a', [text('javascript:alert(1) file:///a')]],
    ['inside a word is none', 'xhttp://a.example', [text('xhttp://a.example')]],
    ['without a host is none', 'http://', [text('http://')]],
    ['that is too long is none', `http://${'a'.repeat(3_000)}`, [text(`http://${'a'.repeat(3_000)}`)]],
  ])('%s', (_, given, shown) => {
    expect(tokensOf(given)).toEqual(shown);
  });
});

test('a text of addresses that are none is read in time', () => {
  const startedAt = performance.now();
  for (const piece of ['http://', 'http://)', '\u001b[1', 'http://a@']) tokensOf(piece.repeat(20_000));
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});

test('where there can be text alone it is the same', () => {
  expect(shownText('a\u202Eb\u0007 https://a.example')).toBe('a[U+202E]b\u2407 https://a.example');
});

test('marks beyond thirty on one letter are shown by their numbers', () => {
  const pile = (count: number): string => `a${'\u0301'.repeat(count)}`;
  expect(shownText(pile(30))).toBe(pile(30));
  expect(tokensOf(`${pile(32)}b`)).toEqual([
    { is: 'text', text: pile(30) },
    { is: 'control', text: '[U+0301][U+0301]' },
    { is: 'text', text: 'b' },
  ]);
});
