import assert from 'node:assert/strict';

import type { Sequence } from '../../domain/ids.js';
import { RuntimeId, WorkerId } from '../../domain/ids.js';
import type { Query, WorkerRef } from '../../ports/browser-gateway.js';
import type { CaseDefinition } from './case-definition.js';
import type { Stage } from './stage.js';
import { written } from './stage.js';

const rejected = (code: string) => ({ outcome: 'rejected', code });

const queriesOf = (worker: WorkerRef): readonly Query[] => [
  { type: 'worker', worker },
  { type: 'transcript', worker },
  { type: 'observations', worker },
];

async function runs(stage: Stage, worker: WorkerRef, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await stage.runs(worker, `run ${index}`);
}

/** Every key in a value, at any depth. */
function keysOf(value: unknown): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysOf(inner)]);
}

export const readCases: readonly CaseDefinition[] = [
  {
    id: 'GW-READ-001',
    title: 'the Runtime and its profiles are listed',
    rules: ['B1'],
    async run(stage) {
      const { runtimeId, profile } = stage;
      const { runtimes } = await stage.answered({ type: 'runtimes' });
      assert.deepEqual(
        runtimes.filter((runtime) => runtime.runtimeId === runtimeId).map(({ draining }) => draining),
        [false],
      );
      const { profiles } = await stage.answered({ type: 'profiles', runtimeId });
      assert.ok(profiles.some(({ name, label }) => name === profile && label.length > 0));
    },
  },
  {
    id: 'GW-READ-002',
    title: 'pages of Workers of any limit hold each of them once, ascending',
    rules: ['B4'],
    async run(stage) {
      const { runtimeId } = stage;
      const made = await Promise.all(Array.from({ length: 5 }, () => stage.create()));
      for (const limit of [1, 2, 5, 200]) {
        const seen: WorkerId[] = [];
        for (let after: WorkerId | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
          const page: Awaited<ReturnType<typeof listed>> = await listed(stage, after, limit);
          assert.ok(page.workers.length <= limit, 'a page keeps its limit');
          seen.push(...page.workers.map(({ workerId }) => workerId));
          after = page.next;
        }
        assert.deepEqual(seen, made.map(({ workerId }) => workerId).toSorted());
      }
      const stopped = await stage.answered({ type: 'workers', runtimeId, status: 'stopped' });
      assert.deepEqual(stopped.workers, []);
    },
  },
  {
    id: 'GW-READ-003',
    title: 'pages of observations of any limit join to the whole log, in the same bytes',
    rules: ['W3', 'O7', 'P5'],
    async run(stage) {
      const worker = await stage.create();
      await runs(stage, worker, 3);
      const whole = await stage.answered({ type: 'observations', worker, limit: 500 });
      const sequences = whole.observations.map(({ sequence }) => sequence);
      assert.deepEqual(
        sequences,
        sequences.map((_, index) => index + 1),
      );
      for (const limit of [1, 4, sequences.length]) {
        const seen: string[] = [];
        for (let after: string | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
          const page: typeof whole = await stage.answered({ type: 'observations', worker, after, limit });
          seen.push(...written(page.observations));
          after = page.next;
        }
        assert.deepEqual(seen, written(whole.observations));
      }
    },
  },
  {
    id: 'GW-READ-004',
    title: 'pages of a transcript of any limit join to the whole of it',
    rules: ['W3'],
    async run(stage) {
      const worker = await stage.create();
      await runs(stage, worker, 3);
      const whole = await stage.answered({ type: 'transcript', worker, limit: 500 });
      assert.deepEqual(
        whole.entries.map(({ role, complete }) => [role, complete]),
        Array.from({ length: 6 }, (_, index) => [index % 2 === 0 ? 'user' : 'assistant', true]),
      );
      for (const limit of [1, 4]) {
        const seen: unknown[] = [];
        for (let after: Sequence | undefined, isFirst = true; isFirst || after !== undefined; isFirst = false) {
          const page: typeof whole = await stage.answered({ type: 'transcript', worker, after, limit });
          seen.push(...page.entries);
          after = page.next;
        }
        assert.deepEqual(seen, whole.entries);
      }
    },
  },
  {
    id: 'GW-READ-005',
    title: 'limits out of range, 0 included, are limit-invalid',
    rules: ['W3'],
    async run(stage) {
      const { runtimeId } = stage;
      const worker = await stage.create();
      for (const limit of [0, -1, 501]) {
        for (const type of ['transcript', 'observations'] as const) {
          assert.deepEqual(await stage.read({ type, worker, limit }), rejected('limit-invalid'), type);
        }
        assert.deepEqual(await stage.read({ type: 'workers', runtimeId, limit }), rejected('limit-invalid'));
      }
    },
  },
  {
    id: 'GW-READ-006',
    title: 'reads of a Worker or a Runtime that nobody knows are refused by name',
    rules: ['B4'],
    async run(stage) {
      const workerId = WorkerId('00000000-0000-7000-8000-000000000000');
      for (const query of queriesOf({ runtimeId: stage.runtimeId, workerId })) {
        assert.deepEqual(await stage.read(query), rejected('worker-unknown'), query.type);
      }
      const runtimeId = RuntimeId('elsewhere');
      const elsewhere: readonly Query[] = [
        { type: 'profiles', runtimeId },
        { type: 'workers', runtimeId },
        ...queriesOf({ runtimeId, workerId }),
      ];
      for (const query of elsewhere) {
        assert.deepEqual(await stage.read(query), rejected('runtime-unknown'), query.type);
      }
    },
  },
  {
    id: 'GW-READ-007',
    title: 'nothing that is shown foretells what an operation would answer',
    rules: ['W3', 'W4'],
    async run(stage) {
      const { runtimeId } = stage;
      const worker = await stage.create();
      await runs(stage, worker, 1);
      const queries: readonly Query[] = [
        { type: 'runtimes' },
        { type: 'profiles', runtimeId },
        { type: 'workers', runtimeId },
        ...queriesOf(worker),
      ];
      for (const query of queries) {
        const keys = keysOf(JSON.parse(JSON.stringify(await stage.answered(query))));
        assert.deepEqual(
          keys.filter((key) => /^can[A-Z]|capabilit/.test(key)),
          [],
          query.type,
        );
      }
    },
  },
  {
    id: 'GW-READ-008',
    title: 'the view of a Worker says what its log says: status, open input, open questions, last cursor',
    rules: ['W3', 'W10'],
    async run(stage) {
      const { runtimeId } = stage;
      const worker = await stage.create();
      const shown = async () => {
        const { worker: view } = await stage.answered({ type: 'worker', worker });
        const { observations } = await stage.answered({ type: 'observations', worker, limit: 500 });
        assert.equal(view.lastCursor, observations.at(-1)?.cursor);
        const { workers } = await stage.answered({ type: 'workers', runtimeId, status: view.status });
        assert.deepEqual(workers, [view]);
        return [view.status, view.openInput?.inputId, view.openQuestions.length];
      };
      assert.deepEqual(await shown(), ['idle', undefined, 0]);
      const inputId = await stage.input(worker, 'ask');
      await stage.first(worker, 'question-asked');
      assert.deepEqual(await shown(), ['busy', inputId, 1]);
      await stage.accepted({ type: 'cancel', worker, inputId });
      assert.deepEqual(await shown(), ['idle', undefined, 0]);
      await stage.accepted({ type: 'stop', worker });
      assert.deepEqual(await shown(), ['stopped', undefined, 0]);
    },
  },
];

const listed = (stage: Stage, after: WorkerId | undefined, limit: number) =>
  stage.answered({ type: 'workers', runtimeId: stage.runtimeId, after, limit });
