import picocolors from 'picocolors';

import { failureLines } from './failure-text.js';
import type { CheckedCase, Reporter } from './reporter.js';
import { headLine, summaryLines } from './summary.js';

type Write = (text: string) => unknown;

export interface ResultText {
  /** One line for each result. */
  line(result: CheckedCase): string;
  /** That line, and below it what there is to say of a failure. */
  failure(result: CheckedCase): string;
}

export function resultText(colors: boolean): ResultText {
  const { green, red, yellow, dim } = picocolors.createColors(colors);
  const word = ({ status, isKnown }: CheckedCase): string => {
    if (status === 'passed') return green('passed ');
    if (status === 'skipped') return dim('skipped');
    return isKnown ? yellow('known  ') : red('failed ');
  };
  const line = (result: CheckedCase): string => {
    const { id, title, status, reason, durationMs } = result;
    const more = status === 'skipped' ? ` (${reason ?? ''})` : dim(` (${durationMs} ms)`);
    return `${word(result)} ${id} ${title}${more}\n`;
  };
  return {
    line,
    failure: (result) =>
      line(result) +
      failureLines(result)
        .map((text) => `  ${text}\n`)
        .join(''),
  };
}

/** A line for each case, and the whole of each failure: for files, pipes and continuous integration. */
export function linesReporter(write: Write, colors: boolean): Reporter {
  const text = resultText(colors);
  return {
    started: (start) => void write(`${headLine(start)}\n`),
    caseStarted: () => undefined,
    result: (result) => {
      const isTold = result.status === 'failed' && !result.isKnown;
      write(isTold ? text.failure(result) : text.line(result));
    },
    ended: (end) => void write(`\n${summaryLines(end).join('\n')}\n`),
  };
}
