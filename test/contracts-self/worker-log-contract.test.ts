import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { checkContract } from '../../src/contracts/check-contract.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { Sequence } from '../../src/domain/ids.js';
import type { LogPage, WorkerLog } from '../../src/ports/worker-log.js';

/** A log that differs from a right one in these methods. */
function withBug(bug: (right: WorkerLog) => Partial<WorkerLog>): WorkerLog {
  const right = inMemoryLog();
  const methods: WorkerLog = {
    durability: right.durability,
    append: right.append.bind(right),
    read: right.read.bind(right),
    follow: right.follow.bind(right),
    head: right.head.bind(right),
    heads: right.heads.bind(right),
    input: right.input.bind(right),
    trim: right.trim.bind(right),
    remove: right.remove.bind(right),
    [Symbol.asyncDispose]: () => right[Symbol.asyncDispose](),
  };
  return { ...methods, ...bug(right) };
}

const rewritten = (page: LogPage): LogPage => ({
  ...page,
  observations: page.observations.map(({ sequence, json }) => ({
    sequence,
    json: `${json} `,
  })),
});

const bugs: Readonly<
  Record<string, { readonly bug: (right: WorkerLog) => Partial<WorkerLog>; readonly fails: readonly string[] }>
> = {
  'the last host wins': {
    bug: (right) => ({
      async append(workerId, after, batch) {
        const result = await right.append(workerId, after, batch);
        return result === 'conflict' ? 'appended' : result;
      },
    }),
    fails: ['WL-APPEND-003', 'WL-APPEND-004', 'WL-APPEND-005', 'WL-REMOVE-004'],
  },
  'the ledger goes with the trimmed': {
    bug: (right) => {
      const trimmed = new Set<string>();
      return {
        trim: (workerId, before) => (trimmed.add(workerId), right.trim(workerId, before)),
        input: async (workerId, ...rest) => (trimmed.has(workerId) ? undefined : right.input(workerId, ...rest)),
      };
    },
    fails: ['WL-TRIM-002'],
  },
  'what is retained is written anew': {
    bug: (right) => ({ read: async (...given) => rewritten(await right.read(...given)) }),
    fails: ['WL-APPEND-001', 'WL-READ-002', 'WL-TRIM-001', 'WL-TRIM-003'],
  },
  'a trim does nothing': {
    bug: () => ({ trim: () => Promise.resolve() }),
    fails: ['WL-TRIM-001', 'WL-TRIM-003', 'WL-FOLLOW-003'],
  },
  'a trim takes one more': {
    bug: (right) => ({ trim: (workerId, before) => right.trim(workerId, Sequence(before + 1)) }),
    fails: ['WL-TRIM-001', 'WL-TRIM-003', 'WL-FOLLOW-003'],
  },
  'a tombstone is nothing': {
    bug: (right) => ({ remove: (workerId) => right.remove(workerId) }),
    fails: ['WL-REMOVE-003', 'WL-REMOVE-004'],
  },
  'a second removal throws': {
    bug: (right) => ({
      async remove(workerId, tombstone) {
        if (!(await right.head(workerId, { signal: new AbortController().signal }))) throw new Error('unknown');
        await right.remove(workerId, tombstone);
      },
    }),
    fails: ['WL-REMOVE-002'],
  },
  'abort is not looked at': {
    bug: (right) => {
      const { signal } = new AbortController();
      return {
        read: (workerId, after, limit) => right.read(workerId, after, limit, { signal }),
        follow: (workerId, after) => right.follow(workerId, after, { signal }),
      };
    },
    fails: ['WL-ABORT-read', 'WL-ABORT-follow', 'WL-FOLLOW-005'],
  },
  'a follower that waits cannot leave': {
    bug: (right) => ({
      async *follow(...given) {
        yield* right.follow(...given);
      },
    }),
    fails: ['WL-FOLLOW-004'],
  },
  'a follower gets only what is there': {
    bug: (right) => ({
      async *follow(workerId, after, call) {
        const page = await right.read(workerId, after, 1_000, call);
        if (page.observations.length > 0) yield page;
      },
    }),
    fails: [
      ...['WL-FOLLOW-001', 'WL-FOLLOW-002', 'WL-FOLLOW-003', 'WL-FOLLOW-005'],
      ...['WL-FOLLOW-006', 'WL-FOLLOW-007', 'WL-READ-005'],
    ],
  },
  'heads tells the first head only': {
    bug: (right) => ({
      async *heads(call) {
        for await (const head of right.heads(call)) {
          yield head;
          return;
        }
      },
    }),
    fails: ['WL-READ-004'],
  },
};

test.each(Object.entries(bugs))('%s: exactly the cases that say so fail', async (_, { bug, fails }) => {
  const harness = { create: () => Promise.resolve(withBug(bug)), timing: 0.1 };
  const report = await checkContract(workerLogContract(harness), { capabilities: [] });
  const failed = report.results.filter(({ status }) => status === 'failed').map(({ id }) => id);
  expect(failed.toSorted()).toEqual(fails.toSorted());
});

test('the ids of cases are unique', () => {
  const ids = workerLogContract({ create: () => Promise.resolve(inMemoryLog()) }).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
