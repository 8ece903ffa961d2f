import type { TranscriptPart } from '../../../../../domain/observation/transcript.js';
import { PlainText, TextBlock } from './plain-text.js';

type Question = Extract<TranscriptPart, { readonly type: 'question' }>;

const ends: Readonly<Record<NonNullable<Question['end']>, string>> = {
  answered: 'Answered',
  withdrawn: 'Withdrawn by the Worker',
  expired: 'Expired',
  interrupted: 'Interrupted with its run',
};

function answerText({ answer, options }: Question): string | undefined {
  if (!answer) return undefined;
  if ('text' in answer) return answer.text;
  return options?.find(({ optionId }) => optionId === answer.optionId)?.label ?? answer.optionId;
}

/** A question as it stands in the transcript. It is answered below it. */
export function AskedQuestion({ part }: { readonly part: Question }) {
  const answer = answerText(part);
  return (
    <>
      <TextBlock class="text" text={part.prompt} />
      <p class="question-end">
        <span class="label">{part.end ? ends[part.end] : 'Waits for an answer'}</span>{' '}
        {answer !== undefined && <PlainText text={answer} />}
      </p>
    </>
  );
}
