import assert from 'node:assert/strict';

import { Sequence } from '../../domain/ids.js';
import type { CallContext } from '../../ports/execution-backend.js';
import { pageLength } from '../../ports/worker-log.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId, sequencesOf } from './stage.js';
import type { LoggedWorker, Stage } from './stage.js';

type Reading = (stage: Stage, worker: LoggedWorker, call: CallContext) => Promise<unknown>;
const readings: Readonly<Record<string, Reading>> = {
  read: ({ log }, { id }, call) => log.read(id, Sequence(0), 10, call),
  head: ({ log }, { id }, call) => log.head(id, call),
  input: ({ log }, { id }, call) => log.input(id, newInputId(), call),
  heads: ({ log }, _, call) => log.heads(call)[Symbol.asyncIterator]().next(),
  follow: ({ log }, { id }, call) => log.follow(id, Sequence(0), call)[Symbol.asyncIterator]().next(),
};

const abortCases = Object.entries(readings).map(([method, read]): CaseDefinition => ({
  id: `WL-ABORT-${method}`,
  title: `${method} with an aborted signal rejects with its reason`,
  rules: ['W18'],
  async run(stage) {
    const worker = stage.worker();
    await worker.append(1);
    const reason = new Error('no more');
    const call = { signal: AbortSignal.abort(reason) };
    await assert.rejects(read(stage, worker, call), (cause) => cause === reason);
  },
}));

export const readCases: readonly CaseDefinition[] = [
  {
    id: 'WL-READ-001',
    title: 'a Worker without a log reads as empty',
    rules: ['O7'],
    async run(stage) {
      const worker = stage.worker();
      assert.deepEqual(await worker.read(), { first: 1, last: 0, observations: [] });
      assert.equal(await worker.head(), undefined);
      assert.equal(await worker.input(newInputId()), undefined);
    },
  },
  {
    id: 'WL-READ-002',
    title: 'pages of any limit hold every observation once, in order, in the very text that was appended',
    rules: ['O7'],
    async run(stage) {
      const worker = stage.worker();
      const appended = [await worker.append(4), await worker.append(1), await worker.append(5)];
      const whole = appended.flatMap(({ observations }) => observations);
      for (const limit of [1, 3, 10, 11]) {
        const read = [];
        for (let page = await worker.read(0, limit); page.observations.length > 0;) {
          assert.ok(page.observations.length <= limit, 'a page keeps its limit');
          read.push(...page.observations);
          page = await worker.read(read.length, limit);
        }
        assert.deepEqual(read, whole);
      }
    },
  },
  {
    id: 'WL-READ-003',
    title: 'a page from the end on, or from ahead of it, is empty and tells what is there',
    rules: ['P5'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(2);
      for (const after of [2, 3, 1_000]) {
        assert.deepEqual(await worker.read(after), { first: 1, last: 2, observations: [] });
      }
    },
  },
  {
    id: 'WL-READ-004',
    title: 'heads tells each Worker once, with its last head',
    rules: ['R3'],
    async run(stage) {
      const workers = Array.from({ length: 5 }, () => stage.worker());
      for (const worker of workers) await worker.append(1);
      const last = await Promise.all(workers.map((worker) => worker.append(2)));
      const byId = (a: { workerId: string }, b: { workerId: string }): number => (a.workerId < b.workerId ? -1 : 1);
      assert.deepEqual((await stage.heads()).toSorted(byId), last.map(({ head }) => head).toSorted(byId));
    },
  },
  {
    id: 'WL-READ-005',
    title:
      'a page of large observations is no longer than its bound, one that is larger goes alone, and all of them come',
    rules: ['P3', 'W18'],
    async run(stage) {
      const worker = stage.worker();
      const lengths = [pageLength / 2, pageLength / 2, pageLength * 2, 10, 10];
      await worker.appendOf(lengths);
      const pages: (readonly number[])[] = [];
      for (let read = 0; read < lengths.length; read += pages.at(-1)?.length ?? 1) {
        pages.push(sequencesOf((await worker.read(read)).observations));
      }
      assert.deepEqual(pages, [[1], [2], [3], [4, 5]]);
      const follower = worker.follow();
      for (const page of pages) {
        const next = await follower.next();
        assert.deepEqual(next.done ? [] : sequencesOf(next.value.observations), page);
      }
      await follower.leave();
    },
  },
  ...abortCases,
  {
    id: 'WL-TRIM-001',
    title: 'a trim removes the prefix and nothing else, and what is left keeps its text',
    rules: ['O7'],
    async run(stage) {
      const worker = stage.worker();
      const { observations } = await worker.append(6);
      await worker.trim(4);
      const page = await worker.read();
      assert.deepEqual(page, { first: 4, last: 6, observations: observations.slice(3) });
      assert.deepEqual(sequencesOf((await worker.read(4)).observations), [5, 6]);
      assert.deepEqual(sequencesOf((await worker.read(1, 1)).observations), [4]);
    },
  },
  {
    id: 'WL-TRIM-002',
    title: 'head and ledger stay after a trim',
    rules: ['W8'],
    async run(stage) {
      const worker = stage.worker();
      const undecided = { inputId: newInputId(), digest: 'd', state: 'undecided' } as const;
      const { head } = await worker.append(6, [undecided]);
      await worker.trim(7);
      assert.deepEqual(await worker.head(), head);
      assert.deepEqual(await worker.input(undecided.inputId), undecided);
    },
  },
  {
    id: 'WL-TRIM-003',
    title: 'a trim of what is gone, of everything and past the end is taken, and appends go on from the same sequence',
    rules: ['O7'],
    async run(stage) {
      const worker = stage.worker();
      await worker.trim(3);
      await worker.append(4);
      for (const before of [3, 3, 1, 0]) await worker.trim(before);
      assert.deepEqual(sequencesOf((await worker.read()).observations), [3, 4]);
      for (const before of [5, 100]) await worker.trim(before);
      assert.deepEqual(await worker.read(), { first: 5, last: 4, observations: [] });
      const { observations } = await worker.append(2);
      assert.deepEqual(await worker.read(), { first: 5, last: 6, observations });
    },
  },
];
