import type { CaseResult } from '../../../contracts/check-contract.js';
import { failureLines } from './failure-text.js';
import type { CheckEnd } from './reporter.js';

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
/** What XML 1.0 cannot hold, not even as a reference. */
const forbidden = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

/** Text for XML, in content and in attributes. */
export const escaped = (text: string): string =>
  text.replace(forbidden, '\ufffd').replace(/[&<>"]/g, (character) => entities[character] ?? character);

const attributes = (values: Readonly<Record<string, string | number>>): string =>
  Object.entries(values)
    .map(([name, value]) => ` ${name}="${escaped(String(value).replace(/\s+/g, ' '))}"`)
    .join('');

const time = (ms: number): string => (ms / 1000).toFixed(3);

function testCase(port: string, { id, title, durationMs }: CaseResult, outcome = ''): string {
  const named = attributes({ classname: port, name: `${id} ${title}`, time: time(durationMs) });
  return outcome === '' ? `    <testcase${named}/>` : `    <testcase${named}>${outcome}</testcase>`;
}

/** The results as JUnit XML: a known failure is skipped, and one that passed is a failure of the list. */
export function junitXml({ start, verdict, failures, durationMs }: CheckEnd): string {
  const { passed, failed, known, unexpectedlyPassed, skipped } = verdict;
  const { port, target } = start;
  const failure = (message: string, text = ''): string =>
    `<failure${attributes({ message })}>${escaped(text)}</failure>`;
  const skip = (message: string): string => `<skipped${attributes({ message })}/>`;
  const told = ({ id }: CaseResult): string =>
    failures
      .filter((result) => result.id === id)
      .slice(0, 1)
      .flatMap(failureLines)
      .join('\n');
  const counts = {
    tests: passed.length + failed.length + known.length + unexpectedlyPassed.length + skipped.length,
    failures: failed.length + unexpectedlyPassed.length,
    errors: 0,
    skipped: skipped.length + known.length,
    time: time(durationMs),
  };
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: 'workport check', ...counts })}>`,
    `  <testsuite${attributes({ name: `${port} ${target}`, ...counts })}>`,
    ...passed.map((result) => testCase(port, result)),
    ...failed.map((result) => testCase(port, result, failure(result.reason ?? '', told(result)))),
    ...unexpectedlyPassed.map((result) =>
      testCase(port, result, failure('passed, though it is known to fail: take it out of the list')),
    ),
    ...known.map((result) => testCase(port, result, skip(`known to fail: ${result.reason ?? ''}`))),
    ...skipped.map((result) => testCase(port, result, skip(result.reason ?? ''))),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
