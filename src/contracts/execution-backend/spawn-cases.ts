import assert from 'node:assert/strict';

import { isBackendCode, maxBackendCodes } from '../../domain/codes.js';
import { assertClosed, assertRefused } from './answers.js';
import type { CaseDefinition } from './case-definition.js';
import { declaredCapabilities } from './harness.js';
import { newInputId, newWorkerId } from './stage.js';

const maxRecoverStateBytes = 64 * 1024;

export const spawnCases: readonly CaseDefinition[] = [
  {
    id: 'EB-SPAWN-001',
    title: 'a spawned execution answers with facts of the right form',
    rules: ['B5', 'W16'],
    async run(stage) {
      assert.equal(stage.backend.specification, 'execution-backend/1');
      const { facts } = await stage.execution();
      const { codes = [], recoverState = null } = facts;
      assert.ok(codes.length <= maxBackendCodes, `at most ${maxBackendCodes} codes`);
      assert.deepEqual(
        codes.filter((code) => !isBackendCode(code)),
        [],
        'codes are kebab-case, at most 64 characters',
      );
      const copy: unknown = JSON.parse(JSON.stringify(recoverState));
      assert.deepEqual(copy, recoverState, 'recoverState survives as JSON');
      assert.ok(
        Buffer.byteLength(JSON.stringify(recoverState)) <= maxRecoverStateBytes,
        'recoverState is at most 64 KiB',
      );
    },
  },
  {
    id: 'EB-SPAWN-002',
    title: 'a spawned execution declares the capabilities that its harness names, and no others',
    rules: ['W12'],
    async run(stage) {
      const { facts } = await stage.execution();
      assert.deepEqual(facts.capabilities, declaredCapabilities(stage.harness));
    },
  },
  {
    id: 'EB-SPAWN-003',
    title: 'a spawn asked again with the same Worker and generation answers the same execution',
    rules: ['E5'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.completes());
      const again = await stage.spawn(execution.publisher);
      assert.equal(again.outcome, 'connected');
      await execution.ended(inputId);
      assert.equal((await execution.dispatch(stage.inputs.completes(), inputId)).outcome, 'accepted');
      await execution.completes();
      assert.equal(execution.endsOf(inputId).length, 1, 'the run that was open went on, once');
    },
  },
  {
    id: 'EB-SPAWN-004',
    title: 'a spawn of a higher generation ends the former one: it says nothing more and takes nothing',
    rules: ['E6', 'W15'],
    requires: ['runs-until-cancelled'],
    async run(stage) {
      const former = await stage.execution();
      await former.running(stage.inputs.runsUntilCancelled());
      const latter = await stage.execution({ workerId: former.handle.workerId, generation: 2 });
      const said = former.publisher.events.length;
      await latter.completes();
      assert.equal(former.publisher.events.length, said, 'the former generation says nothing after the answer');
      assertRefused(await former.dispatch(stage.inputs.completes()), 'the former generation takes no input');
    },
  },
  {
    id: 'EB-SPAWN-005',
    title: 'an execution is unknown to another instance of the backend',
    rules: ['W1', 'R5'],
    async run(stage) {
      const execution = await stage.execution();
      await using other = await stage.harness.create({ signal: stage.signal });
      const input = { inputId: newInputId(), parts: stage.inputs.completes() };
      const call = { signal: stage.signal };
      const answer = await stage.answered('dispatch', () => other.dispatch(execution.handle, input, call));
      assertRefused(answer, 'the other instance refuses the input');
      await execution.completes();
    },
  },
  {
    id: 'EB-SPAWN-006',
    title: 'two Workers of one backend run side by side and hear only their own events',
    rules: ['W16', 'O3'],
    async run(stage) {
      const [first, second] = [await stage.execution(), await stage.execution()];
      const parts = stage.inputs.completes();
      const [one, two] = await Promise.all([first.begin(parts), second.begin(parts)]);
      await Promise.all([first.ended(one), second.ended(two)]);
      assert.deepEqual([first.eventsOf(two), second.eventsOf(one)], [[], []]);
    },
  },
  {
    id: 'EB-SPAWN-007',
    title: 'a spawn that is refused is answered by a value, and nothing of it goes on',
    rules: ['W5', 'W16'],
    requires: ['refused-profile'],
    async run(stage) {
      const publisher = stage.publisher({ workerId: newWorkerId() });
      const answer = await stage.spawn(publisher, stage.harness.refusedProfile);
      assertClosed('spawn', answer);
      assert.notEqual(answer.outcome, 'connected');
      const said = publisher.events.length;
      await stage.meanwhile();
      assert.equal(publisher.events.length, said, 'it says nothing after the refusal');
    },
  },
  {
    id: 'EB-SPAWN-008',
    title: 'a handle that went through JSON names the same execution',
    rules: ['R2', 'R5'],
    async run(stage) {
      const execution = await stage.execution();
      const handle = JSON.parse(JSON.stringify(execution.handle)) as typeof execution.handle;
      const input = { inputId: newInputId(), parts: stage.inputs.completes() };
      const { backend, signal } = stage;
      const answer = await stage.answered('dispatch', () => backend.dispatch(handle, input, { signal }));
      assert.equal(answer.outcome, 'accepted');
      assert.equal((await execution.ended(input.inputId)).end, 'completed');
    },
  },
  {
    id: 'EB-SPAWN-009',
    title: 'a spawn asked again by a caller that does not wait leaves the execution as it was',
    rules: ['E5', 'W16'],
    async run(stage) {
      const execution = await stage.execution();
      const caller = new AbortController();
      const again = stage.spawn(execution.publisher, stage.harness.profile, caller.signal);
      caller.abort();
      assertClosed('spawn', await again);
      await execution.completes();
    },
  },
];
