import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';
import { answerTo, asked } from './questions.js';
import type { Stage } from './stage.js';

const dayMs = 24 * 60 * 60 * 1000;

async function assertNothingLeft(stage: Stage): Promise<void> {
  await stage.answered('dispose', async () => stage.backend[Symbol.asyncDispose]());
  assert.deepEqual(await stage.leftovers(), [], 'nothing of it still runs');
}

/** What hours do to an execution, and what is left of one in the end. */
export const timeCases: readonly CaseDefinition[] = [
  {
    id: 'EB-TIME-001',
    title: 'a question that nobody has answered for a day is still open, and is answered then',
    rules: ['W17'],
    requires: ['elapse', 'questions', 'asks'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      assert.ok(question.inputId);
      await stage.elapse(dayMs);
      assert.deepEqual(execution.endsOf(question.inputId), [], 'the run waits');
      const answer = await execution.answer(question.questionId, answerTo(stage.harness, question));
      assert.equal(answer.outcome, 'accepted');
      assert.equal((await execution.ended(question.inputId)).end, 'completed');
    },
  },
  {
    id: 'EB-TIME-002',
    title: 'a run that has been open for a day is still open, and its execution still there',
    rules: ['O7', 'R5'],
    requires: ['elapse', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      await stage.elapse(dayMs);
      assert.deepEqual([execution.endsOf(inputId), execution.publisher.exits], [[], []]);
      assert.equal((await execution.dispatch(stage.inputs.completes())).outcome, 'busy');
    },
  },
  {
    id: 'EB-TIME-003',
    title: 'an execution that was idle for a day takes the next input',
    rules: ['R5'],
    requires: ['elapse'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.completes();
      await stage.elapse(dayMs);
      await execution.completes();
    },
  },
  {
    id: 'EB-LEFTOVER-001',
    title: 'nothing still runs after the disposal of a backend whose runs were open',
    rules: ['R5'],
    requires: ['leftovers', 'runs-until-cancelled'],
    async run(stage) {
      const [one, two] = [await stage.execution(), await stage.execution()];
      await one.running(stage.inputs.runsUntilCancelled());
      await two.running(stage.inputs.runsUntilCancelled());
      await assertNothingLeft(stage);
    },
  },
  {
    id: 'EB-LEFTOVER-002',
    title: 'nothing still runs of a generation that a higher one has replaced, nor of one that was stopped',
    rules: ['R5', 'E6'],
    requires: ['leftovers', 'stop', 'runs-until-cancelled'],
    async run(stage) {
      const former = await stage.execution();
      await former.running(stage.inputs.runsUntilCancelled());
      const latter = await stage.execution({ ...former.named(2) });
      await latter.running(stage.inputs.runsUntilCancelled());
      await latter.stop();
      await assertNothingLeft(stage);
    },
  },
  {
    id: 'EB-LEFTOVER-003',
    title: 'nothing still runs of a spawn that was refused',
    rules: ['R5', 'W5'],
    requires: ['leftovers', 'refused-profile'],
    async run(stage) {
      await stage.spawn(stage.publisher(), stage.harness.refusedProfile);
      await assertNothingLeft(stage);
    },
  },
];
