import type { Json } from '../../../../../domain/ids.js';
import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { FileDiffs } from './file-diff.js';
import { PlainText, TextBlock } from './plain-text.js';

interface ToolCallProps {
  readonly part: Extract<TranscriptPart, { readonly type: 'tool-call' }>;
  readonly isComplete: boolean;
}

/** In characters: a value that would need more of them to show how deep it is, is shown in one line. */
const maxIndents = 262_144;

function indentsOf(value: Json, depth = 0): number {
  if (typeof value !== 'object' || value === null) return 0;
  const items: readonly Json[] = Object.values(value);
  return items.reduce<number>((sum, item) => sum + 2 * (depth + 1) + indentsOf(item, depth + 1), 2 * depth);
}

const textOf = (value: Json): string =>
  typeof value === 'string' ? value : JSON.stringify(value, null, indentsOf(value) > maxIndents ? 0 : 2);

function JsonDetails({ name, value }: { readonly name: string; readonly value: Json }) {
  return (
    <details class="json">
      <summary>{name}</summary>
      <TextBlock isPre class="json" text={textOf(value)} />
    </details>
  );
}

/** A tool that a Worker used. */
export function ToolCall({ part, isComplete }: ToolCallProps) {
  const { name, title, input, output, diffs, isError } = part;
  const state = isError ? 'failed' : isComplete ? 'ended' : 'running';
  const end = isError === undefined && isComplete ? 'interrupted' : state;
  return (
    <div class="tool-call" data-end={end}>
      <p class="call">
        <code>
          <PlainText text={name === '' ? 'tool' : name} />
        </code>{' '}
        {title !== undefined && <PlainText text={title} />} <span class="tool-state">{end}</span>
      </p>
      <div class="details">
        {input !== undefined && <JsonDetails name="Input" value={input} />}
        {output !== undefined && <JsonDetails name="Output" value={output} />}
      </div>
      {diffs !== undefined && <FileDiffs diffs={diffs} />}
    </div>
  );
}
