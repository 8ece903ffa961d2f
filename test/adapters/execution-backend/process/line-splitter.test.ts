import fc from 'fast-check';
import { expect, test } from 'vitest';

import { lineSplitter } from '../../../../src/adapters/execution-backend/process/line-splitter.js';

function linesOf(chunks: readonly Uint8Array[], max = 100): [string, boolean][] {
  const lines: [string, boolean][] = [];
  const splitter = lineSplitter(max, (line, truncated) => lines.push([line, truncated]));
  for (const chunk of chunks) splitter.push(chunk);
  splitter.end();
  return lines;
}

test('lines are the same wherever the chunks are cut, inside of a character too', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 40 })), fc.array(fc.nat(40)), (texts, cuts) => {
      const lines = texts.map((text) => text.replaceAll(/[\r\n]/g, ''));
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      const chunks: Uint8Array[] = [];
      let at = 0;
      for (const cut of cuts) chunks.push(bytes.subarray(at, (at += cut)));
      chunks.push(bytes.subarray(at));
      expect(linesOf(chunks)).toEqual(lines.map((line) => [line, false]));
    }),
  );
});

test('a long line is cut and says so, the next one is whole', () => {
  expect(linesOf([Buffer.from('abcd'), Buffer.from('efgh\nij\r\nkl')], 5)).toEqual([
    ['abcde', true],
    ['ij', false],
    ['kl', false],
  ]);
});
