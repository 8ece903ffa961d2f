import { diffArrays } from 'diff';

import type { Diff } from '../../../../domain/observation/event.js';

/** Neighbouring lines of one kind, without their ends; or how many of the lines that are the same are left out there. */
export type DiffRun =
  | { readonly kind: 'same' | 'removed' | 'added'; readonly lines: readonly string[] }
  | { readonly kind: 'left-out'; readonly count: number };

/** What has changed in a file, line by line. */
export interface LineDiff {
  /** From its beginning to its end. None where no line has changed. */
  readonly runs: readonly DiffRun[];
  readonly added: number;
  readonly removed: number;
  /** Otherwise it is all lines between the first and the last that differ, the old ones before the new. */
  readonly isCompared: boolean;
}

type Lines = readonly string[];

/** How many lines stand around what has changed. */
const context = 3;
/** In characters, of both texts. */
const maxLength = 2_097_152;
/** More lines that differ, more changes among them, or more time, are not compared: it takes their square. */
const maxLines = 20_000;
const maxChanges = 500;
const timeoutMs = 50;

/** What ends a line is not of it: no line can look like two. */
function linesOf(text: string): Lines {
  const lines = text.split(/\r\n|[\r\n]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** How many lines both have alike, counted from where `at` finds them. */
function alike(
  one: Lines,
  other: Lines,
  most: number,
  at: (lines: Lines, index: number) => string | undefined,
): number {
  let count = 0;
  while (count < most && at(one, count) === at(other, count)) count += 1;
  return count;
}

/** Lines as numbers, the same for the same line: they are compared often. */
function numbering(): (lines: Lines) => number[] {
  const numbers = new Map<string, number>();
  return (lines) =>
    lines.map((line) => {
      const number = numbers.get(line) ?? numbers.size;
      numbers.set(line, number);
      return number;
    });
}

/** How the one become the other: removed before added, each between what is the same. `undefined`: too much. */
function changesOf(before: Lines, after: Lines): readonly DiffRun[] | undefined {
  if (before.length + after.length > maxLines) return undefined;
  const numbersOf = numbering();
  const limits = { maxEditLength: maxChanges, timeout: timeoutMs };
  const changes = diffArrays(numbersOf(before), numbersOf(after), limits);
  if (!changes) return undefined;
  const runs: DiffRun[] = [];
  const [old, now] = [
    { from: 0, to: 0 },
    { from: 0, to: 0 },
  ];
  const flush = (): void => {
    runs.push(...replaced(before.slice(old.from, old.to), after.slice(now.from, now.to)));
    old.from = old.to;
    now.from = now.to;
  };
  for (const { added, removed, count } of changes) {
    if (added) now.to += count;
    else if (removed) old.to += count;
    else {
      flush();
      runs.push({ kind: 'same', lines: before.slice(old.to, old.to + count) });
      old.from = old.to += count;
      now.from = now.to += count;
    }
  }
  flush();
  return runs;
}

const runOf = (kind: 'same' | 'removed' | 'added', lines: Lines): readonly DiffRun[] =>
  lines.length === 0 ? [] : [{ kind, lines }];
const replaced = (before: Lines, after: Lines): readonly DiffRun[] => [
  ...runOf('removed', before),
  ...runOf('added', after),
];

/** Of what is the same, what stands near a change: at its beginning, unless it is the first, and at its end, unless it is the last. */
function nearChanges(run: DiffRun, index: number, { length }: readonly DiffRun[]): readonly DiffRun[] {
  if (run.kind !== 'same') return [run];
  const { lines } = run;
  const head = index === 0 ? 0 : context;
  const tail = index === length - 1 ? 0 : context;
  const count = lines.length - head - tail;
  // One line takes no more room than to say that it is left out.
  if (count <= 1) return [run];
  return [
    ...runOf('same', lines.slice(0, head)),
    { kind: 'left-out', count },
    ...runOf('same', lines.slice(lines.length - tail)),
  ];
}

const countOf = (runs: readonly DiffRun[], kind: 'removed' | 'added'): number =>
  runs.reduce((sum, run) => sum + (run.kind === kind ? run.lines.length : 0), 0);

/** What has changed from `before` to `after`, in bounded time whatever they are. `undefined`: they are too long. */
export function lineDiff({ before = '', after }: Pick<Diff, 'before' | 'after'>): LineDiff | undefined {
  if (before.length + after.length > maxLength) return undefined;
  const [old, now] = [linesOf(before), linesOf(after)];
  const most = Math.min(old.length, now.length);
  const start = alike(old, now, most, (lines, index) => lines[index]);
  const end = alike(old, now, most - start, (lines, index) => lines[lines.length - 1 - index]);
  const [oldEnd, nowEnd] = [old.length - end, now.length - end];
  const [gone, come] = [old.slice(start, oldEnd), now.slice(start, nowEnd)];
  if (gone.length + come.length === 0) return { runs: [], added: 0, removed: 0, isCompared: true };
  const changes = gone.length > 0 && come.length > 0 ? changesOf(gone, come) : replaced(gone, come);
  const middle = changes ?? replaced(gone, come);
  const all = [...runOf('same', old.slice(0, start)), ...middle, ...runOf('same', old.slice(oldEnd))];
  return {
    runs: all.flatMap(nearChanges),
    added: countOf(middle, 'added'),
    removed: countOf(middle, 'removed'),
    isCompared: changes !== undefined,
  };
}
