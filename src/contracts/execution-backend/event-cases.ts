import assert from 'node:assert/strict';

import { isMintedId } from '../../domain/ids.js';
import { authorOf, type BackendEvent } from '../../domain/observation/event.js';
import { parseBackendEvent } from '../../protocol/events.js';
import { canariesIn } from '../canaries.js';
import { turn } from '../turn.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId } from './stage.js';

const mintedIdsOf = (event: BackendEvent): readonly string[] => {
  if ('messageId' in event) return [event.messageId];
  if ('toolCallId' in event) return [event.toolCallId];
  return 'questionId' in event ? [event.questionId] : [];
};

/** All of an event that is not what a program said (B2). */
function envelopeOf(event: BackendEvent): string {
  const content = ['text', 'name', 'title', 'input', 'output', 'prompt', 'options'];
  return JSON.stringify(Object.entries(event).filter(([key]) => !content.includes(key)));
}

export const eventCases: readonly CaseDefinition[] = [
  {
    id: 'EB-EVENT-001',
    title: 'every event is of a type that a backend may author, and names no input but the open one',
    rules: ['W2', 'O3'],
    async run(stage) {
      const execution = await stage.execution();
      const authored = (event: BackendEvent): boolean => authorOf[event.type] === 'backend';
      for (let count = 0; count < 2; count += 1) {
        const from = execution.publisher.events.length;
        const inputId = await execution.begin(stage.inputs.completes());
        await execution.ended(inputId);
        const said = execution.publisher.events.slice(from);
        assert.deepEqual(
          said.filter((event) => !authored(event)),
          [],
        );
        assert.deepEqual(
          said.filter((event) => event.inputId !== undefined && event.inputId !== inputId),
          [],
        );
      }
    },
  },
  {
    id: 'EB-EVENT-002',
    title: 'nothing that names an input follows its run-ended',
    rules: ['O4', 'O5'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.completes());
      await execution.ended(inputId);
      await execution.completes();
      await stage.meanwhile();
      assert.equal(execution.eventsOf(inputId).at(-1)?.type, 'run-ended');
    },
  },
  {
    id: 'EB-EVENT-003',
    title: 'all of a stream stands before its run-ended, and names its input',
    rules: ['O4', 'P1'],
    requires: ['streams'],
    async run(stage) {
      const execution = await stage.execution();
      const inputId = await execution.begin(stage.inputs.streams(300));
      await execution.ended(inputId);
      const said = execution.eventsOf(inputId);
      assert.ok(said.length > 300, `300 events and an end, not ${said.length} events`);
      assert.equal(said.at(-1)?.type, 'run-ended');
    },
  },
  {
    id: 'EB-EVENT-004',
    title: 'ids that the backend mints have the form of minted ids',
    rules: ['B2'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.completes();
      const minted = execution.publisher.events.flatMap(mintedIdsOf);
      assert.deepEqual(
        minted.filter((id) => !isMintedId(id)),
        [],
      );
    },
  },
  {
    id: 'EB-EVENT-005',
    title: 'a run that fails ends failed, with no code or a declared one, and the next input is taken',
    rules: ['B5', 'O4'],
    requires: ['fails'],
    async run(stage) {
      const execution = await stage.execution();
      const { end, code } = await execution.run(stage.inputs.fails());
      assert.equal(end, 'failed');
      if (code !== undefined) assert.ok(execution.facts.codes?.includes(code), `${code} is declared`);
      await execution.completes();
    },
  },
  {
    id: 'EB-EVENT-006',
    title: 'no secret of the backend stands in codes, or anywhere in an event but in what a program said',
    rules: ['B2', 'B3'],
    requires: ['canaries'],
    async run(stage) {
      const execution = await stage.execution();
      await execution.completes();
      if (stage.harness.inputs.fails) await execution.run(stage.inputs.fails());
      const shown = [...execution.publisher.events.map(envelopeOf), JSON.stringify(execution.facts.codes ?? [])];
      assert.equal(canariesIn(shown.join('\n'), stage.harness.canaries).length, 0, 'a canary came out');
    },
  },
  {
    id: 'EB-EVENT-007',
    title: 'an input that is accepted behind another is answered after the run-ended of the other',
    rules: ['E4', 'O5'],
    requires: ['streams'],
    async run(stage) {
      const execution = await stage.execution();
      const former = await execution.begin(stage.inputs.streams(300));
      const next = newInputId();
      let outcome = 'busy';
      while (outcome === 'busy' && !stage.signal.aborted) {
        ({ outcome } = await execution.dispatch(stage.inputs.completes(), next));
        if (outcome === 'busy') await turn();
      }
      assert.equal(outcome, 'accepted');
      assert.equal(execution.endsOf(former).length, 1, 'the former run had ended by then');
      await execution.ended(next);
    },
  },
  {
    id: 'EB-EVENT-008',
    title: 'what an execution is known by holds no secret of the backend',
    rules: ['B2', 'B3'],
    requires: ['canaries'],
    async run(stage) {
      const { facts } = await stage.execution();
      const shown = JSON.stringify(facts);
      assert.equal(canariesIn(shown, stage.harness.canaries).length, 0, 'a canary came out');
    },
  },
  {
    id: 'EB-EVENT-009',
    title: 'every event has a form that a host takes, and a run-ended no code but a declared one',
    rules: ['W16', 'B5'],
    async run(stage) {
      const execution = await stage.execution();
      const { completes, streams } = stage.harness.inputs;
      for (const parts of [completes(), ...(streams ? [streams(3)] : [])]) await execution.run(parts);
      const { events } = execution.publisher;
      const wrong = events.filter((event) => parseBackendEvent(event) === undefined);
      assert.deepEqual(wrong, [], 'each is an event of version 1');
      const codes = events.flatMap((event) => (event.type === 'run-ended' ? (event.code ?? []) : []));
      assert.deepEqual(
        codes.filter((code) => !execution.facts.codes?.includes(code)),
        [],
        'codes are declared',
      );
    },
  },
  {
    id: 'EB-EVENT-010',
    title: 'an execution that goes on has not said that it has exited',
    rules: ['W15'],
    async run(stage) {
      const execution = await stage.execution();
      for (let count = 0; count < 2; count += 1) {
        await execution.completes();
        assert.deepEqual(execution.publisher.exits, []);
      }
    },
  },
];
