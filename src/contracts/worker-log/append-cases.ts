import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';
import { accepted, newInputId, notices, sequencesOf } from './stage.js';

export const appendCases: readonly CaseDefinition[] = [
  {
    id: 'WL-APPEND-001',
    title: 'what was appended is there: observations, head and ledger',
    rules: ['W6', 'O7'],
    async run(stage) {
      const worker = stage.worker();
      const inputId = newInputId();
      const { observations, head } = await worker.append(3, [accepted(inputId)]);
      assert.deepEqual(await worker.read(), { first: 1, last: 3, observations });
      assert.deepEqual(await worker.head(), head);
      assert.deepEqual(await worker.input(inputId), accepted(inputId));
    },
  },
  {
    id: 'WL-APPEND-002',
    title: 'an append becomes visible as a whole: who sees its observations finds its head and its ledger entries',
    rules: ['W6'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const follower = worker.follow(1);
      const inputId = newInputId();
      const appending = worker.append(2, [accepted(inputId)]);
      const seen = await follower.take(1);
      assert.ok(((await worker.head())?.sequence ?? 0) >= (seen[0]?.sequence ?? 0), 'the head is not older');
      assert.deepEqual(await worker.input(inputId), accepted(inputId));
      await appending;
    },
  },
  {
    id: 'WL-APPEND-003',
    title: 'an append after another sequence than the last is a conflict and leaves nothing',
    rules: ['W19', 'O7'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(3);
      const inputId = newInputId();
      const { head } = worker.batch(1);
      for (const after of [0, 2, 4]) {
        const batch = { observations: notices(after + 1, after + 1), head, inputs: [accepted(inputId)] };
        assert.equal(await worker.attempt(after, batch), 'conflict', `after ${after} of 3`);
      }
      await worker.assertUnchanged();
      assert.equal(await worker.input(inputId), undefined);
    },
  },
  {
    id: 'WL-APPEND-004',
    title: 'of appends that begin at the same sequence exactly one is appended, the others are conflicts',
    rules: ['W19', 'O7'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(2);
      const attempts = Array.from({ length: 8 }, () => worker.attempt(2, worker.batch(1)));
      const results = await Promise.all(attempts);
      assert.deepEqual(results.toSorted(), ['appended', ...Array.from({ length: 7 }, () => 'conflict')]);
      assert.deepEqual(sequencesOf((await worker.read()).observations), [1, 2, 3]);
    },
  },
  {
    id: 'WL-APPEND-005',
    title: 'of two hosts that change the head alone from the same revision exactly one succeeds',
    rules: ['W19', 'W8'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const results = await Promise.all([worker.attempt(1, worker.batch(0)), worker.attempt(1, worker.batch(0))]);
      assert.deepEqual(results.toSorted(), ['appended', 'conflict']);
    },
  },
  {
    id: 'WL-APPEND-006',
    title: 'a batch with a gap, or one that begins elsewhere, is failed and leaves nothing',
    rules: ['O7'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const { head } = worker.batch(1);
      const gapped = [...notices(2, 2), ...notices(4, 4)];
      for (const observations of [gapped, notices(1, 2), notices(3, 3), notices(2, 3).toReversed()]) {
        assert.equal(await worker.attempt(1, { observations, head }), 'failed', sequencesOf(observations).join());
      }
      await worker.assertUnchanged();
      await worker.append(1);
    },
  },
  {
    id: 'WL-APPEND-007',
    title: 'an append without observations changes head and ledger, and no sequence',
    rules: ['W8'],
    async run(stage) {
      const worker = stage.worker();
      const inputId = newInputId();
      const undecided = { inputId, digest: 'd', state: 'undecided' } as const;
      await worker.append(0, [undecided]);
      assert.deepEqual(await worker.input(inputId), undecided);
      await worker.append(1, [accepted(inputId)]);
      assert.deepEqual(await worker.input(inputId), accepted(inputId));
      await worker.append(0);
      await worker.assertUnchanged();
      assert.deepEqual(await worker.input(inputId), accepted(inputId));
    },
  },
  {
    id: 'WL-APPEND-008',
    title: 'Workers do not touch each other, and neither do two logs',
    rules: ['R4'],
    async run(stage) {
      const [one, other] = [stage.worker(), stage.worker()];
      await Promise.all([one.append(2), other.append(5)]);
      await Promise.all([one.append(1), other.append(1)]);
      await one.assertUnchanged();
      await other.assertUnchanged();
      await using second = await stage.harness.create({ signal: stage.signal });
      assert.equal(await second.head(one.id, { signal: stage.signal }), undefined);
    },
  },
];
