import assert from 'node:assert/strict';

import type { CaseDefinition } from './case-definition.js';
import { sequencesOf } from './stage.js';

export const followCases: readonly CaseDefinition[] = [
  {
    id: 'WL-FOLLOW-001',
    title: 'a follower gets what is there and then what is appended, each once and in order, in the very text',
    rules: ['P3', 'O7'],
    async run(stage) {
      const worker = stage.worker();
      const before = await worker.append(3);
      const follower = worker.follow(1);
      const first = await follower.take(2);
      const waiting = follower.take(4);
      const after = [await worker.append(1), await worker.append(2), await worker.append(1)];
      const whole = [before, ...after].flatMap(({ observations }) => observations).slice(1);
      assert.deepEqual([...first, ...(await waiting)], whole);
    },
  },
  {
    id: 'WL-FOLLOW-002',
    title: 'a follower from the end, or from ahead of it, gets only what comes after',
    rules: ['P5'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(2);
      const [atEnd, ahead] = [worker.follow(2), worker.follow(4)];
      const waiting = [atEnd.take(4), ahead.take(2)];
      for (let count = 0; count < 4; count += 1) await worker.append(1);
      const taken = await Promise.all(waiting);
      assert.deepEqual(taken.map(sequencesOf), [
        [3, 4, 5, 6],
        [5, 6],
      ]);
    },
  },
  {
    id: 'WL-FOLLOW-003',
    title: 'a follower behind what is retained goes on at the first retained',
    rules: ['P3', 'O7'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(5);
      await worker.trim(4);
      assert.deepEqual(sequencesOf(await worker.follow(1).take(2)), [4, 5]);
      await worker.trim(6);
      const follower = worker.follow(1);
      const waiting = follower.take(1);
      await worker.append(1);
      assert.deepEqual(sequencesOf(await waiting), [6]);
    },
  },
  {
    id: 'WL-FOLLOW-004',
    title: 'who leaves while nothing comes is let go at once, and gets nothing more',
    rules: ['P3', 'W18'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const follower = worker.follow(1);
      const waiting = follower.next();
      await follower.leave();
      assert.equal((await waiting).done, true);
      await worker.append(1);
      await follower.assertEnded();
    },
  },
  {
    id: 'WL-FOLLOW-005',
    title: 'abort while nothing comes rejects with the reason of the signal',
    rules: ['W18'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const controller = new AbortController();
      const waiting = worker.follow(1, controller.signal).next();
      const reason = new Error('no more');
      controller.abort(reason);
      await assert.rejects(waiting, (cause) => cause === reason);
    },
  },
  {
    id: 'WL-FOLLOW-006',
    title: 'a follower that does not read holds up neither appends nor another follower',
    rules: ['P3'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const [slow, quick] = [worker.follow(), worker.follow()];
      await slow.take(1);
      const waiting = quick.take(200);
      for (let count = 1; count < 200; count += 1) await worker.append(1);
      const whole = await waiting;
      assert.deepEqual(sequencesOf(await slow.take(199)), sequencesOf(whole).slice(1));
    },
  },
  {
    id: 'WL-FOLLOW-007',
    title: 'an append without observations gives a follower nothing',
    rules: ['P3'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const waiting = worker.follow(1).take(1);
      await worker.append(0);
      await worker.append(1);
      assert.deepEqual(sequencesOf(await waiting), [2]);
    },
  },
  {
    id: 'WL-FOLLOW-008',
    title: 'disposal ends who follows, and is taken twice',
    rules: ['W18'],
    async run(stage) {
      const worker = stage.worker();
      await worker.append(1);
      const waiting = worker.follow(1).assertEnded();
      await stage.log[Symbol.asyncDispose]();
      await stage.log[Symbol.asyncDispose]();
      await waiting;
    },
  },
];
