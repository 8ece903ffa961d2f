import type { CaseResult } from '../../../contracts/check-contract.js';
import type { CheckEnd, CheckStart } from './reporter.js';

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

export function headLine({ port, target, cases, repeat, seed }: CheckStart): string {
  const times = repeat === 1 ? '' : `, ${repeat} times each`;
  const order = seed === undefined ? '' : `, in the random order of --seed ${seed}`;
  return `workport check: ${port} ${target}: ${cases} cases${times}${order}`;
}

function skippedLine(skipped: readonly CaseResult[]): readonly string[] {
  const groups = new Map<string, number>();
  for (const { reason = '' } of skipped) groups.set(reason, (groups.get(reason) ?? 0) + 1);
  const list = [...groups].map(([reason, count]) => `${reason}: ${count}`).join(', ');
  return list === '' ? [] : [`skipped: ${list}`];
}

const listed = (name: string, results: readonly CaseResult[]): readonly string[] =>
  results.length === 0 ? [] : [`${name}: ${results.map(({ id }) => id).join(', ')}`];

/** The last lines of a run. */
export function summaryLines({ verdict, start, durationMs, isInterrupted }: CheckEnd): readonly string[] {
  const { passed, failed, known, unexpectedlyPassed, skipped } = verdict;
  const done = passed.length + failed.length + known.length + unexpectedlyPassed.length + skipped.length;
  return [
    `${passed.length + unexpectedlyPassed.length} passed, ${failed.length} failed, ${skipped.length} skipped, ${known.length} known` +
      ` in ${seconds(durationMs)}`,
    ...skippedLine(skipped),
    ...listed('failed', failed),
    ...listed('known to fail', known),
    ...listed('passed, though known to fail: take them out of the list', unexpectedlyPassed),
    ...(isInterrupted ? [`interrupted: ${done} of ${start.cases} cases were run`] : []),
  ];
}
