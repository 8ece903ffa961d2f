import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';
import { newInputId, typesOf, words, written } from './stage.js';

/** Fewer than the listeners to one signal for which Node warns of a leak. */
const eight = Array.from({ length: 8 }, (_, index) => index);
const rejected = (code: string) => ({ outcome: 'rejected', code });

/** The same asked at once, asked again and again, and beside each other. */
export const concurrentCases: readonly CaseDefinition[] = [
  {
    id: 'GW-CREATE-005',
    title: 'eight creates with one key at once make one Worker, and eight without one make eight',
    rules: ['W5', 'W8'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const command = { type: 'create', runtimeId, profile } as const;
      const same = await Promise.all(eight.map(() => stage.accepted({ ...command, idempotencyKey: 'key-1' })));
      assert.equal(new Set(same.map(({ worker }) => worker.workerId)).size, 1);
      assert.equal(same.filter(({ created }) => created).length, 1);
      const each = await Promise.all(eight.map(() => stage.accepted(command)));
      assert.equal(new Set(each.map(({ worker }) => worker.workerId)).size, eight.length);
      const { workers } = await stage.answered({ type: 'workers', runtimeId, limit: 200 });
      assert.equal(workers.length, eight.length + 1);
    },
  },
  {
    id: 'GW-INPUT-005',
    title: 'the same input eight times at once runs once, and each is answered the same',
    rules: ['W8'],
    async run(stage) {
      const worker = await stage.create();
      const command = { type: 'input', worker, inputId: newInputId(), parts: words('once') } as const;
      const answers = await Promise.all(eight.map(() => stage.accepted(command)));
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      const seen = typesOf(await stage.until(worker, 'input-ended'));
      assert.equal(seen.filter((type) => type === 'input-accepted').length, 1);
    },
  },
  {
    id: 'GW-INPUT-006',
    title: 'of eight inputs at once one is accepted, and the others are busy with its id',
    rules: ['W7'],
    async run(stage) {
      const worker = await stage.create();
      const answers = await Promise.all(
        eight.map((index) => stage.execute({ type: 'input', worker, parts: words(`hold ${index}`) })),
      );
      const [accepted, ...others] = answers.toSorted((one, other) => (one.outcome < other.outcome ? -1 : 1));
      assert.ok(accepted?.outcome === 'accepted', JSON.stringify(answers));
      for (const other of others) assert.deepEqual(other, { outcome: 'busy', inputId: accepted.inputId });
    },
  },
  {
    id: 'GW-INPUT-007',
    title: 'inputs that are refused leave the Worker and its log as they were',
    rules: ['W6', 'W10'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = newInputId();
      await stage.accepted({ type: 'input', worker, inputId, parts: words('hold') });
      const before = await stage.told(worker);
      await stage.execute({ type: 'input', worker, parts: words('second') });
      await stage.execute({ type: 'input', worker, parts: [] });
      await stage.execute({ type: 'input', worker, inputId, parts: words('other') });
      assert.deepEqual(await stage.told(worker), before);
    },
  },
  {
    id: 'GW-INPUT-008',
    title: 'eight inputs one after the other each run to their end, in one gapless log',
    rules: ['O3', 'O4', 'O5', 'O7'],
    async run(stage) {
      const worker = await stage.create();
      for (const index of eight) await stage.runs(worker, `run ${index}`);
      const { observations } = await stage.answered({ type: 'observations', worker, limit: 500 });
      assert.deepEqual(
        observations.map(({ sequence }) => sequence),
        observations.map((_, index) => index + 1),
      );
      const edges = observations.filter(({ event }) => ['input-accepted', 'input-ended'].includes(event.type));
      assert.deepEqual(
        typesOf(edges),
        eight.flatMap(() => ['input-accepted', 'input-ended']),
      );
      for (let index = 0; index < edges.length; index += 2)
        assert.equal(edges[index]?.inputId, edges[index + 1]?.inputId);
    },
  },
  {
    id: 'GW-CANCEL-002',
    title:
      'a second cancel waits with the first or comes after the end, the input ends once, and the next is untouched',
    rules: ['W11', 'O4'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'hold');
      const command = { type: 'cancel', worker, inputId, deadlineMs: 5_000 } as const;
      const answers = await Promise.all([stage.execute(command), stage.execute(command)]);
      const quiesced = { outcome: 'accepted', end: 'quiesced' };
      const [first, second] = answers.toSorted((one, other) => (one.outcome < other.outcome ? -1 : 1));
      assert.deepEqual(first, quiesced);
      // Over a wire, two that are sent at once may come one after the other.
      assert.deepEqual(second, second?.outcome === 'accepted' ? quiesced : rejected('input-not-open'));
      const ended = await stage.first(worker, 'input-ended');
      assert.deepEqual([ended.inputId, ended.event.end], [inputId, 'cancelled']);
      const next = await stage.input(worker, 'hold');
      assert.deepEqual(await stage.execute(command), rejected('input-not-open'));
      const { worker: view } = await stage.answered({ type: 'worker', worker });
      assert.equal(view.openInput?.inputId, next);
    },
  },
  {
    id: 'GW-CANCEL-003',
    title: 'a deadline or a grace out of 0 … 60,000 is request-invalid, and nothing ends',
    rules: ['W18'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'hold');
      for (const ms of [-1, 60_001, 0.5]) {
        const cancel = await stage.execute({ type: 'cancel', worker, inputId, deadlineMs: ms });
        assert.deepEqual(cancel, rejected('request-invalid'));
        assert.deepEqual(await stage.execute({ type: 'stop', worker, graceMs: ms }), rejected('request-invalid'));
      }
      const { worker: view } = await stage.answered({ type: 'worker', worker });
      assert.deepEqual([view.status, view.openInput?.inputId], ['busy', inputId]);
    },
  },
  {
    id: 'GW-ANSWER-002',
    title: 'the first of two answers takes a question, the other is question-closed, and its answer is told once',
    rules: ['W17', 'O6'],
    async run(stage) {
      const worker = await stage.create();
      await stage.input(worker, 'ask');
      const { questionId } = (await stage.first(worker, 'question-asked')).event;
      const command = { type: 'answer', worker, questionId } as const;
      const texts = ['yes', 'no'];
      const answers = await Promise.all(texts.map((text) => stage.execute({ ...command, answer: { text } })));
      const [taken, other] = answers.toSorted((one, two) => (one.outcome < two.outcome ? -1 : 1));
      assert.deepEqual([taken, other], [{ outcome: 'accepted' }, rejected('question-closed')]);
      const text = texts[answers.findIndex(({ outcome }) => outcome === 'accepted')];
      const seen = await stage.until(worker, 'input-ended');
      const closed = seen.flatMap(({ event }) => (event.type === 'question-closed' ? [event] : []));
      assert.deepEqual(closed, [{ type: 'question-closed', questionId, end: 'answered', answer: { text } }]);
    },
  },
  {
    id: 'GW-ANSWER-003',
    title: 'a question that nobody answers is open until its input is cancelled, then interrupted before its end',
    rules: ['W17', 'O6'],
    async run(stage) {
      const worker = await stage.create();
      const inputId = await stage.input(worker, 'ask');
      const { questionId } = (await stage.first(worker, 'question-asked')).event;
      const { worker: view } = await stage.answered({ type: 'worker', worker });
      assert.deepEqual(view.openQuestions, [{ questionId, prompt: 'Go on?' }]);
      await stage.accepted({ type: 'cancel', worker, inputId });
      const seen = await stage.until(worker, 'input-ended');
      const ends = seen.flatMap(({ event }) => ('end' in event ? [`${event.type} ${event.end}`] : []));
      assert.deepEqual(ends, ['question-closed interrupted', 'input-ended cancelled']);
      const late = { type: 'answer', worker, questionId, answer: { text: 'yes' } } as const;
      assert.deepEqual(await stage.execute(late), rejected('question-closed'));
    },
  },
  {
    id: 'GW-STOP-003',
    title: 'eight stops at once end one Worker once, and no other',
    rules: ['W13', 'W16', 'O1'],
    async run(stage) {
      const [worker, other] = [await stage.create(), await stage.create()];
      const held = await stage.input(other, 'hold');
      const stops = await Promise.all(eight.map(() => stage.accepted({ type: 'stop', worker })));
      for (const stop of stops) assert.deepEqual(stop, stops[0]);
      const types = typesOf(await stage.until(worker, 'worker-stopped'));
      assert.equal(types.filter((type) => type === 'worker-stopping').length, 1);
      const { worker: view } = await stage.answered({ type: 'worker', worker: other });
      assert.deepEqual([view.status, view.openInput?.inputId], ['busy', held]);
    },
  },
  {
    id: 'GW-DELETE-002',
    title: 'a deleted Worker is in no list and cannot be read, and another is untouched',
    rules: ['W13', 'B4'],
    async run(stage) {
      const { runtimeId } = stage;
      const [worker, other] = [await stage.stopped(), await stage.create()];
      await stage.runs(other, 'stays');
      const { observations } = await stage.answered({ type: 'observations', worker: other });
      await Promise.all(eight.map(() => stage.accepted({ type: 'delete', worker })));
      for (const type of ['worker', 'transcript', 'observations'] as const)
        assert.deepEqual(await stage.read({ type, worker }), rejected('worker-unknown'), type);
      const { workers } = await stage.answered({ type: 'workers', runtimeId });
      assert.deepEqual(
        workers.map(({ workerId }) => workerId),
        [other.workerId],
      );
      const left = await stage.answered({ type: 'observations', worker: other });
      assert.deepEqual(written(left.observations), written(observations));
    },
  },
];
