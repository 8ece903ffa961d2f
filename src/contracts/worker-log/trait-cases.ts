import assert from 'node:assert/strict';

import { Sequence } from '../../domain/ids.js';
import type { CallContext } from '../../ports/execution-backend.js';
import { within } from '../within.js';
import type { CaseDefinition } from './case-definition.js';
import { newInputId } from './stage.js';
import type { LoggedWorker, Stage } from './stage.js';

interface Call {
  readonly method: string;
  readonly rules: CaseDefinition['rules'];
  perform(stage: Stage, worker: LoggedWorker, call: CallContext): Promise<unknown>;
}

const inputId = newInputId();
const ten = Array.from({ length: 10 }, (_, index) => index);
const appendResults: readonly unknown[] = ['appended', 'conflict', 'failed', 'unknown'];

/** The batch that comes after two observations. */
const append: Call = {
  method: 'append',
  rules: ['W19'],
  perform: ({ log }, worker) => log.append(worker.id, Sequence(2), worker.batch(1)),
};

const reads: readonly Call[] = [
  { method: 'read', rules: ['O7'], perform: ({ log }, { id }, call) => log.read(id, Sequence(0), 10, call) },
  { method: 'head', rules: ['O7'], perform: ({ log }, { id }, call) => log.head(id, call) },
  { method: 'input', rules: ['W8'], perform: ({ log }, { id }, call) => log.input(id, inputId, call) },
  {
    method: 'heads',
    rules: ['R3'],
    async perform({ log }, _, call) {
      const heads = [];
      for await (const head of log.heads(call)) heads.push(head);
      return heads;
    },
  },
  {
    method: 'follow',
    rules: ['O7'],
    async perform({ log }, { id }, call) {
      const pages = log.follow(id, Sequence(0), call)[Symbol.asyncIterator]();
      const first: unknown = await pages.next();
      await pages.return?.();
      return first;
    },
  },
];

const removals: readonly Call[] = [
  { method: 'trim', rules: ['O7'], perform: ({ log }, { id }) => log.trim(id, Sequence(2)) },
  { method: 'remove', rules: ['W13'], perform: ({ log }, { id }) => log.remove(id) },
];

const isAppend = ({ method }: Call): boolean => method === 'append';

/** A Worker with two observations. */
async function appended(stage: Stage): Promise<LoggedWorker> {
  const worker = stage.worker();
  await worker.append(2);
  return worker;
}

const settled = ({ signal }: Stage, call: Call, work: Promise<unknown>): Promise<PromiseSettledResult<unknown>> =>
  within(
    signal,
    `the answer of ${call.method}`,
    Promise.allSettled([work]).then(([end]) => end),
  );

const afterDisposal = (call: Call): CaseDefinition => ({
  id: `WL-DISPOSED-${call.method}`,
  title: `${call.method} on a disposed log is answered${isAppend(call) ? ' by one of its results' : ', or rejected with an Error'}`,
  rules: ['W18'],
  async run(stage) {
    const worker = await appended(stage);
    await within(stage.signal, 'the disposal', Promise.resolve(stage.log[Symbol.asyncDispose]()));
    const end = await settled(stage, call, call.perform(stage, worker, { signal: stage.signal }));
    if (isAppend(call))
      assert.ok(end.status === 'fulfilled' && appendResults.includes(end.value), 'one of its results');
    else assert.ok(end.status === 'fulfilled' || end.reason instanceof Error, 'an Error');
  },
});

const abortedMidway = (call: Call): CaseDefinition => ({
  id: `WL-MIDWAY-${call.method}`,
  title: `${call.method} whose signal aborts while it is under way is answered, or rejected with its reason`,
  rules: ['W18'],
  async run(stage) {
    const worker = await appended(stage);
    const caller = new AbortController();
    const reason = new Error('no more');
    const asked = call.perform(stage, worker, { signal: caller.signal });
    caller.abort(reason);
    const end = await settled(stage, call, asked);
    assert.ok(end.status === 'fulfilled' || end.reason === reason, 'the reason of the signal');
    await worker.assertUnchanged();
  },
});

const repeated = (call: Call): CaseDefinition => ({
  id: `WL-REPEATED-${call.method}`,
  title: `${call.method} ten times in a row is answered alike each time`,
  rules: call.rules,
  async run(stage) {
    const worker = await appended(stage);
    const answers: unknown[] = [];
    for (const _ of ten) {
      answers.push(await within(stage.signal, call.method, call.perform(stage, worker, { signal: stage.signal })));
    }
    assert.deepEqual(
      answers,
      Array.from(ten, () => answers[0]),
    );
  },
});

/** The same claims about every method, so that none is forgotten. */
export const traitCases: readonly CaseDefinition[] = [
  ...[append, ...reads, ...removals].map(afterDisposal),
  ...reads.map(abortedMidway),
  ...[...reads, ...removals].map(repeated),
  {
    id: 'WL-REPEATED-append',
    title: 'of one append that comes ten times in a row the first is appended, and the others are conflicts',
    rules: append.rules,
    async run(stage) {
      const worker = await appended(stage);
      const answers = [];
      const call = { signal: stage.signal };
      for (const _ of ten) answers.push(await within(stage.signal, 'append', append.perform(stage, worker, call)));
      assert.deepEqual(answers, ['appended', ...Array.from({ length: 9 }, () => 'conflict')]);
      assert.equal((await worker.read()).last, 3);
    },
  },
  {
    id: 'WL-MANY-001',
    title: 'appends of many Workers at once are all appended, each to its own log and in its order',
    rules: ['R4', 'O7'],
    async run(stage) {
      const workers = Array.from({ length: 64 }, () => stage.worker());
      const appendAll = async (worker: LoggedWorker): Promise<void> => {
        const batches = [await worker.append(1), await worker.append(3), await worker.append(2)];
        const whole = batches.flatMap(({ observations }) => observations);
        assert.deepEqual(await worker.read(), { first: 1, last: 6, observations: whole });
      };
      await Promise.all(workers.map(appendAll));
      for (const worker of workers) await worker.assertUnchanged();
      assert.equal((await stage.heads()).length, workers.length);
    },
  },
];
