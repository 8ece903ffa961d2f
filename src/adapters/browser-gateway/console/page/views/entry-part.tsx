import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { meaningOf } from '../words.js';
import { Activity } from './activity.js';
import { Blob } from './blob.js';
import { AskedQuestion } from './asked-question.js';
import { Output } from './output.js';
import { TextBlock } from './plain-text.js';
import { Plan } from './plan.js';
import { ToolCall } from './tool-call.js';

interface EntryPartProps {
  readonly part: TranscriptPart;
  readonly isComplete: boolean;
}

/** What an entry holds, each kind as itself. */
export function EntryPart({ part, isComplete }: EntryPartProps) {
  switch (part.type) {
    case 'text':
      return <TextBlock class="text" text={part.text} />;
    case 'reasoning':
      return (
        <details class="reasoning">
          <summary>{isComplete ? 'Reasoning' : 'Reasoning …'}</summary>
          <TextBlock class="text" text={part.text} />
        </details>
      );
    case 'output':
      return <Output part={part} />;
    case 'tool-call':
      return <ToolCall part={part} isComplete={isComplete} />;
    case 'plan':
      return <Plan part={part} />;
    case 'activity':
      return <Activity part={part} isComplete={isComplete} />;
    case 'question':
      return <AskedQuestion part={part} />;
    case 'notice':
      return (
        <p class="notice">
          {meaningOf(part.code)}. <code>{part.code}</code>
        </p>
      );
    case 'blob':
      return <Blob part={part} />;
  }
}
