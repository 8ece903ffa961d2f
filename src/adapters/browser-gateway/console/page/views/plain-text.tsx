import { useEffect, useRef, useState } from 'preact/hooks';

import type { Token } from '../plain-text.js';
import { tokensOf } from '../plain-text.js';
import { chunksOf, noChunks } from '../text-chunks.js';
import { memoized } from './memoized.js';

function tokenView(token: Token, key: number, hasLinks: boolean) {
  if (token.is === 'control') {
    return (
      <span key={key} class="control">
        {token.text}
      </span>
    );
  }
  if (token.is === 'text' || !hasLinks) return token.text;
  return (
    <a key={key} href={token.text} target="_blank" rel="noopener noreferrer">
      {token.text}
    </a>
  );
}

interface PlainTextProps {
  readonly text: string;
  /** Where it stands inside a link or a button nothing of it can be a link. */
  readonly hasLinks?: boolean;
}

const tokenViews = ({ text, hasLinks = true }: PlainTextProps) =>
  tokensOf(text).map((token, index) => tokenView(token, index, hasLinks));

/** A short text of a Worker, or of whoever named it, in a line with ours. */
export const PlainText = memoized(({ text, hasLinks }: PlainTextProps) => (
  <bdi dir="auto" class="plain">
    {tokenViews({ text, ...(hasLinks === undefined ? {} : { hasLinks }) })}
  </bdi>
));

const ChunkView = memoized(({ text, isLines }: { readonly text: string; readonly isLines: boolean }) => (
  <span class={isLines ? 'lines' : undefined}>{tokenViews({ text })}</span>
));

/** How many chunks are drawn at once, and how many more with each frame: a page that draws cannot be used. */
const firstChunks = 16;
const moreChunks = 8;

/** How many of so many chunks are drawn by now. */
function useGradual(count: number): number {
  const [limit, setLimit] = useState(firstChunks);
  useEffect(() => {
    if (limit >= count) return undefined;
    const frame = requestAnimationFrame(() => setLimit(limit + moreChunks));
    return () => cancelAnimationFrame(frame);
  }, [limit, limit >= count]);
  return limit;
}

interface TextBlockProps {
  readonly text: string;
  readonly class: string;
  /** A fixed pitch, and every space as it is. */
  readonly isPre?: boolean;
  readonly stream?: 'stdout' | 'stderr' | undefined;
}

/** A text of a Worker, however long, that may grow: what was drawn of it stays. */
export function TextBlock({ text, class: name, isPre = false, stream }: TextBlockProps) {
  const drawn = useRef(noChunks);
  drawn.current = chunksOf(text, drawn.current);
  const limit = useGradual(drawn.current.chunks.length);
  const chunks = drawn.current.chunks.slice(0, limit).map(({ key, ...chunk }) => <ChunkView key={key} {...chunk} />);
  if (!isPre) {
    return (
      <div class={name} dir="auto">
        {chunks}
      </div>
    );
  }
  return (
    <pre class={name} dir="auto" data-stream={stream}>
      {chunks}
    </pre>
  );
}
