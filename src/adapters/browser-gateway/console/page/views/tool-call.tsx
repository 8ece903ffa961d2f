import type { Json } from '../../../../../domain/ids.js';
import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { PlainText, TextBlock } from './plain-text.js';

interface ToolCallProps {
  readonly part: Extract<TranscriptPart, { readonly type: 'tool-call' }>;
  readonly isComplete: boolean;
}

function JsonDetails({ name, value }: { readonly name: string; readonly value: Json }) {
  const text = typeof value === 'string' ? value : JSON.stringify(value, null, 2);
  return (
    <details class="json">
      <summary>{name}</summary>
      <TextBlock isPre class="json" text={text} />
    </details>
  );
}

/** A tool that a Worker used. */
export function ToolCall({ part, isComplete }: ToolCallProps) {
  const { name, title, input, output, isError } = part;
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
    </div>
  );
}
