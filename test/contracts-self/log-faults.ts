import { inMemoryLog } from '../../src/adapters/worker-log/in-memory/index.js';
import { Sequence } from '../../src/domain/ids.js';
import type { InputId, WorkerId } from '../../src/domain/ids.js';
import type { LedgerEntry, LogPage, WorkerHead, WorkerLog } from '../../src/ports/worker-log.js';

/** A log that differs from a right one in these methods. */
export function logWithFault(bug: (right: WorkerLog) => Partial<WorkerLog>): WorkerLog {
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

/** What a log does wrong, and exactly the cases that find it. */
export const logFaults: Readonly<
  Record<string, { readonly bug: (right: WorkerLog) => Partial<WorkerLog>; readonly fails: readonly string[] }>
> = {
  'the last host wins': {
    bug: (right) => ({
      async append(workerId, after, batch) {
        const result = await right.append(workerId, after, batch);
        return result === 'conflict' ? 'appended' : result;
      },
    }),
    fails: ['WL-APPEND-003', 'WL-APPEND-004', 'WL-APPEND-005', 'WL-REMOVE-004', 'WL-REPEATED-append'],
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
    fails: ['WL-APPEND-001', 'WL-READ-002', 'WL-TRIM-001', 'WL-TRIM-003', 'WL-MANY-001'],
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
    fails: ['WL-REMOVE-002', 'WL-REPEATED-remove'],
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
    fails: ['WL-READ-004', 'WL-MANY-001'],
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
    fails: [
      'WL-APPEND-008',
      'WL-READ-004',
      'WL-FOLLOW-008',
      'WL-REMOVE-001',
      'WL-REMOVE-002',
      'WL-REMOVE-003',
      'WL-MANY-001',
    ],
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
    fails: [
      'WL-FOLLOW-008',
      'WL-DISPOSED-append',
      'WL-DISPOSED-read',
      'WL-DISPOSED-head',
      'WL-DISPOSED-input',
      'WL-DISPOSED-heads',
      'WL-DISPOSED-follow',
      'WL-DISPOSED-trim',
      'WL-DISPOSED-remove',
    ],
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
  'what is disposed of throws at an append': {
    bug: (right) => {
      let disposed = false;
      return {
        append: (...given) => (disposed ? Promise.reject(new Error('disposed of')) : right.append(...given)),
        async [Symbol.asyncDispose]() {
          disposed = true;
          await right[Symbol.asyncDispose]();
        },
      };
    },
    fails: ['WL-DISPOSED-append'],
  },
  'what is disposed of answers nothing': {
    bug: (right) => {
      let disposed = false;
      const never = new Promise<never>(() => undefined);
      const untilDisposed = <Given extends readonly unknown[], Answer>(
        method: (...given: Given) => Promise<Answer>,
      ) => {
        return (...given: Given): Promise<Answer> => (disposed ? never : method(...given));
      };
      return {
        append: untilDisposed(right.append.bind(right)),
        read: untilDisposed(right.read.bind(right)),
        head: untilDisposed(right.head.bind(right)),
        input: untilDisposed(right.input.bind(right)),
        trim: untilDisposed(right.trim.bind(right)),
        remove: untilDisposed(right.remove.bind(right)),
        heads: (call) => ({
          [Symbol.asyncIterator]: () => (disposed ? { next: () => never } : right.heads(call)[Symbol.asyncIterator]()),
        }),
        follow: (...given) => ({
          [Symbol.asyncIterator]: () =>
            disposed ? { next: () => never } : right.follow(...given)[Symbol.asyncIterator](),
        }),
        async [Symbol.asyncDispose]() {
          disposed = true;
          await right[Symbol.asyncDispose]();
        },
      };
    },
    fails: ['append', 'read', 'head', 'input', 'heads', 'follow', 'trim', 'remove'].map(
      (name) => `WL-DISPOSED-${name}`,
    ),
  },
  'an abort midway has a reason of its own': {
    bug: (right) => {
      const unlessLeft = async <Answer>(signal: AbortSignal, answer: Promise<Answer>): Promise<Answer> => {
        const hasLeft = (): boolean => signal.aborted;
        const wasThere = !hasLeft();
        const given = await answer;
        if (wasThere && hasLeft()) throw new Error('aborted');
        return given;
      };
      return {
        read: (...given) => unlessLeft(given[3].signal, right.read(...given)),
        head: (...given) => unlessLeft(given[1].signal, right.head(...given)),
        input: (...given) => unlessLeft(given[2].signal, right.input(...given)),
        heads: (call) => {
          const heads = right.heads(call)[Symbol.asyncIterator]();
          return { [Symbol.asyncIterator]: () => ({ next: () => unlessLeft(call.signal, heads.next()) }) };
        },
        follow: (...given) => {
          const pages = right.follow(...given)[Symbol.asyncIterator]();
          const next = () => unlessLeft(given[2].signal, pages.next());
          return { [Symbol.asyncIterator]: () => ({ next, return: async () => pages.return?.() as never }) };
        },
      };
    },
    fails: ['WL-MIDWAY-read', 'WL-MIDWAY-head', 'WL-MIDWAY-input', 'WL-MIDWAY-heads', 'WL-MIDWAY-follow'],
  },
  'a tenth call is one too many': {
    bug: (right) => {
      let calls = 0;
      const untilTenth = <Given extends readonly unknown[], Answer>(method: (...given: Given) => Promise<Answer>) => {
        return async (...given: Given): Promise<Answer> => {
          calls += 1;
          if (calls % 10 === 0) throw new Error('too many');
          return method(...given);
        };
      };
      return {
        head: untilTenth(right.head.bind(right)),
        input: untilTenth(right.input.bind(right)),
        read: untilTenth(right.read.bind(right)),
        trim: untilTenth(right.trim.bind(right)),
        remove: untilTenth(right.remove.bind(right)),
        async *heads(call) {
          await untilTenth(() => Promise.resolve())();
          yield* right.heads(call);
        },
        async *follow(...given) {
          await untilTenth(() => Promise.resolve())();
          yield* right.follow(...given);
        },
      };
    },
    fails: [
      'WL-READ-002',
      'WL-TRIM-003',
      'WL-FOLLOW-004',
      'WL-FOLLOW-008',
      'WL-REMOVE-003',
      'WL-REPEATED-read',
      'WL-REPEATED-head',
      'WL-REPEATED-input',
      'WL-REPEATED-heads',
      'WL-REPEATED-follow',
      'WL-REPEATED-trim',
      'WL-REPEATED-remove',
      'WL-MANY-001',
    ],
  },
  'an append fails where many come at once': {
    bug: (right) => {
      let busy = 0;
      return {
        async append(...given) {
          busy += 1;
          const isCrowded = busy > 32;
          for (let turns = 0; turns < 2; turns += 1) await new Promise(setImmediate);
          busy -= 1;
          return isCrowded ? 'failed' : right.append(...given);
        },
      };
    },
    fails: ['WL-MANY-001'],
  },
};
