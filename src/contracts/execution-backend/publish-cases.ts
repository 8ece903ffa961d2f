import assert from 'node:assert/strict';

import type { InputId } from '../../domain/ids.js';
import { turn } from '../turn.js';
import { assertRejected } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { contentOf } from './content.js';
import type { StagedExecution } from './stage.js';

const windowEvents = 1024;
const many = 4 * windowEvents;
const windowBytes = 4 * 1024 * 1024;
const longEvent = 64 * 1024;

/** Begins a stream and waits until no more of it comes. */
async function filled(execution: StagedExecution): Promise<InputId> {
  const { stage, publisher } = execution;
  const inputId = await execution.begin(stage.inputs.streams(windowEvents + 200));
  await publisher.until(() => publisher.events.length >= windowEvents, stage.signal, 'a full window');
  return inputId;
}

export const publishCases: readonly CaseDefinition[] = [
  {
    id: 'EB-PUBLISH-001',
    title: 'a publisher whose window stays full is not given more than twice its window, and all once it has room',
    rules: ['P2'],
    requires: ['streams'],
    async run(stage) {
      const execution = await stage.execution({ windowEvents, recordUpTo: 0 });
      const { publisher } = execution;
      const inputId = await execution.begin(stage.inputs.streams(many));
      await publisher.until(() => publisher.events.length >= windowEvents, stage.signal, 'a full window');
      await (await stage.execution()).run(stage.inputs.streams(many));
      const { length } = publisher.events;
      assert.ok(length <= 2 * windowEvents, `at most ${2 * windowEvents} events are given, not ${length}`);
      publisher.release();
      await execution.ended(inputId);
      assert.ok(execution.eventsOf(inputId).length > many, 'nothing was dropped');
    },
  },
  {
    id: 'EB-PUBLISH-002',
    title: 'a Worker whose window is full holds up no other Worker',
    rules: ['P2', 'W16'],
    requires: ['streams'],
    async run(stage) {
      const full = await stage.execution({ windowEvents, recordUpTo: 0 });
      await full.begin(stage.inputs.streams(many));
      const { publisher } = full;
      await publisher.until(() => publisher.events.length >= windowEvents, stage.signal, 'a full window');
      await (await stage.execution()).completes();
      publisher.release();
    },
  },
  {
    id: 'EB-PUBLISH-003',
    title: 'a backend whose events are refused goes on: the run ends, and the next input is taken',
    rules: ['P1', 'W16'],
    async run(stage) {
      const execution = await stage.execution({ refuseWith: 'no-open-run' });
      await execution.run(stage.inputs.completes());
      await execution.run(stage.inputs.completes());
    },
  },
  {
    id: 'EB-PUBLISH-004',
    title:
      'a publisher whose window stays full in bytes is not given more than twice its window, and all once it has room',
    rules: ['P2'],
    requires: ['streams'],
    async run(stage) {
      const execution = await stage.execution({ windowBytes, recordUpTo: 0 });
      const { publisher } = execution;
      const count = (2.5 * windowBytes) / longEvent;
      const inputId = await execution.begin(stage.inputs.streams(count, longEvent));
      await publisher.until(() => publisher.bytes >= windowBytes / 2, stage.signal, 'a window that fills');
      await (await stage.execution()).run(stage.inputs.streams(windowEvents));
      assert.ok(publisher.bytes <= 2 * windowBytes, `at most twice ${windowBytes} bytes, not ${publisher.bytes}`);
      publisher.release();
      await execution.ended(inputId);
      assert.ok(execution.eventsOf(inputId).length > count, 'nothing was dropped');
    },
  },
  {
    id: 'EB-PUBLISH-005',
    title:
      'a stream whose events are recorded one by one arrives whole, in the same order as one that is recorded at once',
    rules: ['O7', 'P1', 'P2'],
    requires: ['streams'],
    async run(stage) {
      const count = windowEvents + 200;
      const execution = await stage.execution({ recordUpTo: 0 });
      const slow = await execution.begin(stage.inputs.streams(count));
      while (execution.endsOf(slow).length === 0 && !stage.signal.aborted) {
        execution.publisher.recordNext();
        await turn();
      }
      execution.publisher.release();
      const other = await stage.execution();
      const quick = await other.begin(stage.inputs.streams(count));
      await other.ended(quick);
      assert.deepEqual(execution.eventsOf(slow).map(contentOf), other.eventsOf(quick).map(contentOf));
    },
  },
  {
    id: 'EB-PUBLISH-006',
    title: 'cancel and stop are answered where every event is refused',
    rules: ['P1', 'W18'],
    requires: ['cancel', 'stop', 'runs-until-cancelled'],
    async run(stage) {
      const execution = await stage.execution({ refuseWith: 'no-open-run' });
      const inputId = await execution.running(stage.inputs.runsUntilCancelled());
      const cancelled = await execution.cancel(inputId);
      if (cancelled.outcome !== 'accepted')
        assertRejected(cancelled, ['input-not-open'], 'the run has ended by itself');
      assert.equal((await execution.stop()).outcome, 'accepted');
    },
  },
  {
    id: 'EB-PUBLISH-007',
    title: 'a stop is accepted where the host takes nothing of the generation any more',
    rules: ['P1', 'W15', 'W18'],
    requires: ['stop'],
    async run(stage) {
      const execution = await stage.execution({ refuseWith: 'worker-stopped' });
      await execution.begin(stage.inputs.completes());
      assert.equal((await execution.stop()).outcome, 'accepted');
    },
  },
  {
    id: 'EB-PUBLISH-008',
    title: 'a cancel while the window is full is answered once there is room, and the run has one end',
    rules: ['P2', 'W11', 'W18'],
    requires: ['streams', 'cancel'],
    async run(stage) {
      const execution = await stage.execution({ recordUpTo: 0 });
      const inputId = await filled(execution);
      const answer = execution.cancel(inputId);
      await turn();
      execution.publisher.release();
      const cancelled = await answer;
      if (cancelled.outcome !== 'accepted') {
        assertRejected(cancelled, ['input-not-open'], 'the stream had the room to end first');
        await execution.ended(inputId);
      }
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1);
    },
  },
  {
    id: 'EB-PUBLISH-009',
    title: 'a stop while the window is full is accepted once there is room',
    rules: ['P2', 'W13', 'W18'],
    requires: ['streams', 'stop'],
    async run(stage) {
      const execution = await stage.execution({ recordUpTo: 0 });
      const inputId = await filled(execution);
      const answer = execution.stop();
      await turn();
      execution.publisher.release();
      assert.equal((await answer).outcome, 'accepted');
      const said = execution.publisher.events.length;
      assert.ok(execution.endsOf(inputId).length <= 1);
      await (await stage.execution()).completes();
      assert.equal(execution.publisher.events.length, said, 'it says nothing after the answer');
    },
  },
];
