import { useState } from 'preact/hooks';

import type { Answer, QuestionOption } from '../../../../../domain/observation/event.js';
import type { OpenQuestionView, WorkerView } from '../../../../../domain/observation/view.js';
import type { Refusal } from '../../../../../domain/outcome.js';
import type { App } from '../app.js';
import { focusOn } from './focus.js';
import { PlainText, TextBlock } from './plain-text.js';
import { Time } from './time.js';
import { useDraft } from './use-draft.js';
import { denseWeight, useGradual } from './use-gradual.js';

interface QuestionFormProps {
  readonly app: App;
  readonly worker: WorkerView;
  readonly question: OpenQuestionView;
  readonly onRefusal: (refusal: Refusal | undefined) => void;
  readonly onAnswered: () => void;
}

interface AnswerFieldProps {
  readonly id: string;
  readonly text: string;
  readonly isAsking: boolean;
  readonly onInput: (text: string) => void;
}

function AnswerField({ id, text, isAsking, onInput }: AnswerFieldProps) {
  return (
    <div class="answer">
      <label for={id}>Answer</label>
      <input
        id={id}
        type="text"
        dir="auto"
        autocomplete="off"
        value={text}
        onInput={({ currentTarget }) => onInput(currentTarget.value)}
      />
      <button type="submit" class="primary" aria-disabled={isAsking}>
        Answer
      </button>
    </div>
  );
}

interface OptionsProps {
  readonly options: readonly QuestionOption[];
  readonly isAsking: boolean;
  readonly onChosen: (optionId: string) => void;
}

/** All of them, none before another. */
function Options({ options, isAsking, onChosen }: OptionsProps) {
  const drawn = useGradual(
    options.map(({ optionId, label }) => ({ optionId, text: label })),
    denseWeight,
  );
  return (
    <div class="options">
      {drawn.map(({ optionId, text }) => (
        <button key={optionId} type="button" aria-disabled={isAsking} onClick={() => onChosen(optionId)}>
          <PlainText text={text} hasLinks={false} />
        </button>
      ))}
    </div>
  );
}

/** A question that a Worker waits with. */
export function QuestionForm({ app, worker, question, onRefusal, onAnswered }: QuestionFormProps) {
  const { questionId, prompt, options = [], expiresAt } = question;
  const [text, setText] = useDraft(app.drafts, `question/${questionId}`);
  const [isAsking, setAsking] = useState(false);

  async function answer(given: Answer): Promise<void> {
    if (isAsking) return;
    setAsking(true);
    onRefusal(undefined);
    const { runtimeId, workerId } = worker;
    const outcome = await app.ask({ type: 'answer', worker: { runtimeId, workerId }, questionId, answer: given });
    setAsking(false);
    if (outcome.outcome !== 'accepted') return onRefusal(outcome);
    setText('');
    focusOn('input');
    onAnswered();
  }
  function submit(event: SubmitEvent): void {
    event.preventDefault();
    if (options.length === 0 && text.trim() !== '') void answer({ text });
  }

  return (
    <form aria-label="Question" class="question" onSubmit={submit}>
      <TextBlock class="text" text={prompt} />
      {expiresAt !== undefined && (
        <p class="hint">
          Waits until <Time at={expiresAt} />
        </p>
      )}
      {options.length === 0 ? (
        <AnswerField id={`answer-${questionId}`} text={text} isAsking={isAsking} onInput={setText} />
      ) : (
        <Options options={options} isAsking={isAsking} onChosen={(optionId) => void answer({ optionId })} />
      )}
    </form>
  );
}
