import assert from 'node:assert/strict';

import { QuestionId, RuntimeId } from '../../domain/ids.js';
import type { Command, Query } from '../../ports/browser-gateway.js';
import { canariesIn } from '../canaries.js';
import type { CaseDefinition } from './case-definition.js';
import { assertAnswer, assertFrame, assertOutcome } from './shapes.js';
import type { Stage } from './stage.js';
import { newInputId, words } from './stage.js';

async function assertShaped(stage: Stage, outcome: string, command: Command): Promise<void> {
  const answer = await stage.execute(command);
  assertOutcome(command.type, answer);
  assert.equal(answer.outcome, outcome, `${command.type} answered ${JSON.stringify(answer)}`);
}

export const shapeCases: readonly CaseDefinition[] = [
  {
    id: 'GW-SHAPE-001',
    title: 'every outcome is one of the closed algebra, with its fields and no others',
    rules: ['B1', 'W16'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const input = { parts: words('hello') };
      await assertShaped(stage, 'accepted', { type: 'create', runtimeId, profile, displayName: 'One', input });
      await assertShaped(stage, 'rejected', { type: 'create', runtimeId, profile: 'nobody-offers-this' });
      const worker = await stage.create();
      const inputId = newInputId();
      await assertShaped(stage, 'accepted', { type: 'input', worker, inputId, parts: words('ask') });
      await assertShaped(stage, 'busy', { type: 'input', worker, parts: words('second') });
      await assertShaped(stage, 'rejected', { type: 'input', worker, parts: [] });
      const { questionId } = (await stage.first(worker, 'question-asked')).event;
      const unknown = { questionId: QuestionId('nobody-asked'), answer: { text: 'yes' } };
      await assertShaped(stage, 'rejected', { type: 'answer', worker, ...unknown });
      await assertShaped(stage, 'accepted', { type: 'answer', worker, questionId, answer: { text: 'yes' } });
      await stage.until(worker, 'input-ended');
      await assertShaped(stage, 'rejected', { type: 'cancel', worker, inputId });
      const held = await stage.input(worker, 'hold');
      await assertShaped(stage, 'accepted', { type: 'cancel', worker, inputId: held });
      await assertShaped(stage, 'accepted', { type: 'reconnect', worker });
      await assertShaped(stage, 'rejected', { type: 'delete', worker });
      await assertShaped(stage, 'accepted', { type: 'stop', worker });
      await assertShaped(stage, 'accepted', { type: 'delete', worker });
    },
  },
  {
    id: 'GW-SHAPE-002',
    title: 'every answer to a read, in every status, has the fields of the browser API and no others',
    rules: ['B1', 'W3'],
    async run(stage) {
      const { runtimeId } = stage;
      const worker = await stage.create({ displayName: 'One' });
      const elsewhere = RuntimeId('elsewhere');
      const queries: readonly Query[] = [
        { type: 'runtimes' },
        { type: 'profiles', runtimeId },
        { type: 'workers', runtimeId },
        { type: 'worker', worker },
        { type: 'transcript', worker },
        { type: 'observations', worker },
      ];
      const readAll = async (): Promise<void> => {
        for (const query of queries) assertAnswer(query.type, await stage.answered(query));
      };
      await readAll();
      const inputId = await stage.input(worker, 'ask');
      await stage.first(worker, 'question-asked');
      await readAll();
      await stage.accepted({ type: 'cancel', worker, inputId });
      await stage.accepted({ type: 'stop', worker });
      await readAll();
      assertAnswer('workers', await stage.read({ type: 'workers', runtimeId: elsewhere }));
      assertAnswer('worker', await stage.read({ type: 'worker', worker: { ...worker, runtimeId: elsewhere } }));
    },
  },
  {
    id: 'GW-SHAPE-003',
    title: 'every frame of a stream has the fields of the browser API and no others',
    rules: ['B1'],
    async run(stage) {
      const worker = await stage.create();
      await stage.runs(worker, 'before');
      const frames = stage.frames(worker);
      assertFrame(await stage.next(frames));
      await stage.input(worker, 'hold');
      await stage.accepted({ type: 'stop', worker });
      await stage.accepted({ type: 'delete', worker });
      for (let frame = await stage.next(frames); ; frame = await stage.next(frames)) {
        assertFrame(frame);
        if (frame.type === 'end') break;
      }
      assertFrame(await stage.next(stage.frames(worker)));
    },
  },
  {
    id: 'GW-SHAPE-004',
    title: 'what a backend keeps to itself comes out nowhere: a failure is shown as a code and a correlation',
    rules: ['B2', 'B3', 'B5'],
    requires: ['canaries'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'fail');
      const seen = await stage.until(worker, 'input-ended');
      const ended = await stage.first(worker, 'input-ended');
      assert.equal(ended.event.end, 'failed');
      const answers = [
        seen,
        await stage.answered({ type: 'worker', worker }),
        await stage.answered({ type: 'transcript', worker }),
        await stage.answered({ type: 'runtimes' }),
        await stage.next(stage.frames(worker)),
      ];
      const told = JSON.stringify(answers);
      assert.equal(canariesIn(told, stage.canaries).length, 0, 'a canary came out');
    },
  },
];
