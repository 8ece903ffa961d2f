import { useRef } from 'preact/hooks';

import type { Token } from '../plain-text.js';
import { tokensOf } from '../plain-text.js';
import { chunksOf, noChunks } from '../text-chunks.js';
import { memoized } from './memoized.js';
import { useGradual } from './use-gradual.js';

function elementOf(token: Token, key: number) {
  if (token.is === 'control') {
    return (
      <span key={key} class="control">
        {token.text}
      </span>
    );
  }
  return (
    <a key={key} href={token.text} target="_blank" rel="noopener noreferrer">
      {token.text}
    </a>
  );
}

/** Of what is drawn at once. What more there is in it is shown the same, and is no element: thousands hold a page up. */
const maxElements = 128;

/** A text as elements and as text alone. */
export function tokenViews({ text, hasLinks = true }: PlainTextProps) {
  const views: (string | ReturnType<typeof elementOf>)[] = [];
  let elements = 0;
  for (const [index, token] of tokensOf(text).entries()) {
    const last = views.at(-1);
    const isElement = token.is === 'control' || (token.is === 'link' && hasLinks);
    if (isElement && elements < maxElements) {
      elements += 1;
      views.push(elementOf(token, index));
    } else if (typeof last === 'string') views[views.length - 1] = last + token.text;
    else views.push(token.text);
  }
  return views;
}

interface PlainTextProps {
  readonly text: string;
  /** Where it stands inside a link or a button nothing of it can be a link. */
  readonly hasLinks?: boolean;
}

/** In characters: of what is longer than any name or title the beginning is shown. */
const maxShort = 4_096;

/** A short text of a Worker, or of whoever named it, in a line with ours. */
export const PlainText = memoized(({ text, hasLinks }: PlainTextProps) => (
  <bdi dir="auto" class="plain">
    {tokenViews({
      text: text.length > maxShort ? `${text.slice(0, maxShort)} …` : text,
      ...(hasLinks === undefined ? {} : { hasLinks }),
    })}
  </bdi>
));

const ChunkView = memoized(({ text, isLines }: { readonly text: string; readonly isLines: boolean }) => (
  <span class={isLines ? 'lines' : undefined}>{tokenViews({ text })}</span>
));

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
  const chunks = useGradual(drawn.current.chunks).map(({ key, ...chunk }) => <ChunkView key={key} {...chunk} />);
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
