import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';

const windowEvents = 1024;
const many = 4 * windowEvents;

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
];
