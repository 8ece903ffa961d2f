import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';
import { accepted, newInputId } from './stage.js';

export const removeCases: readonly CaseDefinition[] = [
  {
    id: 'WL-REMOVE-001',
    title: 'a removed Worker has left nothing, and another is untouched',
    rules: ['W13'],
    async run(stage) {
      const [worker, other] = [stage.worker(), stage.worker()];
      const inputId = newInputId();
      await worker.append(3, [accepted(inputId)]);
      const { head } = await other.append(1);
      await worker.remove();
      assert.deepEqual(await worker.read(), { first: 1, last: 0, observations: [] });
      assert.equal(await worker.head(), undefined);
      assert.equal(await worker.input(inputId), undefined);
      assert.deepEqual(await stage.heads(), [head]);
    },
  },
  {
    id: 'WL-REMOVE-002',
    title: 'removal is taken again, and of a Worker that was never there',
    rules: ['W13'],
    async run(stage) {
      const worker = stage.worker();
      await worker.remove();
      await worker.append(1);
      await worker.remove();
      await worker.remove();
      assert.deepEqual(await stage.heads(), []);
    },
  },
  {
    id: 'WL-REMOVE-003',
    title: 'a tombstone is all that is left of its Worker, until a second removal',
    rules: ['R5', 'W13'],
    async run(stage) {
      const worker = stage.worker();
      const inputId = newInputId();
      await worker.append(3, [accepted(inputId)]);
      const tombstone = worker.headAt(1, 0);
      await worker.remove(tombstone);
      assert.deepEqual(await worker.read(), { first: 1, last: 0, observations: [] });
      assert.equal(await worker.input(inputId), undefined);
      assert.deepEqual([await worker.head(), ...(await stage.heads())], [tombstone, tombstone]);
      await worker.remove(worker.headAt(7, 0));
      assert.equal((await worker.head())?.revision, 7);
      await worker.remove();
      assert.deepEqual([await worker.head(), ...(await stage.heads())], [undefined]);
    },
  },
  {
    id: 'WL-REMOVE-004',
    title: 'the head of a tombstone can change, and nothing else comes back',
    rules: ['R5', 'W14'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(3);
      const late = worker.batch(1);
      await worker.remove(worker.headAt(1, 0));
      assert.equal(await worker.attempt(3, late), 'conflict');
      assert.equal(await worker.attempt(0, { ...stage.worker().batch(1), head: worker.headAt(9, 1) }), 'conflict');
      assert.equal(await worker.attempt(0, { observations: [], head: worker.headAt(2, 0) }), 'appended');
      assert.equal((await worker.head())?.revision, 2);
      await worker.follow().assertEnded();
    },
  },
  {
    id: 'WL-REMOVE-005',
    title: 'removal ends who follows, and who begins to follow afterwards',
    rules: ['W13', 'W18'],
    async run(stage) {
      for (const withTombstone of [false, true]) {
        const worker = stage.worker();
        await worker.append(1);
        const [waiting, behind] = [worker.follow(1).assertEnded(), worker.follow()];
        await behind.take(1);
        await worker.remove(withTombstone ? worker.headAt(1, 0) : undefined);
        await waiting;
        await behind.assertEnded();
        await worker.follow().assertEnded();
      }
    },
  },
];
