import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import type { Chunks } from '../../../../src/adapters/browser-gateway/console/page/text-chunks.js';
import { chunksOf, noChunks } from '../../../../src/adapters/browser-gateway/console/page/text-chunks.js';

const joined = ({ chunks }: Chunks) => chunks.map(({ text }) => text).join('');
const lines = (from: number, count: number) =>
  Array.from({ length: count }, (_, index) => `line ${from + index} of the output\n`).join('');

const piece = fc.oneof(
  fc.constantFrom('\n', ' ', 'http://a.example/', '\u001b[0m', 'x'.repeat(5_000), 'x y '.repeat(6_000), '\r\n'),
  fc.nat(400).map((count) => lines(count, count)),
  fc.string({ unit: 'binary', maxLength: 40 }),
);

test('the chunks are the text, however it grew and whatever of its beginning is left out', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(piece, fc.nat(30_000)), { maxLength: 12 }), (changes) => {
      let text = '';
      let shown = noChunks;
      for (const [more, kept] of changes) {
        text = (text + more).slice(-65_536 + (kept % 2 === 0 ? 0 : kept));
        shown = chunksOf(text, shown);
        expect(joined(shown)).toBe(text);
        const keys = shown.chunks.map(({ key }) => key);
        expect(keys).toEqual(keys.toSorted((one, other) => one - other));
        expect(new Set(keys).size).toBe(keys.length);
      }
    }),
  );
});

test('what is drawn of a growing text stays, but for its last chunk', () => {
  const before = chunksOf(lines(0, 1_000), noChunks);
  const after = chunksOf(lines(0, 1_010), before);
  const kept = before.chunks.slice(0, -1);
  expect(kept.length).toBeGreaterThan(3);
  expect(after.chunks.slice(0, kept.length)).toEqual(kept);
  for (const [index, chunk] of kept.entries()) expect(after.chunks[index]).toBe(chunk);
});

test('what is drawn of the tail of an output stays, but for its first and its last chunk', () => {
  const before = chunksOf(lines(0, 2_000), noChunks);
  const after = chunksOf(lines(0, 2_010).slice(5_000), before);
  const kept = before.chunks.slice(2, -1);
  for (const chunk of kept) expect(after.chunks).toContain(chunk);
});

test('a chunk of lines begins and ends with a line, and others stand in one', () => {
  const { chunks } = chunksOf(`${lines(0, 500)}${'x'.repeat(40_000)}\n${lines(0, 500)}`, noChunks);
  let isLineStart = true;
  for (const { text, isLines } of chunks) {
    expect(isLines).toBe(isLineStart && text.endsWith('\n'));
    isLineStart = text.endsWith('\n');
  }
  expect(chunks.filter(({ isLines }) => !isLines).length).toBeGreaterThan(1);
});

test('no address is cut where a line without an end is', () => {
  const address = `http://a.example/${'b'.repeat(200)}`;
  const { chunks } = chunksOf(`${'x'.repeat(16_300)},${address},${'y'.repeat(20_000)}`, noChunks);
  expect(chunks.filter(({ text }) => text.includes(address))).toHaveLength(1);
});
