import assert from 'node:assert/strict';

import { assertStale } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId } from './stage.js';

export const dispatchCases: readonly CaseDefinition[] = [
  {
    id: 'EB-DISPATCH-001',
    title: 'an accepted input runs to one run-ended, completed',
    rules: ['O4'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.completes());
      assert.equal((await execution.ended(inputId)).end, 'completed');
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1, 'one run-ended');
    },
  },
  {
    id: 'EB-DISPATCH-002',
    title: 'a second input while one is open answers busy, and the open one goes on',
    rules: ['W7', 'O5'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const open = await execution.running(stage.inputs.runsUntilCancelled());
      const second = newInputId();
      assert.equal((await execution.dispatch(stage.inputs.completes(), second)).outcome, 'busy');
      await stage.meanwhile();
      assert.deepEqual([execution.eventsOf(second), execution.endsOf(open)], [[], []]);
    },
  },
  {
    id: 'EB-DISPATCH-003',
    title: 'the same input id while its run is open answers accepted and runs nothing',
    rules: ['W8'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const open = await execution.running(stage.inputs.runsUntilCancelled());
      const again = await execution.dispatch(stage.inputs.completes(), open);
      assert.equal(again.outcome, 'accepted');
      await stage.meanwhile();
      assert.deepEqual(execution.endsOf(open), [], 'the run goes on');
    },
  },
  {
    id: 'EB-DISPATCH-004',
    title: 'the ids of inputs that have ended answer accepted and run nothing',
    rules: ['W8', 'O4'],
    async run(stage) {
      const execution = await stage.execution();
      const inputIds = [newInputId(), newInputId(), newInputId()];
      for (const inputId of inputIds) await execution.ended(await execution.begin(stage.inputs.completes(), inputId));
      const counts = inputIds.map((inputId) => execution.eventsOf(inputId).length);
      for (const inputId of inputIds) await execution.begin(stage.inputs.completes(), inputId);
      await execution.completes();
      assert.deepEqual(
        inputIds.map((inputId) => execution.eventsOf(inputId).length),
        counts,
        'nothing more is said',
      );
    },
  },
  {
    id: 'EB-DISPATCH-005',
    title: 'an input that was refused as busy can be sent again with its id, and runs',
    rules: ['W6', 'W8'],
    requires: ['cancel', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const open = await execution.running(stage.inputs.runsUntilCancelled());
      const refused = newInputId();
      await execution.dispatch(stage.inputs.completes(), refused);
      await execution.cancel(open);
      await execution.ended(open);
      await execution.begin(stage.inputs.completes(), refused);
      assert.equal((await execution.ended(refused)).end, 'completed');
    },
  },
  {
    id: 'EB-DISPATCH-008',
    title: 'a caller that stops waiting after the acceptance changes nothing: the run goes on to its end',
    rules: ['W8', 'O4'],
    async run(stage) {
      const execution = await stage.execution();
      const caller = new AbortController();
      const inputId = newInputId();
      const answer = await execution.dispatch(stage.inputs.completes(), inputId, caller.signal);
      assert.equal(answer.outcome, 'accepted');
      caller.abort();
      assert.equal((await execution.ended(inputId)).end, 'completed');
    },
  },
  {
    id: 'EB-DISPATCH-009',
    title: 'the last 64 inputs that were taken are remembered: the first of them answers accepted and runs nothing',
    rules: ['W8'],
    async run(stage) {
      const execution = await stage.execution();
      const inputIds = Array.from({ length: 64 }, () => newInputId());
      for (const inputId of inputIds) await execution.ended(await execution.begin(stage.inputs.completes(), inputId));
      const [first = newInputId()] = inputIds;
      const said = execution.eventsOf(first).length;
      assert.equal((await execution.dispatch(stage.inputs.completes(), first)).outcome, 'accepted');
      await execution.completes();
      assert.equal(execution.eventsOf(first).length, said, 'nothing more is said');
    },
  },
  {
    id: 'EB-DISPATCH-010',
    title: 'of two inputs that come at once one that is refused is free: sent again, it runs',
    rules: ['W6', 'W8'],
    async run(stage) {
      const execution = await stage.execution();
      const inputIds = [newInputId(), newInputId()];
      const parts = stage.inputs.completes();
      const answers = await Promise.all(inputIds.map((inputId) => execution.dispatch(parts, inputId)));
      const refused = inputIds.filter((_, index) => answers[index]?.outcome !== 'accepted');
      assert.ok(refused.length < inputIds.length, 'one is accepted');
      for (const inputId of inputIds) if (!refused.includes(inputId)) await execution.ended(inputId);
      for (const inputId of refused) {
        await execution.begin(parts, inputId);
        assert.equal((await execution.ended(inputId)).end, 'completed');
      }
    },
  },
  {
    id: 'EB-DISPATCH-011',
    title: 'an input under a lower generation answers stale-generation after a spawn of a higher, and is free there',
    rules: ['E6', 'W15'],
    async run(stage) {
      const former = await stage.execution();
      await former.completes();
      const latter = await stage.execution({ ...former.named(2) });
      const inputId = newInputId();
      assertStale(await former.dispatch(stage.inputs.completes(), inputId), 'the former generation');
      await latter.begin(stage.inputs.completes(), inputId);
      assert.equal((await latter.ended(inputId)).end, 'completed');
      assert.deepEqual(former.eventsOf(inputId), []);
    },
  },
  {
    id: 'EB-DISPATCH-012',
    title: 'the same input id at two Workers is an input of each: both are accepted, and both run',
    rules: ['W8', 'W16'],
    async run(stage) {
      const [first, second] = [await stage.execution(), await stage.execution()];
      const inputId = newInputId();
      for (const execution of [first, second]) {
        await execution.begin(stage.inputs.completes(), inputId);
        assert.equal((await execution.ended(inputId)).end, 'completed');
      }
      assert.deepEqual([first.endsOf(inputId).length, second.endsOf(inputId).length], [1, 1]);
    },
  },
];
