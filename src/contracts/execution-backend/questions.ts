import type { Answer } from '../../domain/observation/event.js';
import type { Asked, ExecutionBackendHarness } from './harness.js';
import type { StagedExecution } from './stage.js';

/** The codes of an answer that comes too late. */
export const closed = ['question-closed', 'question-unknown'];

/** Begins a run that asks, and waits for its question. */
export async function asked(execution: StagedExecution): Promise<Asked> {
  const { stage, publisher } = execution;
  await execution.begin(stage.inputs.asks());
  const event = await publisher.next(({ type }) => type === 'question-asked', stage.signal, 'question-asked');
  return event as Asked;
}

/** The answer that a question waits for. */
export function answerTo({ answerTo: chosen }: ExecutionBackendHarness, question: Asked): Answer {
  if (chosen) return chosen(question);
  const option = question.options?.[0];
  return option ? { optionId: option.optionId } : { text: 'yes' };
}

/** Another answer to the same question than `given`: a right one, where the question has one. */
export function anotherAnswer(given: Answer, { options = [] }: Asked): Answer {
  if (!('optionId' in given)) return { text: `not ${given.text}` };
  const other = options.find(({ optionId }) => optionId !== given.optionId);
  return other ? { optionId: other.optionId } : { text: 'another' };
}
