import assert from 'node:assert/strict';

import { isMintedId, QuestionId } from '../../domain/ids.js';
import { assertRefused, assertRejected } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { anotherAnswer, answerTo, asked, closed } from './questions.js';
import type { StagedExecution } from './stage.js';

/** A whole run that asks: as long as one on another Worker takes, too. */
async function answeredRun(execution: StagedExecution): Promise<string> {
  const question = await asked(execution);
  assert.ok(question.inputId, 'a question names its input');
  const answer = await execution.answer(question.questionId, answerTo(execution.stage.harness, question));
  assert.equal(answer.outcome, 'accepted');
  return (await execution.ended(question.inputId)).end;
}

const closedOrInvalid = [...closed, 'answer-invalid'];
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
    rules: ['W17', 'O6'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      assert.ok(question.inputId, 'a question names its input');
      const { inputId } = question;
      const said = execution.eventsOf(inputId).length;
      const { untraced, signal } = stage;
      const answer = { questionId: question.questionId, answer: answerTo(stage.harness, question) };
      const saidAtAnswer = () =>
        untraced.answer(execution.handle, answer, { signal }).then(() => execution.eventsOf(inputId).length);
      const atAnswer = await stage.answered('answer', saidAtAnswer);
      assert.equal(atAnswer, said, 'nothing of the run was published before the answer');
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
      const right = await execution.answer(question.questionId, answerTo(stage.harness, question));
      assert.equal(right.outcome, 'accepted');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-004',
    title: 'another answer to a question that was answered is rejected; the same again is accepted or comes too late',
    rules: ['W17'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      const answer = answerTo(stage.harness, question);
      assert.equal((await execution.answer(question.questionId, answer)).outcome, 'accepted');
      const same = await execution.answer(question.questionId, answer);
      if (same.outcome !== 'accepted') assertRejected(same, closed, 'the same answer comes too late');
      const another = await execution.answer(question.questionId, anotherAnswer(answer, question));
      assertRejected(another, closedOrInvalid, 'another answer is rejected');
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
      const answer = await execution.answer(question.questionId, answerTo(stage.harness, question));
      assertRejected(answer, closed, 'the answer is rejected');
      await execution.completes();
    },
  },
  {
    id: 'EB-QUESTION-007',
    title: 'a question that is withdrawn or expires says so once, before its run ends, and is not answered any more',
    rules: ['W17', 'O6'],
    requires: ['questions', 'withdraws'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.withdraws());
      assert.equal((await execution.ended(inputId)).end, 'completed');
      const said = execution.eventsOf(inputId);
      const question = said.find((event) => event.type === 'question-asked');
      const withdrawals = said.filter((event) => event.type === 'question-withdrawn');
      assert.ok(question, 'it was asked');
      assert.deepEqual(
        withdrawals.map(({ questionId }) => questionId),
        [question.questionId],
        'one question-withdrawn, of the question that was asked, before the end',
      );
      const answer = await execution.answer(question.questionId, answerTo(stage.harness, question));
      assertRejected(answer, closed, 'the answer is rejected');
      await execution.completes();
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-008',
    title: 'the answer to the question of one Worker is not the answer to that of another',
    rules: ['W17', 'W16'],
    async run(stage) {
      const [one, other] = [await stage.execution(), await stage.execution()];
      const [first, second] = [await asked(one), await asked(other)];
      assert.ok(first.inputId && second.inputId);
      const answer = await one.answer(first.questionId, answerTo(stage.harness, first));
      assert.equal(answer.outcome, 'accepted');
      await one.ended(first.inputId);
      await one.completes();
      assert.deepEqual(other.endsOf(second.inputId), [], 'the other still waits');
      assert.equal((await other.answer(second.questionId, answerTo(stage.harness, second))).outcome, 'accepted');
      assert.equal((await other.ended(second.inputId)).end, 'completed');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-009',
    title:
      'another answer after the end of its run is rejected, while another question waits too, which has an id of its own',
    rules: ['W17', 'O6'],
    async run(stage) {
      const execution = await stage.execution();
      const former = await asked(execution);
      assert.ok(former.inputId);
      const given = answerTo(stage.harness, former);
      await execution.answer(former.questionId, given);
      await execution.ended(former.inputId);
      const late = () => execution.answer(former.questionId, anotherAnswer(given, former));
      assertRejected(await late(), closedOrInvalid, 'the answer is rejected');
      const next = await asked(execution);
      assert.ok(next.inputId);
      assert.notEqual(next.questionId, former.questionId);
      assertRejected(await late(), closedOrInvalid, 'the answer is rejected while another question waits');
      assert.equal((await execution.answer(next.questionId, answerTo(stage.harness, next))).outcome, 'accepted');
      assert.equal((await execution.ended(next.inputId)).end, 'completed');
    },
  },
  {
    id: 'EB-QUESTION-010',
    title: 'a stop is accepted while a question waits, and the answer then comes too late',
    rules: ['W13', 'W17'],
    requires: ['questions', 'asks', 'stop'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      assert.equal((await execution.stop()).outcome, 'accepted');
      const said = execution.publisher.events.length;
      const answer = await execution.answer(question.questionId, answerTo(stage.harness, question));
      assertRefused(answer, 'the answer is refused');
      assert.equal(execution.publisher.events.length, said, 'nothing more is said');
    },
  },
  {
    ...questionIn,
    id: 'EB-QUESTION-011',
    title: 'an answer that names the question of another Worker is rejected, and the other still waits',
    rules: ['W17', 'W16'],
    async run(stage) {
      const [one, other] = [await stage.execution(), await stage.execution()];
      const question = await asked(other);
      const answer = answerTo(stage.harness, question);
      assertRejected(await one.answer(question.questionId, answer), closed, 'the answer is rejected');
      assert.equal((await other.answer(question.questionId, answer)).outcome, 'accepted');
    },
  },
];
