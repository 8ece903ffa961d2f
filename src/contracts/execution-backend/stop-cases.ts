import assert from 'node:assert/strict';

import { assertRefused, assertStale } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { goesOn } from './goes-on.js';
import { newWorkerId, StagedExecution } from './stage.js';

export const stopCases: readonly CaseDefinition[] = [
  {
    id: 'EB-STOP-001',
    title:
      'stops of a Worker that it does not know answer accepted, stopped, ten times at once and in a row; nothing is said',
    rules: ['R5', 'W13'],
    requires: ['stop'],
    async run(stage) {
      const { facts } = await stage.execution();
      const publisher = stage.publisher({ workerId: newWorkerId(), generation: 3 });
      const unknown = new StagedExecution(stage, publisher, facts);
      const ten = Array.from({ length: 10 });
      const answers = await Promise.all(ten.map(() => unknown.stop()));
      for (const _ of ten) answers.push(await unknown.stop());
      for (const answer of answers) {
        assert.deepEqual([answer.outcome, 'end' in answer && answer.end], ['accepted', 'stopped']);
      }
      assert.deepEqual(publisher.events, []);
    },
  },
  {
    id: 'EB-STOP-002',
    title: 'stops that come at once and again are all accepted',
    rules: ['W13'],
    requires: ['stop'],
    async run(stage) {
      const execution = await stage.execution();
      const together = await Promise.all([execution.stop(), execution.stop()]);
      const outcomes = [...together, await execution.stop()].map(({ outcome }) => outcome);
      assert.deepEqual(outcomes, ['accepted', 'accepted', 'accepted']);
    },
  },
  {
    id: 'EB-STOP-003',
    title: 'a stopped execution has said its last: its open run ends at most once, cancelled, before the answer',
    rules: ['W13', 'W14', 'E4'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      assert.equal((await execution.stop()).outcome, 'accepted');
      const said = execution.publisher.events.length;
      await stage.meanwhile();
      assert.equal(execution.publisher.events.length, said, 'it says nothing after the answer');
      const ends = execution.endsOf(inputId).map(({ end }) => end);
      assert.ok(ends.length === 0 || ends.join() === 'cancelled', `it ends at most once, not ${ends.join()}`);
    },
  },
  {
    id: 'EB-STOP-004',
    title: 'a stopped execution takes no input',
    rules: ['W14', 'W1'],
    requires: ['stop'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.stop();
      assertRefused(await execution.dispatch(stage.inputs.completes()), 'the input is refused');
    },
  },
  {
    id: 'EB-STOP-005',
    title: 'a stop without grace is accepted while a run is open',
    rules: ['W18', 'W13'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.running(stage.inputs.runsUntilCancelled());
      assert.equal((await execution.stop(0)).outcome, 'accepted');
    },
  },
  {
    id: 'EB-STOP-006',
    title: 'a stop ends every lower generation of its Worker',
    rules: ['R5', 'E6'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.running(stage.inputs.runsUntilCancelled());
      const publisher = stage.publisher(execution.named(2));
      await new StagedExecution(stage, publisher, execution.facts).stop();
      const said = execution.publisher.events.length;
      assertRefused(await execution.dispatch(stage.inputs.completes()), 'the lower generation takes no input');
      assert.equal(execution.publisher.events.length, said, 'the lower generation says nothing more');
    },
  },
  {
    id: 'EB-STOP-007',
    title: 'a stop of one Worker leaves the others alone',
    rules: ['R5', 'W16'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const [stopped, other] = [await stage.execution(), await stage.execution()];
      const open = await other.running(stage.inputs.runsUntilCancelled());
      await stopped.stop();
      await stage.meanwhile();
      assert.deepEqual(other.endsOf(open), [], 'the run of the other goes on');
    },
  },
  {
    id: 'EB-STOP-009',
    title: 'a stopped Worker is not spawned again under its generation, and is under the next',
    rules: ['W14', 'E6'],
    requires: ['stop'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.stop();
      const again = await stage.spawn(stage.publisher(execution.named(1)));
      assert.notEqual(again.outcome, 'connected', 'its generation stays stopped');
      await goesOn(stage, execution);
    },
  },
  {
    id: 'EB-STOP-010',
    title: 'a stop of a lower generation answers stale-generation, and the run of the higher one goes on',
    rules: ['E6', 'R5'],
    requires: ['stop', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution({ generation: 2 });
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      const publisher = stage.publisher(execution.named(1));
      assertStale(await new StagedExecution(stage, publisher, execution.facts).stop(), 'the lower generation');
      assert.equal((await execution.dispatch(stage.inputs.completes())).outcome, 'busy', 'its run is open');
      assert.deepEqual(execution.endsOf(inputId), []);
    },
  },
  {
    id: 'EB-STOP-011',
    title:
      'a stop of a Worker that it does not know is remembered: a spawn of that generation or a lower one is refused',
    rules: ['E6', 'R5', 'W14'],
    requires: ['stop'],
    async run(stage) {
      const { facts } = await stage.execution();
      const unknown = new StagedExecution(stage, stage.publisher({ generation: 2 }), facts);
      await unknown.stop();
      assertStale(await stage.spawn(stage.publisher(unknown.named(1))), 'the lower generation');
      const late = await stage.spawn(stage.publisher(unknown.named(2)));
      assert.notEqual(late.outcome, 'connected', 'a spawn that comes behind its stop is refused');
      await goesOn(stage, unknown);
    },
  },
];
