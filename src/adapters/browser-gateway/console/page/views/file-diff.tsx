import { useState } from 'preact/hooks';

import type { Diff } from '../../../../../domain/observation/event.js';
import type { LineDiff } from '../line-diff.js';
import { lineDiff } from '../line-diff.js';
import { DiffLines } from './diff-lines.js';
import { PlainText } from './plain-text.js';
import { useComputed } from './use-computed.js';

/** As many files of one call as somebody looks at. */
const mostFiles = 50;
/** What is no more than that is seen without being unfolded. */
const handful = { lines: 12, characters: 2_000 };
const numbers = new Intl.NumberFormat();

function isHandful({ runs, added, removed }: LineDiff): boolean {
  const lengths = runs.flatMap((run) => (run.kind === 'left-out' ? [] : run.lines.map((line) => line.length)));
  const length = lengths.reduce((sum, one) => sum + one, 0);
  return added + removed <= handful.lines && length <= handful.characters;
}

function Counts({ lines: { added, removed } }: { readonly lines: LineDiff }) {
  return (
    <span class="counts">
      <span data-change="added">+{numbers.format(added)}</span>{' '}
      <span data-change="removed">−{numbers.format(removed)}</span> lines
    </span>
  );
}

/** How a file has changed: with its name how much, and unfolded its lines. */
function FileDiff({ diff: { file, before, after } }: { readonly diff: Diff }) {
  const computed = useComputed([before, after], ([old, now]) => {
    const lines = lineDiff({ ...(old === undefined ? {} : { before: old }), after: now });
    return lines && { ...lines, isHandful: isHandful(lines) };
  });
  const [chosen, choose] = useState<boolean>();
  const lines = computed?.result;
  const isOpen = chosen ?? lines?.isHandful ?? false;
  return (
    <details
      class="diff"
      open={isOpen}
      onToggle={({ currentTarget: { open } }) => {
        if (open !== isOpen) choose(open);
      }}
    >
      <summary>
        <code class="file">
          <PlainText text={file === '' ? 'file' : file} hasLinks={false} />
        </code>{' '}
        {before === undefined && <span class="new-file">new file</span>} {lines && <Counts lines={lines} />}
      </summary>
      {isOpen && computed && <DiffLines key={computed.count} lines={lines} />}
    </details>
  );
}

/** The files that a tool has changed, or is about to. */
export function FileDiffs({ diffs }: { readonly diffs: readonly Diff[] }) {
  const more = diffs.length - mostFiles;
  return (
    <div class="diffs">
      {diffs.slice(0, mostFiles).map((diff, index) => (
        <FileDiff key={index} diff={diff} />
      ))}
      {more > 0 && <p class="note">{numbers.format(more)} more files are not shown.</p>}
    </div>
  );
}
