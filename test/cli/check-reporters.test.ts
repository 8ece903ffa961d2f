import { describe, expect, test } from 'vitest';

import { wordHint } from '../../src/cli/check/hints.js';
import { failureLines } from '../../src/cli/check/reporters/failure-text.js';
import { jsonReporter } from '../../src/cli/check/reporters/json.js';
import { escaped, junitXml } from '../../src/cli/check/reporters/junit.js';
import { peopleReporter } from '../../src/cli/check/reporters/people.js';
import type { CheckedCase, CheckEnd } from '../../src/cli/check/reporters/reporter.js';
import { headLine, summaryLines } from '../../src/cli/check/reporters/summary.js';
import { verdictOf } from '../../src/contracts/verdict.js';
import { isWellFormed } from '../support/well-formed.js';

const passed: CheckedCase = {
  ...{ id: 'A-1', title: 'keeps', rules: ['W1'], status: 'passed', durationMs: 12 },
  ...{ repetition: 1, isKnown: false },
};
const broken: CheckedCase = { ...passed, id: 'A-2', title: 'breaks', status: 'failed', reason: 'it broke' };
const skipped: CheckedCase = { ...passed, id: 'A-3', status: 'skipped', reason: 'needs cut', durationMs: 0 };

const endOf = (results: readonly CheckedCase[], more: Partial<CheckEnd> = {}): CheckEnd => ({
  start: { port: 'worker-log', target: './a & "b".js', cases: 4, repeat: 1, results: 4 },
  verdict: verdictOf(
    results,
    results.filter(({ isKnown }) => isKnown).map(({ id }) => id),
  ),
  failures: results.filter(({ status }) => status === 'failed'),
  durationMs: 1234,
  isInterrupted: false,
  exitCode: 0,
  ...more,
});

describe('a failure for people', () => {
  test('says the sentence of each rule, the reason, the frames and what was said', () => {
    const said = { frames: ['→ stop {}', '← stop'], said: ['oh'], hint: 'look there' };
    expect(failureLines({ ...broken, rules: ['W11', 'E6'], ...said })).toEqual([
      'W11  Cancel ends the run it names and no other, and is accepted only after that run has ended.',
      'E6   A lower generation answers stale-generation and does nothing; a higher one ends or takes over what is there.',
      'it broke',
      'what led there:',
      '  → stop {}',
      '  ← stop',
      'what programs said meanwhile:',
      '  oh',
      'hint: look there',
    ]);
  });

  test('of a comparison says both sides, once', () => {
    const reason = 'Expected values to be strictly equal:\n\n1 !== [ 2 ]\n';
    expect(failureLines({ ...broken, rules: [], reason, expected: [2], actual: undefined })).toEqual([
      'Expected values to be strictly equal',
      'expected: [ 2 ]',
      'came:     undefined',
    ]);
  });

  test('of a value that shows itself is shown without its help', () => {
    const actual = { [Symbol.for('nodejs.util.inspect.custom')]: () => expect.fail('it was asked'), toJSON: () => 1n };
    expect(failureLines({ ...broken, rules: [], expected: 1, actual }).join('\n')).toContain('came:     {');
    const written: string[] = [];
    jsonReporter((text) => written.push(text)).result({ ...broken, expected: 1, actual });
    expect(JSON.parse(written.join(''))).toMatchObject({ event: 'result', id: 'A-2', expected: 1 });
  });

  test('shows control characters instead of sending them to the terminal', () => {
    const lines = failureLines({ ...broken, reason: 'a\u001b[2Jb', frames: ['c\u009bd\u0007'], said: ['e\rf'] });
    expect(lines.join('\n')).toContain('a\\x1b[2Jb');
    expect(lines.join('\n')).not.toMatch(/[^\n\P{Cc}]/u);
  });
});

describe('the summary', () => {
  test('counts, groups what was skipped by capability, and names what failed', () => {
    const results = [
      passed,
      broken,
      skipped,
      { ...skipped, id: 'A-4' },
      { ...skipped, id: 'A-5', reason: 'needs asks' },
    ];
    expect(summaryLines(endOf(results))).toEqual([
      '1 passed, 1 failed, 3 skipped, 0 known in 1.2 s',
      'skipped: needs cut: 2, needs asks: 1',
      'failed: A-2',
    ]);
  });

  test('tells known failures, those that passed, and an interruption', () => {
    const results = [
      { ...passed, isKnown: true },
      { ...broken, isKnown: true },
    ];
    expect(summaryLines(endOf(results, { isInterrupted: true }))).toEqual([
      '1 passed, 0 failed, 0 skipped, 1 known in 1.2 s',
      'known to fail: A-2',
      'passed, though known to fail: take them out of the list: A-1',
      'interrupted: 2 of 4 cases were run',
    ]);
  });

  test('begins with what is judged, how often, and in which order', () => {
    const start = { port: 'worker-log', target: './log.js', cases: 4, repeat: 3, results: 12, seed: 7 };
    expect(headLine(start)).toBe(
      'workport check: worker-log ./log.js: 4 cases, 3 times each, in the random order of --seed 7',
    );
  });
});

describe('JUnit XML', () => {
  test('is well-formed whatever a program said', () => {
    const nasty = `]]> <a href="x">&amp; ${String.fromCharCode(0, 7, 27, 0xd800, 0xffff)} \u{1f600}`;
    const results = [passed, { ...broken, title: nasty, reason: nasty, frames: [nasty] }, skipped];
    const xml = junitXml(endOf([...results, { ...broken, id: 'A-6', isKnown: true, reason: nasty }]));
    expect(isWellFormed(xml)).toBe(true);
    expect(xml).toContain('tests="4" failures="1" errors="0" skipped="2" time="1.234"');
    expect(xml).toContain('<testcase classname="worker-log" name="A-1 keeps" time="0.012"/>');
  });

  test('has a known failure as skipped, and one that passed as a failure', () => {
    const xml = junitXml(
      endOf([
        { ...passed, isKnown: true },
        { ...broken, isKnown: true },
      ]),
    );
    expect(xml).toMatch(/name="A-1 keeps"[^>]*><failure message="passed, though it is known to fail/);
    expect(xml).toMatch(/name="A-2 breaks"[^>]*><skipped message="known to fail: it broke"\/>/);
  });

  test('keeps what XML can hold', () => {
    expect(escaped('a\t<&>"\u{1f600}\u0001')).toBe('a\t&lt;&amp;&gt;&quot;\u{1f600}\ufffd');
  });
});

test('JSON lines hold what cannot be JSON as a text', () => {
  const lines: string[] = [];
  const circular: { self?: unknown } = {};
  circular.self = circular;
  const reporter = jsonReporter((text) => lines.push(text));
  reporter.result({ ...broken, expected: 1n, actual: undefined });
  reporter.result({ ...broken, expected: circular, actual: [1] });
  expect(lines.map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { event: 'result', expected: '1n', actual: null },
    { event: 'result', expected: expect.stringContaining('Circular'), actual: [1] },
  ]);
});

test('on a terminal one line says which case runs, and is gone before anything else is said', () => {
  const written: string[] = [];
  const terminal = { columns: 30, write: (text: string) => written.push(text) };
  const reporter = peopleReporter(terminal, false);
  const end = endOf([passed, broken]);
  reporter.started(end.start);
  reporter.caseStarted({ ...passed, deadlineMs: 1, run: () => Promise.resolve() });
  reporter.result(passed);
  reporter.caseStarted({ ...broken, title: 'x', deadlineMs: 1, run: () => Promise.resolve() });
  reporter.result(broken);
  reporter.ended(end);
  const erase = '\r\u001b[2K';
  expect(written.slice(1, 5)).toEqual([`${erase}1 of 4  A-1  0.0 s`, erase, `${erase}2 of 4  A-2  0.0 s`, erase]);
  expect(written[5]).toMatch(/^failed {2}A-2 breaks/);
  expect(written[6]).toMatch(/^1 passed, 1 failed/);
});

test.each([
  ['needs more than an end: the word for it', ['cancel', 'runs-until-cancelled'], '', 'it was told "wait"'],
  ['waited in vain for an end: the word for it', [], 'waited in vain for run-ended', 'it was told "complete"'],
  ['broke a rule otherwise: nothing', ['stop'], 'it broke', undefined],
] as const)('the hint for a case that %s', (_, requires, reason, hint) => {
  const told = wordHint(requires, reason);
  if (hint === undefined) expect(told).toBeUndefined();
  else expect(told).toContain(hint);
});
