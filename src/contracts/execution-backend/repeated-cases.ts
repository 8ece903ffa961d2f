import assert from 'node:assert/strict';

import { type Answered, assertInTurn, assertRejected, isTaken, type Method } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { tooLate } from './goes-on.js';
import { type OpenCall, type Situation, situations } from './open-calls.js';
import { anotherAnswer, answerTo, asked, closed } from './questions.js';
import { newInputId } from './stage.js';

const ten = Array.from({ length: 10 }, (_, index) => index);

/** Of the same call every answer is an acceptance; of one that can be taken once, the others may say that it was. */
function assertTaken(method: Method, answers: readonly Answered[]): void {
  const codes = tooLate[method];
  for (const answer of answers) {
    if (codes && !isTaken(answer)) assertRejected(answer, codes, `a ${method} that comes too late is rejected`);
    else assert.ok(isTaken(answer), `each ${method} is taken, not ${answer.outcome}`);
  }
  assert.ok(answers.some(isTaken), 'one is taken');
}

/** The run that the calls were about has one end, and everything of it was said once. */
async function assertOnce(method: Method, { execution, inputId }: OpenCall): Promise<void> {
  execution.publisher.release();
  const most = method === 'stop' ? 'stopped' : 'ended';
  if (inputId !== undefined && most === 'ended') await execution.ended(inputId);
  if (most === 'ended') await execution.completes();
  if (inputId === undefined) return;
  const ends = execution.endsOf(inputId).length;
  assert.ok(most === 'stopped' ? ends <= 1 : ends === 1, `one end, not ${ends}`);
}

const tenInARow = ({ method, number, rules, requires, arrange }: Situation): CaseDefinition => ({
  id: `EB-REPEATED-${number}`,
  title: `${method} ten times in a row does once what it does, and each is answered`,
  rules,
  requires,
  async run(stage) {
    const call = await arrange(stage);
    const answers: Answered[] = [];
    for (const _ of ten) answers.push(await call.perform());
    assertTaken(method, answers);
    assert.ok(answers[0] && isTaken(answers[0]), 'the first is taken');
    await assertOnce(method, call);
  },
});

const tenAtOnce = ({ method, number, rules, requires, arrange }: Situation): CaseDefinition => ({
  id: `EB-ATONCE-${number}`,
  title: `${method} ten times at once does once what it does, and each is answered`,
  rules,
  requires,
  async run(stage) {
    const call = await arrange(stage);
    assertTaken(method, await Promise.all(ten.map(() => call.perform())));
    await assertOnce(method, call);
  },
});

/** The same call again is the same call, in a row and at once. */
export const repeatedCases: readonly CaseDefinition[] = [
  ...situations.map(tenInARow),
  ...situations.map(tenAtOnce),
  {
    id: 'EB-ATONCE-007',
    title:
      'of ten inputs that come at once those accepted run one after the other, the others are busy and run not at all',
    rules: ['W7', 'W9', 'O5'],
    async run(stage) {
      const execution = await stage.execution();
      const inputIds = ten.map(() => newInputId());
      const parts = stage.inputs.completes();
      const answers = await Promise.all(inputIds.map((inputId) => execution.dispatch(parts, inputId)));
      const others = answers.filter(({ outcome }) => outcome !== 'accepted').map(({ outcome }) => outcome);
      assert.deepEqual(new Set(others), new Set(others.length === 0 ? [] : ['busy']), 'the others are busy');
      const accepted = inputIds.filter((_, index) => answers[index]?.outcome === 'accepted');
      assert.ok(accepted.length > 0, 'one is accepted');
      for (const inputId of accepted) await execution.ended(inputId);
      await execution.completes();
      assertInTurn(execution, inputIds, accepted);
    },
  },
  {
    id: 'EB-ATONCE-008',
    title: 'of two different answers to one question that come at once one is accepted and the other is rejected',
    rules: ['W17', 'O4'],
    requires: ['questions', 'asks'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      const { questionId, inputId } = question;
      const right = answerTo(stage.harness, question);
      const given = [right, anotherAnswer(right, question)].map((answer) => execution.answer(questionId, answer));
      const refused = (await Promise.all(given)).filter((answer) => !isTaken(answer));
      assert.equal(refused.length, 1, 'one is accepted');
      for (const answer of refused) assertRejected(answer, [...closed, 'answer-invalid'], 'the other is rejected');
      assert.ok(inputId);
      await execution.ended(inputId);
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1);
    },
  },
];
