import assert from 'node:assert/strict';

import { turns } from '../turn.js';
import { assertClosed, assertRefused } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf } from './content.js';
import { goesOn } from './goes-on.js';
import { answerTo, asked } from './questions.js';
import { newInputId, type StagedExecution } from './stage.js';

async function cutAfter({ stage }: StagedExecution, count: number): Promise<void> {
  await turns(count);
  await stage.cut();
}

/** It takes an input again, and completes it. */
async function back(execution: StagedExecution): Promise<void> {
  const { stage } = execution;
  const inputId = newInputId();
  const answer = await stage.untilBack(() => execution.dispatch(stage.inputs.completes(), inputId));
  assert.equal(answer.outcome, 'accepted', 'it takes the next input');
  assert.equal((await execution.ended(inputId)).end, 'completed');
}

async function cutInput(execution: StagedExecution, count: number): Promise<void> {
  const { stage, publisher } = execution;
  const inputId = newInputId();
  const dispatched = execution.dispatch(stage.inputs.completes(), inputId);
  await cutAfter(execution, count);
  const { outcome } = await dispatched;
  const decision = () => publisher.decisions.find((one) => one.inputId === inputId)?.taken;
  const isTold = (): boolean => decision() !== undefined || execution.eventsOf(inputId).length > 0;
  if (outcome === 'unknown') await publisher.until(isTold, stage.signal, 'word of what became of the input');
  const isTaken = outcome === 'accepted' || (outcome === 'unknown' && decision() !== false);
  if (isTaken) await execution.ended(inputId);
  await back(execution);
  assert.equal(execution.endsOf(inputId).length, isTaken ? 1 : 0);
}

/** A crash, and a connection that is lost and comes back. */
export const lossCases: readonly CaseDefinition[] = [
  {
    id: 'EB-EXIT-001',
    title: 'a crash is told once, after everything that was said, and nothing is said after it',
    rules: ['W16', 'W15'],
    requires: ['crash', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.running(stage.inputs.runsUntilCancelled());
      await stage.crash(execution.handle);
      const { publisher } = execution;
      await publisher.until(() => publisher.exits.length > 0, stage.signal, 'disconnect');
      const said = publisher.events.length;
      assertRefused(await execution.dispatch(stage.inputs.completes()), 'the input is refused');
      assert.deepEqual([publisher.events.length, publisher.exits.length], [said, 1]);
    },
  },
  {
    id: 'EB-EXIT-002',
    title: 'a call that is open when its execution crashes is settled',
    rules: ['W18', 'E5'],
    requires: ['crash', 'cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      const cancelled = execution.cancel(inputId);
      await stage.crash(execution.handle);
      await cancelled;
    },
  },
  {
    id: 'EB-CUT-001',
    title: 'a connection that was cut and came back has lost nothing and doubled nothing',
    rules: ['O7', 'E5'],
    requires: ['cut', 'streams'],
    async run(stage) {
      const count = 3_000;
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.streams(count));
      const { publisher } = execution;
      await publisher.until(() => publisher.events.length > 0, stage.signal, 'the first event');
      await stage.cut();
      await execution.ended(inputId);
      const whole = await stage.execution();
      const other = await whole.begin(stage.inputs.streams(count));
      await whole.ended(other);
      assert.deepEqual(execution.eventsOf(inputId).map(contentOf), whole.eventsOf(other).map(contentOf));
      assert.deepEqual(publisher.exits, []);
    },
  },
  {
    id: 'EB-EXIT-003',
    title: 'a Worker whose execution crashed is spawned again under the next generation',
    rules: ['W16', 'E6'],
    requires: ['crash'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.completes();
      await stage.crash(execution.handle);
      const { publisher } = execution;
      await publisher.until(() => publisher.exits.length > 0, stage.signal, 'disconnect');
      await goesOn(stage, execution);
    },
  },
  {
    id: 'EB-CUT-002',
    title: 'an input whose answer was cut off runs once or not at all, and which is told',
    rules: ['E5', 'W8', 'O4'],
    requires: ['cut'],
    async run(stage) {
      const execution = await stage.execution();
      for (let count = 0; count < 4; count += 1) await cutInput(execution, count);
    },
  },
  {
    id: 'EB-CUT-003',
    title: 'a cancel that was cut off is answered, and its run ends once',
    rules: ['E5', 'W11', 'O4'],
    requires: ['cut', 'cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      for (let count = 0; count < 4; count += 1) {
        const inputId = await execution.running(stage.inputs.runsUntilCancelled());
        const answer = execution.cancel(inputId);
        await cutAfter(execution, count);
        assertClosed('cancel', await answer);
        await stage.untilBack(() => execution.cancel(inputId));
        await execution.ended(inputId);
        await back(execution);
        assert.equal(execution.endsOf(inputId).length, 1);
      }
    },
  },
  {
    id: 'EB-CUT-004',
    title: 'a question outlives a cut: it is not asked twice, and its answer completes the run',
    rules: ['E5', 'W17', 'O6'],
    requires: ['cut', 'questions', 'asks'],
    async run(stage) {
      const execution = await stage.execution();
      const question = await asked(execution);
      assert.ok(question.inputId);
      await stage.cut();
      const answer = () => execution.answer(question.questionId, answerTo(stage.harness, question));
      assert.equal((await stage.untilBack(answer)).outcome, 'accepted');
      assert.equal((await execution.ended(question.inputId)).end, 'completed');
      const questions = execution.eventsOf(question.inputId).filter(({ type }) => type === 'question-asked');
      assert.equal(questions.length, 1);
    },
  },
  {
    id: 'EB-CUT-005',
    title: 'a run whose window was full when it was cut off has lost nothing and doubled nothing',
    rules: ['E5', 'O7', 'P2'],
    requires: ['cut', 'streams'],
    async run(stage) {
      const execution = await stage.execution({ recordUpTo: 0 });
      const { publisher } = execution;
      const inputId = await execution.begin(stage.inputs.streams(1_500));
      await publisher.until(() => publisher.events.length >= 1024, stage.signal, 'a full window');
      await stage.cut();
      publisher.release();
      await execution.ended(inputId);
      const other = await stage.execution();
      const whole = await other.begin(stage.inputs.streams(1_500));
      await other.ended(whole);
      assert.deepEqual(execution.eventsOf(inputId).map(contentOf), other.eventsOf(whole).map(contentOf));
    },
  },
  {
    id: 'EB-CUT-006',
    title: 'a stop that was cut off is answered, and asked again it is accepted',
    rules: ['E5', 'W13', 'R5'],
    requires: ['cut', 'stop', 'runs-until-cancelled'],
    async run(stage) {
      for (let count = 0; count < 4; count += 1) {
        const execution = await stage.execution();
        const inputId = await execution.running(stage.inputs.runsUntilCancelled());
        const answer = execution.stop();
        await cutAfter(execution, count);
        assertClosed('stop', await answer);
        assert.equal((await stage.untilBack(() => execution.stop())).outcome, 'accepted');
        assert.ok(execution.endsOf(inputId).length <= 1, 'its run ends at most once');
      }
    },
  },
  {
    id: 'EB-CUT-007',
    title: 'a spawn that was cut off is answered, and the Worker can be spawned again under the next generation',
    rules: ['E5', 'W18'],
    requires: ['cut'],
    async run(stage) {
      for (let count = 0; count < 4; count += 1) {
        const publisher = stage.publisher();
        const answer = stage.spawn(publisher);
        await turns(count);
        await stage.cut();
        assertClosed('spawn', await answer);
        const again = stage.publisher({ workerId: publisher.workerId, generation: 2 });
        assert.equal((await stage.untilBack(() => stage.spawn(again))).outcome, 'connected');
      }
    },
  },
  {
    id: 'EB-CUT-008',
    title: 'an answer that was cut off is answered, was taken or can be given again, and its run completes',
    rules: ['E5', 'W17', 'O6'],
    requires: ['cut', 'questions', 'asks'],
    async run(stage) {
      const execution = await stage.execution();
      for (let count = 0; count < 4; count += 1) {
        const question = await asked(execution);
        assert.ok(question.inputId);
        const give = () => execution.answer(question.questionId, answerTo(stage.harness, question));
        const answer = give();
        await cutAfter(execution, count);
        assertClosed('answer', await answer);
        await stage.untilBack(give);
        assert.equal((await execution.ended(question.inputId)).end, 'completed');
      }
    },
  },
];
