import { inspect } from 'node:util';

import type { CheckedCase, Reporter } from './reporter.js';

/** A value as it is in JSON, else as a text: what came may be anything. */
function jsonValue(value: unknown): unknown {
  try {
    // In a list, `undefined` is null.
    const [copy] = JSON.parse(JSON.stringify([value])) as readonly unknown[];
    return copy;
  } catch {
    return inspect(value, { customInspect: false, depth: 6 });
  }
}

function entryOf({ isKnown, expected, actual, ...result }: CheckedCase): object {
  const isComparison = expected !== undefined || actual !== undefined;
  const sides = isComparison && { expected: jsonValue(expected), actual: jsonValue(actual) };
  return { event: 'result', ...result, ...(isKnown && { known: true }), ...sides };
}

/** For programs: `started`, a `result` for each case, and `report`, one JSON object a line. */
export function jsonReporter(write: (text: string) => unknown): Reporter {
  const say = (entry: object): void => void write(`${JSON.stringify(entry)}\n`);
  return {
    started: (start) => say({ event: 'started', ...start }),
    caseStarted: () => undefined,
    result: (result) => say(entryOf(result)),
    ended: ({ verdict, durationMs, isInterrupted, exitCode }) => {
      const ids = (results: readonly { readonly id: string }[]): readonly string[] => results.map(({ id }) => id);
      say({
        event: 'report',
        passed: verdict.passed.length + verdict.unexpectedlyPassed.length,
        failed: verdict.failed.length,
        skipped: verdict.skipped.length,
        known: verdict.known.length,
        failures: ids(verdict.failed),
        unexpectedlyPassed: ids(verdict.unexpectedlyPassed),
        interrupted: isInterrupted,
        durationMs,
        exitCode,
      });
    },
  };
}
