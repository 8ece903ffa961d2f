import { Buffer } from 'node:buffer';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import { LineReader } from '../../../../src/adapters/execution-backend/wire/line-reader.js';

function reader(limit = 64) {
  const seen: string[] = [];
  const lines = new LineReader(limit, {
    line: (text, bytes) => {
      expect(bytes).toBe(Buffer.byteLength(text));
      seen.push(text);
    },
    fault: (fault) => seen.push(`! ${fault} in ${lines.lineNumber}`),
  });
  return { lines, seen, push: (text: string) => lines.push(Buffer.from(text)) };
}

test('E1: lines that come split and joined are read whole', () => {
  const { seen, push } = reader();
  push('{"a"');
  push(':1}\n{"b":2}\n{"c"');
  push(':3}');
  push('\n');
  expect(seen).toEqual(['{"a":1}', '{"b":2}', '{"c":3}']);
});

test('E1: a character that is split between chunks is read whole', () => {
  const { lines, seen } = reader();
  for (const byte of Buffer.from('"ä€😀"\n')) lines.push(Buffer.from([byte]));
  expect(seen).toEqual(['"ä€😀"']);
});

test('E1: a line of exactly the limit is read, one byte more is a fault with its number', () => {
  const { seen, push } = reader(8);
  push(`${'x'.repeat(8)}\n${'y'.repeat(9)}\nok\n`);
  expect(seen).toEqual(['xxxxxxxx', '! line-too-long in 2', 'ok']);
});

test('E1: a line that never ends is told once, at the limit, and held no longer', () => {
  const { lines, seen, push } = reader(8);
  for (let index = 0; index < 100; index += 1) push('zzz');
  expect(seen).toEqual(['! line-too-long in 1']);
  push('\nok\n');
  expect(seen).toEqual(['! line-too-long in 1', 'ok']);
  expect(lines.isUnfinished).toBe(false);
});

test('E1: bytes that are not UTF-8 are a fault, never replaced', () => {
  const { lines, seen } = reader();
  lines.push(Buffer.from([0x22, 0xff, 0x22, 10]));
  expect(seen).toEqual(['! line-not-utf8 in 1']);
});

test('a paused reader hands on nothing until it goes on, then everything in order', () => {
  const { lines, seen, push } = reader();
  lines.pause();
  push('a\nb');
  push('c\n');
  expect(seen).toEqual([]);
  lines.resume();
  expect(seen).toEqual(['a', 'bc']);
});

test('a stopped reader hands on nothing, not even the rest of a chunk', () => {
  const seen: string[] = [];
  const lines = new LineReader(64, {
    line: (text) => {
      seen.push(text);
      lines.stop();
    },
    fault: () => undefined,
  });
  lines.push(Buffer.from('a\nb\n'));
  expect(seen).toEqual(['a']);
});

test('E1: any chunking of the bytes gives the same lines and faults', () => {
  const line = fc.string({ unit: 'grapheme', maxLength: 12 }).map((text) => text.replaceAll('\n', ''));
  fc.assert(
    fc.property(fc.array(line, { maxLength: 20 }), fc.array(fc.nat(40), { maxLength: 60 }), (texts, cuts) => {
      const bytes = Buffer.from(texts.map((text) => `${text}\n`).join(''));
      const whole = reader(24);
      whole.lines.push(bytes);
      const cut = reader(24);
      let from = 0;
      for (const length of cuts) {
        cut.lines.push(bytes.subarray(from, from + length));
        from += length;
      }
      cut.lines.push(bytes.subarray(from));
      expect(cut.seen).toEqual(whole.seen);
    }),
  );
});
