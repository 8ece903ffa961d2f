import assert from 'node:assert/strict';

import { isMintedId, QuestionId } from '../../domain/ids.js';
import type { Answer, BackendEvent } from '../../domain/observation/event.js';
import { assertRejected } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import type { StagedExecution } from './stage.js';

export type Asked = Extract<BackendEvent, { readonly type: 'question-asked' }>;
const closed = ['question-closed', 'question-unknown'];

/** Begins a run that asks, and waits for its question. */
export async function asked(execution: StagedExecution): Promise<Asked> {
  const { stage, publisher } = execution;
  await execution.begin(stage.inputs.asks());
  const event = await publisher.next(({ type }) => type === 'question-asked', stage.signal, 'question-asked');
  return event as Asked;
}

export function answerTo(execution: StagedExecution, question: Asked): Answer {
  const { answerTo: chosen } = execution.stage.harness;
  if (chosen) return chosen(question);
  const option = question.options?.[0];
  return option ? { optionId: option.optionId } : { text: 'yes' };
}

/** A whole run that asks: as long as one on another Worker takes, too. */
async function answeredRun(execution: StagedExecution): Promise<string> {
  const question = await asked(execution);
  assert.ok(question.inputId, 'a question names its input');
  const answer = await execution.answer(question.questionId, answerTo(execution, question));
  assert.equal(answer.outcome, 'accepted');
  return (await execution.ended(question.inputId)).end;
}

const questionIn = { requires: ['questions', 'asks'] } as const;

export const questionCases: readonly CaseDefinition[] = [
  {
    ...questionIn,
    id: 'EB-QUESTION-001',
    title: 'a question belongs to the open input, and once it is answered the run completes',
    rules: ['W17', 'O6', 'B2'],
    async run(stage) {
      const execution = await stage.execution();
      assert.equal(await answeredRun(execution), 'completed');
      const asked = execution.publisher.events.filter((event) => event.type === 'question-asked');
      assert.deepEqual(
        asked.map(({ questionId }) => isMintedId(questionId)),
        [true],
        'one question, with a minted id',
      );
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-002',
    title: 'an answer is answered before anything is published that it causes',
    rules: ['W9'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      const { events } = execution.publisher;
      const said = events.length;
      const { backend, signal } = stage;
      const answer = { questionId: question.questionId, answer: answerTo(execution, question) };
      const atAnswer = () => backend.answer(execution.handle, answer, { signal }).then(() => events.length);
      assert.equal(await stage.answered('answer', atAnswer), said, 'nothing was published before the answer');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-003',
    title: 'an answer to a question that was never asked is rejected, and the open one still waits',
    rules: ['W17'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      const answer = await execution.answer(QuestionId('never-asked'), { text: 'yes' });
      assertRejected(answer, ['question-unknown'], 'the answer is rejected');
      const right = await execution.answer(question.questionId, answerTo(execution, question));
      assert.equal(right.outcome, 'accepted');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-004',
    title: 'a second answer to a question is rejected',
    rules: ['W17'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      const answer = answerTo(execution, question);
      await execution.answer(question.questionId, answer);
      assertRejected(await execution.answer(question.questionId, answer), closed, 'the second answer is rejected');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-005',
    title: 'a question that nobody answers is not answered by default',
    rules: ['W17'],
    async run(stage) {
      const execution = await stage.execution();
      const { inputId } = await asked(execution);
      await answeredRun(await stage.execution());
      await stage.meanwhile();
      assert.ok(inputId);
      assert.deepEqual(execution.endsOf(inputId), [], 'the run waits');
    },
  },
  {
    id: 'EB-QUESTION-006',
    title: 'a cancel ends a run that waits for an answer, and the answer then comes too late',
    rules: ['W11', 'W17', 'O6'],
    requires: ['questions', 'asks', 'cancel'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      assert.ok(question.inputId);
      assert.equal((await execution.cancel(question.inputId)).outcome, 'accepted');
      const answer = await execution.answer(question.questionId, answerTo(execution, question));
      assertRejected(answer, closed, 'the answer is rejected');
      await execution.completes();
    },
  },
];
