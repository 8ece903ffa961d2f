import assert from 'node:assert/strict';

import type { BackendEvent } from '../../domain/observation/event.js';
import { assertRefused, assertStale } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { answerTo, type Asked, asked } from './question-cases.js';
import { newInputId, newWorkerId } from './stage.js';

/** What an event says, without the ids of questions: those are asked again under new ones. */
const saying = (event: BackendEvent): string =>
  event.type === 'question-asked' ? JSON.stringify({ ...event, questionId: '' }) : JSON.stringify(event);

export const recoverCases: readonly CaseDefinition[] = [
  {
    id: 'EB-RECOVER-001',
    title: 'recover of a Worker that it does not know adopts nothing, and nothing runs',
    rules: ['R2'],
    requires: ['recover'],
    async run(stage) {
      const { facts } = await stage.execution();
      const publisher = stage.publisher({ workerId: newWorkerId(), generation: 2 });
      const { workerId, generation } = publisher;
      const position = { generation, sequence: 0 };
      const handle = { workerId, generation, recoverState: facts.recoverState };
      const { outcome } = await stage.recover(publisher, { handle, position });
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
      const answer = await execution.answer(again.questionId, answerTo(execution, again));
      assert.equal(answer.outcome, 'accepted');
      assert.ok(inputId);
      assert.equal((await execution.ended(inputId)).end, 'completed');
    },
  },
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
      assert.equal(execution.eventsOf(inputId).length, whole.eventsOf(other).length, 'as many as without a cut');
      assert.deepEqual(publisher.exits, []);
    },
  },
];
