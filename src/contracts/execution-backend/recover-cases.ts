import assert from 'node:assert/strict';

import type { BackendEvent } from '../../domain/observation/event.js';
import { assertClosed, assertStale } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import type { Asked } from './harness.js';
import { contentOf } from './content.js';
import { goesOn } from './goes-on.js';
import { answerTo, asked } from './questions.js';
import { newInputId, newWorkerId, recoverRequest, StagedExecution } from './stage.js';

/** A question is asked again under a new id; everything else is said again as it was. */
const saying = (event: BackendEvent): string =>
  event.type === 'question-asked' ? contentOf(event) : JSON.stringify(event);

export const recoverCases: readonly CaseDefinition[] = [
  {
    id: 'EB-RECOVER-001',
    title: 'recover of a Worker that it does not know adopts nothing, and nothing runs',
    rules: ['R2'],
    requires: ['recover'],
    async run(stage) {
      const { facts } = await stage.execution();
      const publisher = stage.publisher({ workerId: newWorkerId(), generation: 2 });
      const nobody = new StagedExecution(stage, publisher, facts);
      const { outcome } = await stage.recover(publisher, recoverRequest(nobody, { generation: 2, sequence: 0 }));
      assert.ok(['lost', 'unsupported'].includes(outcome), `it answers lost or unsupported, not ${outcome}`);
      assert.deepEqual(publisher.events, []);
    },
  },
  {
    id: 'EB-RECOVER-002',
    title: 'a take-over adopts an open run as taken: it goes on under the new generation alone',
    rules: ['R2', 'E6'],
    requires: ['recover', 'cancel', 'runs-until-cancelled'],
    async run(stage) {
      const former = await stage.execution();
      const inputId = await former.running(stage.inputs.runsUntilCancelled());
      const sequence = former.publisher.events.length;
      const { execution, taken } = await stage.adopted(former, { generation: 2, sequence, inputId });
      assert.equal(taken, true, 'it says that the input was taken');
      assertStale(await former.cancel(inputId), 'cancel under the former generation');
      assert.equal((await execution.cancel(inputId)).outcome, 'accepted');
      assert.deepEqual([former.endsOf(inputId).length, execution.endsOf(inputId).length], [0, 1]);
    },
  },
  {
    id: 'EB-RECOVER-003',
    title: 'an undecided input that never came is told as not taken, and is not run',
    rules: ['R2', 'W8'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution();
      await former.completes();
      const sequence = former.publisher.events.length;
      const inputId = newInputId();
      const { execution, taken } = await stage.adopted(former, { generation: 2, sequence, inputId });
      assert.equal(taken, false);
      await execution.completes();
      assert.deepEqual(execution.eventsOf(inputId), []);
    },
  },
  {
    id: 'EB-RECOVER-004',
    title: 'a take-over gives exactly what follows the position, in order, nothing lost and nothing doubled',
    rules: ['O7', 'R2'],
    requires: ['recover', 'streams'],
    async run(stage) {
      const recorded = 20;
      const former = await stage.execution({ recordUpTo: recorded });
      const inputId = await former.begin(stage.inputs.streams(100));
      await former.ended(inputId);
      const { execution, taken } = await stage.adopted(former, { generation: 2, sequence: recorded, inputId });
      await execution.ended(inputId);
      assert.equal(taken, true);
      const missing = former.publisher.events.slice(recorded).map(saying);
      assert.deepEqual(execution.publisher.events.map(saying), missing);
      await execution.completes();
    },
  },
  {
    id: 'EB-RECOVER-005',
    title: 'an input that an earlier generation took answers accepted after a take-over and runs nothing',
    rules: ['W8', 'R2'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution();
      const inputId = await former.begin(stage.inputs.completes());
      await former.ended(inputId);
      const sequence = former.publisher.events.length;
      const { execution } = await stage.adopted(former, { generation: 2, sequence });
      await execution.begin(stage.inputs.completes(), inputId);
      await execution.completes();
      assert.deepEqual(execution.eventsOf(inputId), []);
    },
  },
  {
    id: 'EB-RECOVER-006',
    title: 'a run that waits for an answer asks again under a new id after a take-over, and completes once answered',
    rules: ['R2', 'W17', 'O6'],
    requires: ['recover', 'questions', 'asks'],
    async run(stage) {
      const former = await stage.execution();
      const { questionId, inputId } = await asked(former);
      const sequence = former.publisher.events.length;
      const { execution } = await stage.adopted(former, { generation: 2, sequence, inputId });
      const again = (await execution.first(({ type }) => type === 'question-asked', 'the question again')) as Asked;
      assert.notEqual(again.questionId, questionId);
      const answer = await execution.answer(again.questionId, answerTo(stage.harness, again));
      assert.equal(answer.outcome, 'accepted');
      assert.ok(inputId);
      assert.equal((await execution.ended(inputId)).end, 'completed');
    },
  },
  {
    id: 'EB-RECOVER-007',
    title: 'a take-over from position 0 gives everything, from the first event on',
    rules: ['O7', 'R2'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution({ recordUpTo: 0 });
      const inputId = await former.begin(stage.inputs.completes());
      await former.ended(inputId);
      const { execution, taken } = await stage.adopted(former, { generation: 2, sequence: 0, inputId });
      await execution.ended(inputId);
      assert.equal(taken, true);
      assert.deepEqual(execution.publisher.events.map(saying), former.publisher.events.map(saying));
    },
  },
  {
    id: 'EB-RECOVER-008',
    title: 'a take-over at the last event gives nothing again',
    rules: ['O7', 'R2'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution();
      await former.completes();
      const sequence = former.publisher.events.length;
      const { execution } = await stage.adopted(former, { generation: 2, sequence });
      const inputId = await execution.begin(stage.inputs.completes());
      await execution.ended(inputId);
      const others = execution.publisher.events.filter((event) => event.inputId !== inputId);
      assert.deepEqual(others, []);
    },
  },
  {
    id: 'EB-RECOVER-009',
    title: 'a take-over that has no time is answered by a value, and the Worker can be spawned again',
    rules: ['R3', 'W18'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution();
      await former.completes();
      const publisher = stage.publisher(former.named(2));
      const request = recoverRequest(former, { generation: 2, sequence: former.publisher.events.length });
      assertClosed('recover', await stage.recover(publisher, request, { deadlineMs: 0 }));
      await goesOn(stage, former, 2);
    },
  },
  {
    id: 'EB-RECOVER-010',
    title: 'a take-over that is asked for twice is answered the same twice, and gives what follows once',
    rules: ['E5', 'O7'],
    requires: ['recover', 'streams'],
    async run(stage) {
      const recorded = 10;
      const former = await stage.execution({ recordUpTo: recorded });
      const inputId = await former.begin(stage.inputs.streams(50));
      await former.ended(inputId);
      const publisher = stage.publisher({ ...former.named(2), recordUpTo: 0 });
      const request = recoverRequest(former, { generation: 2, sequence: recorded, inputId });
      const first = await stage.recover(publisher, request);
      assert.deepEqual([first.outcome, 'taken' in first && first.taken], ['adopted', true]);
      assert.deepEqual(await stage.recover(publisher, request), first);
      const execution = new StagedExecution(stage, publisher, former.facts);
      await execution.ended(inputId);
      await execution.completes();
      const missing = former.publisher.events.slice(recorded).map(saying);
      assert.deepEqual(execution.eventsOf(inputId).map(saying), missing);
    },
  },
  {
    id: 'EB-RECOVER-011',
    title: 'a take-over of a run whose window is full loses nothing and doubles nothing',
    rules: ['O7', 'P2', 'R2'],
    requires: ['recover', 'streams'],
    async run(stage) {
      const count = 1_500;
      const former = await stage.execution({ recordUpTo: 0 });
      const inputId = await former.begin(stage.inputs.streams(count));
      const { publisher } = former;
      await publisher.until(() => publisher.events.length >= 1024, stage.signal, 'a full window');
      const { execution } = await stage.adopted(former, { generation: 2, sequence: 0, inputId });
      await execution.ended(inputId);
      const other = await stage.execution();
      const whole = await other.begin(stage.inputs.streams(count));
      await other.ended(whole);
      assert.deepEqual(execution.eventsOf(inputId).map(contentOf), other.eventsOf(whole).map(contentOf));
    },
  },
  {
    id: 'EB-RECOVER-012',
    title: 'what was recorded long ago is given again whole, or the execution is lost: never in part',
    rules: ['O7', 'R2'],
    requires: ['recover'],
    async run(stage) {
      const former = await stage.execution();
      for (let count = 0; count < 3; count += 1) await former.completes();
      const publisher = stage.publisher(former.named(2));
      const handle = { ...former.named(2), recoverState: former.facts.recoverState };
      const position = { generation: former.handle.generation, sequence: 0 };
      const answer = await stage.recover(publisher, { handle, position });
      if (answer.outcome === 'adopted') {
        const { length } = former.publisher.events;
        await publisher.until(() => publisher.events.length >= length, stage.signal, 'all of it');
        assert.deepEqual(publisher.events.map(saying), former.publisher.events.map(saying));
      } else assert.equal(answer.outcome, 'lost');
    },
  },
  {
    id: 'EB-RECOVER-013',
    title: 'a take-over that knows of no open input ends the run without a word, and the next input is taken',
    rules: ['R2', 'O5'],
    requires: ['recover', 'cancel', 'runs-until-cancelled'],
    async run(stage) {
      const former = await stage.execution();
      const open = await former.running(stage.inputs.runsUntilCancelled());
      const sequence = former.publisher.events.length;
      const { execution } = await stage.adopted(former, { generation: 2, sequence });
      await execution.completes();
      assert.deepEqual([execution.eventsOf(open), former.endsOf(open)], [[], []]);
    },
  },
  {
    id: 'EB-RECOVER-014',
    title: 'what was stopped is not adopted',
    rules: ['W14', 'R5'],
    requires: ['recover', 'stop'],
    async run(stage) {
      const former = await stage.execution();
      await former.completes();
      await former.stop();
      const publisher = stage.publisher(former.named(2));
      const handle = { ...former.named(2), recoverState: former.facts.recoverState };
      const position = { generation: former.handle.generation, sequence: former.publisher.events.length };
      assert.notEqual((await stage.recover(publisher, { handle, position })).outcome, 'adopted');
      assert.deepEqual(publisher.events, []);
    },
  },
];
