import { inspect } from 'node:util';

import { visible } from '../../../adapters/logger/pino/human-line.js';
import { ruleSentences } from '../../../contracts/rule-sentences.js';
import type { CheckedCase } from './reporter.js';

/** Lines of what somebody else wrote, so that it cannot rewrite a terminal. */
const linesOf = (text: string): readonly string[] => text.split('\n').map(visible);

const valueLines = (name: string, value: unknown): readonly string[] => {
  const text = inspect(value, {
    customInspect: false,
    depth: 6,
    breakLength: 100,
    maxArrayLength: 50,
    maxStringLength: 1_000,
  });
  const [first = '', ...rest] = linesOf(text);
  return [`${name} ${first}`, ...rest.map((line) => `          ${line}`)];
};

/** Where both sides of a comparison follow, the rest of what `assert` says is only these again. */
function reasonLines({ reason = '', ...result }: CheckedCase): readonly string[] {
  const lines = linesOf(reason.trimEnd());
  if (!('expected' in result)) return lines;
  const head = (lines[0] ?? '').replace(/:$/, '');
  return [head, ...valueLines('expected:', result.expected), ...valueLines('came:    ', result.actual)];
}

const headed = (head: string, lines: readonly string[] = []): readonly string[] =>
  lines.length === 0 ? [] : [head, ...lines.flatMap(linesOf).map((line) => `  ${line}`)];

/** What a person needs to act on a failure: the rules, what was expected and what came, and what led there. */
export function failureLines(result: CheckedCase): readonly string[] {
  const { rules, frames, said, hint } = result;
  const width = Math.max(0, ...rules.map((rule) => rule.length));
  return [
    ...rules.map((rule) => `${rule.padEnd(width)}  ${ruleSentences[rule]}`),
    ...reasonLines(result),
    ...headed('what led there:', frames),
    ...headed('what programs said meanwhile:', said),
    ...(hint === undefined ? [] : [`hint: ${hint}`]),
  ];
}
