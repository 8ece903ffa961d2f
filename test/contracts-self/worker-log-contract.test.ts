import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { checkContract } from '../../src/contracts/check-contract.js';
import { workerLogContract } from '../../src/contracts/worker-log-contract.js';
import { Sequence } from '../../src/domain/ids.js';
import type { InputId, WorkerId } from '../../src/domain/ids.js';
import type { LedgerEntry, LogPage, WorkerHead, WorkerLog } from '../../src/ports/worker-log.js';

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

const unaborted = { signal: new AbortController().signal };
const shared = inMemoryLog();

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
  'a Worker without a log begins at 0': {
    bug: (right) => ({
      async read(...given) {
        const page = await right.read(...given);
        return page.last === 0 ? { ...page, first: Sequence(0) } : page;
      },
    }),
    fails: ['WL-READ-001', 'WL-REMOVE-001', 'WL-REMOVE-003'],
  },
  'a page from ahead of the end is the first page': {
    bug: (right) => ({
      async read(workerId, after, ...rest) {
        const page = await right.read(workerId, after, ...rest);
        return after > page.last ? right.read(workerId, Sequence(0), ...rest) : page;
      },
    }),
    fails: ['WL-READ-003'],
  },
  'observations are seen before their head': {
    bug: (right) => {
      const former = new Map<WorkerId, WorkerHead | undefined>();
      return {
        async append(workerId, ...rest) {
          former.set(workerId, await right.head(workerId, unaborted));
          const result = await right.append(workerId, ...rest);
          for (let turns = 0; turns < 3; turns += 1) await new Promise(setImmediate);
          former.delete(workerId);
          return result;
        },
        head: async (workerId, call) => (former.has(workerId) ? former.get(workerId) : right.head(workerId, call)),
      };
    },
    fails: ['WL-APPEND-002'],
  },
  'a gap is closed by numbering anew': {
    bug: (right) => ({
      async append(workerId, after, batch) {
        const result = await right.append(workerId, after, batch);
        if (result !== 'failed') return result;
        const observations = batch.observations.map(({ json }, index) => ({
          sequence: Sequence(after + 1 + index),
          json,
        }));
        return right.append(workerId, after, { ...batch, observations });
      },
    }),
    fails: ['WL-APPEND-006'],
  },
  'an append without observations is nothing': {
    bug: (right) => ({
      append: async (workerId, after, batch) =>
        batch.observations.length === 0 ? 'appended' : right.append(workerId, after, batch),
    }),
    fails: ['WL-APPEND-005', 'WL-APPEND-007', 'WL-REMOVE-004'],
  },
  'the ledger goes only with observations': {
    bug: (right) => ({
      append: (workerId, after, batch) =>
        right.append(workerId, after, batch.observations.length === 0 ? { ...batch, inputs: [] } : batch),
    }),
    fails: ['WL-APPEND-007'],
  },
  'two logs are one': {
    bug: () => {
      const { append, read, follow, head, heads, input, trim, remove } = shared;
      const methods = { append, read, follow, head, heads, input, trim, remove };
      return Object.fromEntries(Object.entries(methods).map(([name, method]) => [name, method.bind(shared)]));
    },
    fails: ['WL-APPEND-008', 'WL-READ-004', 'WL-FOLLOW-008', 'WL-REMOVE-001', 'WL-REMOVE-002', 'WL-REMOVE-003'],
  },
  'removal leaves the ledger': {
    bug: (right) => {
      const ledger = new Map<InputId, LedgerEntry>();
      return {
        async append(workerId, after, batch) {
          const result = await right.append(workerId, after, batch);
          const inputs = result === 'appended' ? (batch.inputs ?? []) : [];
          for (const entry of inputs) ledger.set(entry.inputId, entry);
          return result;
        },
        input: async (workerId, inputId, call) => (await right.input(workerId, inputId, call)) ?? ledger.get(inputId),
      };
    },
    fails: ['WL-REMOVE-001', 'WL-REMOVE-003'],
  },
  'a follower outlives what it follows': {
    bug: (right) => ({
      async *follow(workerId, after, call) {
        yield* right.follow(workerId, after, call);
        await new Promise(() => undefined);
      },
    }),
    fails: ['WL-FOLLOW-004', 'WL-FOLLOW-008', 'WL-REMOVE-004', 'WL-REMOVE-005'],
  },
  'disposal lets nobody go': {
    bug: () => ({ [Symbol.asyncDispose]: () => Promise.resolve() }),
    fails: ['WL-FOLLOW-008'],
  },
  'a second disposal throws': {
    bug: (right) => {
      let disposed = false;
      return {
        async [Symbol.asyncDispose]() {
          if (disposed) throw new Error('disposed of already');
          disposed = true;
          await right[Symbol.asyncDispose]();
        },
      };
    },
    fails: ['WL-FOLLOW-008'],
  },
  'abort is looked at by pages alone': {
    bug: (right) => ({
      head: (workerId) => right.head(workerId, unaborted),
      heads: () => right.heads(unaborted),
      input: (workerId, inputId) => right.input(workerId, inputId, unaborted),
    }),
    fails: ['WL-ABORT-head', 'WL-ABORT-input', 'WL-ABORT-heads'],
  },
  'heads forgets tombstones': {
    bug: (right) => {
      const removed = new Set<WorkerId>();
      return {
        remove: (workerId, tombstone) => (removed.add(workerId), right.remove(workerId, tombstone)),
        async *heads(call) {
          for await (const head of right.heads(call)) if (!removed.has(head.workerId)) yield head;
        },
      };
    },
    fails: ['WL-REMOVE-003'],
  },
};

test.each(Object.entries(bugs))('%s: exactly the cases that say so fail', async (_, { bug, fails }) => {
  const harness = { create: () => Promise.resolve(withBug(bug)), timing: 0.1 };
  const report = await checkContract(workerLogContract(harness), { capabilities: [] });
  const failed = report.results.filter(({ status }) => status === 'failed');
  const reasons = failed.map(({ id, reason }) => [id, reason]);
  expect(failed.map(({ id }) => id).toSorted(), JSON.stringify(reasons, undefined, 1)).toEqual(fails.toSorted());
});

test('a case that fails tells what it waited for, not what its end waited for', async () => {
  const { bug } = bugs['disposal lets nobody go'] ?? { bug: () => ({}) };
  const harness = { create: () => Promise.resolve(withBug(bug)), timing: 0.02 };
  const cases = workerLogContract(harness).filter(({ id }) => id === 'WL-FOLLOW-008');
  const { results } = await checkContract(cases, { capabilities: [] });
  expect(results.map(({ reason }) => reason)).toEqual([
    expect.stringMatching(/disposal ends who follows|the next page of a follower/),
  ]);
});

test('the ids of cases are unique', () => {
  const ids = workerLogContract({ create: () => Promise.resolve(inMemoryLog()) }).map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});
