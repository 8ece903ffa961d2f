import assert from 'node:assert/strict';

import { assertRejected } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId } from './stage.js';

export const cancelCases: readonly CaseDefinition[] = [
  {
    id: 'EB-CANCEL-001',
    title: 'a cancel that is accepted was answered after its run-ended, cancelled',
    rules: ['W11', 'E4'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      const answer = await execution.cancel(inputId);
      const ends = execution.endsOf(inputId).map(({ end }) => end);
      assert.deepEqual([answer.outcome, ends], ['accepted', ['cancelled']]);
    },
  },
  {
    id: 'EB-CANCEL-002',
    title: 'cancel of an input that was never sent is rejected as not open and leaves the open one alone',
    rules: ['W11'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const open = await execution.running(stage.inputs.runsUntilCancelled());
      assertRejected(await execution.cancel(newInputId()), ['input-not-open'], 'the cancel is rejected');
      await stage.meanwhile();
      assert.deepEqual(execution.endsOf(open), [], 'the open run goes on');
    },
  },
  {
    id: 'EB-CANCEL-003',
    title: 'cancel of an input that has ended is rejected as not open and leaves the next one alone',
    rules: ['W11'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const former = await execution.begin(stage.inputs.completes());
      await execution.ended(former);
      const next = await execution.running(stage.inputs.runsUntilCancelled());
      assertRejected(await execution.cancel(former), ['input-not-open'], 'the cancel is rejected');
      await stage.meanwhile();
      assert.deepEqual(execution.endsOf(next), [], 'the next run goes on');
    },
  },
  {
    id: 'EB-CANCEL-004',
    title: 'the execution takes and completes the next input after a cancel, and the cancelled one says nothing more',
    rules: ['W11', 'O4'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      await execution.cancel(inputId);
      await execution.ended(inputId);
      await execution.completes();
      assert.equal(execution.eventsOf(inputId).at(-1)?.type, 'run-ended');
    },
  },
  {
    id: 'EB-CANCEL-005',
    title: 'two cancels of one input are both answered, and it ends once',
    rules: ['W11', 'O4', 'W18'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      const answers = await Promise.all([execution.cancel(inputId), execution.cancel(inputId)]);
      for (const answer of answers) {
        if (answer.outcome !== 'accepted') assertRejected(answer, ['input-not-open'], 'a cancel that comes too late');
      }
      assert.ok(answers.some(({ outcome }) => outcome === 'accepted'));
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1);
    },
  },
  {
    id: 'EB-CANCEL-006',
    title: 'a cancel that meets the end of its run is answered, and the run ends once',
    rules: ['W11', 'O4'],
    requires: ['cancel'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.completes());
      const answer = await execution.cancel(inputId);
      if (answer.outcome === 'accepted') assert.equal(execution.endsOf(inputId).length, 1, 'it has ended by then');
      else assertRejected(answer, ['input-not-open'], 'a cancel that comes too late');
      await execution.ended(inputId);
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1);
    },
  },
  {
    id: 'EB-CANCEL-007',
    title: 'a cancel right behind its dispatch is answered, as is the dispatch, and the next input runs untouched',
    rules: ['W11', 'O4', 'E4'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = newInputId();
      const dispatched = execution.dispatch(stage.inputs.runsUntilCancelled(), inputId);
      const cancelled = await execution.cancel(inputId);
      const { outcome } = await dispatched;
      if (cancelled.outcome === 'accepted') assert.equal(execution.endsOf(inputId).length, 1, 'it has ended by then');
      else assertRejected(cancelled, ['input-not-open'], 'a cancel that comes too early');
      if (outcome === 'accepted') {
        await execution.cancel(inputId);
        await execution.ended(inputId);
      }
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, outcome === 'accepted' ? 1 : 0);
    },
  },
  {
    id: 'EB-CANCEL-008',
    title:
      'a cancel repeated after the end that it brought is accepted again or comes too late, one of another input is not',
    rules: ['W11', 'O4'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      await execution.cancel(inputId);
      await execution.ended(inputId);
      for (let count = 0; count < 3; count += 1) {
        const again = await execution.cancel(inputId);
        if (again.outcome !== 'accepted') assertRejected(again, ['input-not-open'], 'a cancel that comes too late');
        assertRejected(await execution.cancel(newInputId()), ['input-not-open'], 'the cancel of another input');
      }
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1);
    },
  },
  {
    id: 'EB-CANCEL-009',
    title: 'a cancel while a stream is under way is answered after its run-ended, the last that names it',
    rules: ['W11', 'E4', 'O4'],
    requires: ['cancel', 'streams'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.streams(3_000));
      const answer = await execution.cancel(inputId);
      if (answer.outcome === 'accepted') assert.equal(execution.endsOf(inputId).length, 1, 'it has ended by then');
      else assertRejected(answer, ['input-not-open'], 'a cancel that comes too late');
      await execution.ended(inputId);
      await execution.completes();
      assert.equal(execution.eventsOf(inputId).at(-1)?.type, 'run-ended');
    },
  },
  {
    id: 'EB-CANCEL-010',
    title: 'a cancel that names the input of another Worker is rejected as not open, and the run of the other goes on',
    rules: ['W11', 'W16'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const [one, other] = [await stage.execution(), await stage.execution()];
      const open = await other.running(stage.inputs.runsUntilCancelled());
      assertRejected(await one.cancel(open), ['input-not-open'], 'the cancel is rejected');
      await stage.meanwhile();
      assert.deepEqual(other.endsOf(open), [], 'the run of the other goes on');
    },
  },
];
