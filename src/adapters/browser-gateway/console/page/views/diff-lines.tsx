import { useState } from 'preact/hooks';

import type { DiffRun, LineDiff } from '../line-diff.js';
import { chunksOf, noChunks } from '../text-chunks.js';
import { memoized } from './memoized.js';
import { tokenViews } from './plain-text.js';
import { denseWeight, useGradual } from './use-gradual.js';

/** A part of the lines of one kind that is drawn by itself. */
interface Piece {
  readonly key: string;
  readonly kind: DiffRun['kind'];
  readonly text: string;
  readonly isLines: boolean;
}

const numbers = new Intl.NumberFormat();
const signs = { same: '  ', removed: '- ', added: '+ ' } as const;
const elements = { same: 'span', removed: 'del', added: 'ins', 'left-out': 'span' } as const;

function piecesOf(run: DiffRun, index: number): readonly Piece[] {
  const { kind } = run;
  if (run.kind === 'left-out') {
    const lines = run.count === 1 ? 'line that is' : 'lines that are';
    return [{ key: `${index}`, kind, text: `⋯ ${numbers.format(run.count)} ${lines} the same\n`, isLines: true }];
  }
  const sign = signs[run.kind];
  const text = run.lines.map((line) => `${sign}${line}\n`).join('');
  return chunksOf(text, noChunks).chunks.map((chunk) => ({ ...chunk, kind, key: `${index}/${chunk.key}` }));
}

const PieceView = memoized(({ kind, text, isLines }: Omit<Piece, 'key'>) => {
  const Tag = elements[kind];
  return (
    <Tag class={isLines ? 'lines' : undefined} data-change={kind}>
      {tokenViews({ text })}
    </Tag>
  );
});

function Lines({ lines: { runs, added, removed, isCompared } }: { readonly lines: LineDiff }) {
  const [pieces] = useState(() => runs.flatMap(piecesOf));
  const drawn = useGradual(pieces, denseWeight);
  return (
    <>
      {!isCompared && (
        <p class="note">
          Too much has changed to be compared: {numbers.format(removed)} lines replaced by {numbers.format(added)}.
        </p>
      )}
      <pre class="diff" dir="ltr">
        {drawn.map(({ key, ...piece }) => (
          <PieceView key={key} {...piece} />
        ))}
      </pre>
    </>
  );
}

/** What has changed in a file, with the signs of a diff: not by colour alone. Without lines it is too long. Shows those of its first drawing. */
export function DiffLines({ lines }: { readonly lines: LineDiff | undefined }) {
  if (lines === undefined) return <p class="note">Too long to be compared.</p>;
  return lines.runs.length === 0 ? <p class="note">No line has changed.</p> : <Lines lines={lines} />;
}
