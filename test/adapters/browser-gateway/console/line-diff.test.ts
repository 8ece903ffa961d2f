import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { DiffRun } from '../../../../src/adapters/browser-gateway/console/page/line-diff.js';
import { lineDiff } from '../../../../src/adapters/browser-gateway/console/page/line-diff.js';
import { upTo } from '../../../support/watched.js';

const text = (...lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
const numbered = (count: number, word = 'line'): string => text(...upTo(count).map((index) => `${word} ${index}`));

/** As a person reads it: a line each, by its sign. */
const read = (runs: readonly DiffRun[]): readonly string[] =>
  runs.flatMap((run) => {
    if (run.kind === 'left-out') return [`… ${run.count}`];
    const sign = { same: ' ', removed: '-', added: '+' }[run.kind];
    return run.lines.map((line) => sign + line);
  });

describe('what has changed in a file', () => {
  test('is a line each, removed before added, with three lines around it and how many are left out', () => {
    const before = numbered(20);
    const { runs, added, removed, isCompared } = lineDiff({ before, after: before.replace('line 10', 'ten\n10') })!;
    expect(read(runs)).toEqual([
      '… 6',
      ' line 7',
      ' line 8',
      ' line 9',
      '-line 10',
      '+ten',
      '+10',
      ' line 11',
      ' line 12',
      ' line 13',
      '… 7',
    ]);
    expect({ added, removed, isCompared }).toEqual({ added: 2, removed: 1, isCompared: true });
  });

  test('is whole lines between two changes that are near, and no line that is left out alone', () => {
    const before = numbered(12);
    const { runs } = lineDiff({ before, after: before.replace('line 2\n', '').replace('line 10\n', 'ten\n') })!;
    expect(read(runs)).toEqual([
      ' line 1',
      '-line 2',
      ...upTo(9, 3).map((index) => ` line ${index}`),
      '-line 10',
      '+ten',
      ' line 11',
      ' line 12',
    ]);
  });

  test('is all of a file that is new, and all of one that is emptied', () => {
    expect(lineDiff({ after: 'a\nb' })).toMatchObject({
      runs: [{ kind: 'added', lines: ['a', 'b'] }],
      added: 2,
      removed: 0,
    });
    expect(lineDiff({ before: 'a\nb\n', after: '' })).toMatchObject({
      runs: [{ kind: 'removed', lines: ['a', 'b'] }],
      added: 0,
      removed: 2,
    });
  });

  test('is nothing where only the ends of its lines are others, and no line looks like two', () => {
    expect(lineDiff({ before: 'a\nb', after: 'a\r\nb\r\n' })).toMatchObject({ runs: [], added: 0, removed: 0 });
    expect(read(lineDiff({ before: 'a', after: 'a\r+b' })!.runs)).toEqual([' a', '++b']);
  });

  test('leads from the one text to the other, whatever they are', () => {
    const lines = fc.array(fc.constantFrom('a', 'b', 'c', '', '{', '}'), { maxLength: 40 });
    fc.assert(
      fc.property(lines, lines, (one, other) => {
        const { runs, added, removed } = lineDiff({ before: text(...one), after: text(...other) })!;
        const count = (kind: DiffRun['kind']) =>
          runs.reduce((sum, run) => sum + (run.kind !== kind ? 0 : 'lines' in run ? run.lines.length : run.count), 0);
        expect([count('added'), count('removed')]).toEqual([added, removed]);
        if (added + removed === 0) {
          expect(one).toEqual(other);
          return;
        }
        const same = count('same') + count('left-out');
        expect([same + removed, same + added]).toEqual([one.length, other.length]);
        // Each line that is shown of a side stands in it, in this order.
        for (const [side, kind] of [
          [one, 'removed'],
          [other, 'added'],
        ] as const) {
          let at = 0;
          for (const run of runs) {
            if (run.kind === 'left-out') at += run.count;
            else if (run.kind === 'same' || run.kind === kind)
              for (const line of run.lines) expect(side[at++]).toBe(line);
          }
        }
      }),
    );
  });
});

describe('what is too much to be compared', () => {
  test('is all lines between the first and the last that differ, the old ones before the new', () => {
    const before = `first\n${numbered(5_000, 'old')}last\n`;
    const after = `first\n${numbered(4_000, 'new')}last\n`;
    const { runs, added, removed, isCompared } = lineDiff({ before, after })!;
    expect({ added, removed, isCompared }).toEqual({ added: 4_000, removed: 5_000, isCompared: false });
    expect(runs.map((run) => [run.kind, 'lines' in run ? run.lines.length : run.count])).toEqual([
      ['same', 1],
      ['removed', 5_000],
      ['added', 4_000],
      ['same', 1],
    ]);
  });

  test('is not shown beyond two million characters', () => {
    expect(lineDiff({ before: 'x'.repeat(1_500_000), after: 'y'.repeat(1_500_000) })).toBeUndefined();
  });
});

const size = 262_144;
const of = (unit: (index: number) => string): string => upTo(size).map(unit).join('').slice(0, size);
const hostile: Readonly<Record<string, readonly [before: string, after: string]>> = {
  'one line each': ['x'.repeat(size), 'y'.repeat(size)],
  'nothing but ends of lines': ['\n'.repeat(size), `${'\n'.repeat(size / 2)}x${'\n'.repeat(size / 2)}`],
  '130,000 lines that are all others': [
    of((index) => (index % 2 ? 'a' : '\n')),
    of((index) => (index % 2 ? 'b' : '\n')),
  ],
  'lines that are alike and stand elsewhere': [
    `${numbered(240, 'u')}${'x\n'.repeat(9_000)}${numbered(240, 'v')}`,
    `${numbered(240, 'w')}${'x\n'.repeat(9_000)}${numbered(240, 'z')}`,
  ],
  'two kinds of lines in two orders': [
    of((index) => (index % 3 ? 'a\n' : 'b\n')).slice(0, 18_000),
    of((index) => (index % 5 ? 'a\n' : 'b\n')).slice(0, 18_000),
  ],
  'long lines that differ in their last letter': [
    upTo(250)
      .map((index) => `${'x'.repeat(1_000)}${index}\n`)
      .join(''),
    upTo(250)
      .map((index) => `${'x'.repeat(1_000)}-${index}\n`)
      .join(''),
  ],
};

test.for(Object.entries(hostile))('%s: 256 KiB against 256 KiB are taken apart in time', ([, [before, after]]) => {
  lineDiff({ before, after });
  const { user } = process.cpuUsage();
  expect(lineDiff({ before, after })).toBeDefined();
  // Half of what a page may take at once: it draws, too.
  expect((process.cpuUsage().user - user) / 1000).toBeLessThan(150);
});
