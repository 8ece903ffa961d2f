import { resultText } from './lines.js';
import type { Terminal } from './live-line.js';
import { liveLine } from './live-line.js';
import type { Reporter } from './reporter.js';
import { headLine, summaryLines } from './summary.js';

/** For a terminal: the case that runs, the whole of each failure, and the summary. */
export function peopleReporter(terminal: Terminal, colors: boolean): Reporter {
  const live = liveLine(terminal);
  const text = resultText(colors);
  let total = 0;
  let count = 0;
  let failed = 0;
  return {
    started(start) {
      total = start.results;
      terminal.write(`${headLine(start)}\n`);
    },
    caseStarted({ id }) {
      count += 1;
      const startedAt = performance.now();
      const failures = failed === 0 ? '' : `, ${failed} failed`;
      live.show(
        () => `${count} of ${total}${failures}  ${id}  ${((performance.now() - startedAt) / 1000).toFixed(1)} s`,
      );
    },
    result(result) {
      live.clear();
      if (result.status !== 'failed' || result.isKnown) return;
      failed += 1;
      terminal.write(`${text.failure(result)}\n`);
    },
    ended: (end) => {
      live.clear();
      terminal.write(`${summaryLines(end).join('\n')}\n`);
    },
  };
}
