import { expect, test } from 'vitest';

import { inMemoryCreationRecord } from '../../src/runtime/in-memory-creation-record.js';
import { RuntimeId, WorkerId } from '../../src/domain/ids.js';
import { mountRuntime, scoped } from '../../src/index.js';
import type { BrowserGateway, CreationRecord, Frame, Principal } from '../../src/index.js';
import { recordingLogger } from '../support/recording-logger.js';
import { textPart } from '../support/runtime.js';
import {
  correlationId,
  cursorAt,
  inputId,
  runtimeId,
  runtimeView,
  scriptedGateway,
  workerId,
  workerView,
} from '../support/scripted-gateway.js';
import type { Script } from '../support/scripted-gateway.js';

const here = RuntimeId('far');
const worker = { runtimeId: here, workerId };
const owner: Principal = { id: 'ann', scopes: ['read', 'input', 'control'], own: true };
const create = { type: 'create', runtimeId: here, profile: 'javascript' } as const;

function mountOf(script: Script = {}, record: CreationRecord = inMemoryCreationRecord()) {
  const inner = scriptedGateway(script);
  const logger = recordingLogger();
  return {
    inner,
    logger,
    record,
    front: mountRuntime(inner, { runtimeId: here, remoteId: runtimeId, record, logger }),
  };
}

async function framesOf(gateway: BrowserGateway, from?: string): Promise<readonly Frame[]> {
  const seen: Frame[] = [];
  for await (const frame of gateway.observe(worker, from)) seen.push(frame);
  return seen;
}

test('B1: a mounted Runtime has the name of this host in every view, and its own in every question', async () => {
  const { inner, front } = mountOf({
    async *observe() {
      yield { type: 'snapshot', worker: workerView, transcript: [], cursor: cursorAt(2) };
      yield { type: 'end', code: 'worker-deleted' };
    },
  });
  const made = await front.execute(create);
  expect(made).toMatchObject({ outcome: 'accepted', worker: { runtimeId: here, workerId } });
  expect(await front.execute({ type: 'stop', worker })).toMatchObject({ worker: { runtimeId: here } });
  expect(await front.read({ type: 'worker', worker })).toMatchObject({ worker: { runtimeId: here } });
  expect(await front.read({ type: 'workers', runtimeId: here })).toMatchObject({ workers: [{ runtimeId: here }] });
  expect(await front.read({ type: 'runtimes' })).toMatchObject({ runtimes: [{ runtimeId: here }] });
  expect(await framesOf(front)).toMatchObject([{ worker: { runtimeId: here } }, { code: 'worker-deleted' }]);
  expect(JSON.stringify([inner.commands, inner.queries, inner.observed])).not.toContain('far');
});

test('B4: of the Runtimes of another host only the mounted one is there', async () => {
  const others = [{ ...runtimeView, runtimeId: RuntimeId('private') }, runtimeView];
  const { inner, front } = mountOf({ read: () => ({ outcome: 'answered', runtimes: others }) });
  expect(await front.read({ type: 'runtimes' })).toEqual({
    outcome: 'answered',
    runtimes: [{ ...runtimeView, runtimeId: here }],
  });
  const elsewhere = { runtimeId: RuntimeId('private'), workerId };
  const asked = inner.commands.length + inner.queries.length;
  const unknown = { outcome: 'rejected', code: 'runtime-unknown' };
  expect(await front.execute({ type: 'stop', worker: elsewhere })).toEqual(unknown);
  expect(await front.execute({ ...create, runtimeId: RuntimeId('private') })).toEqual(unknown);
  expect(await front.read({ type: 'worker', worker: elsewhere })).toEqual(unknown);
  for await (const frame of front.observe(elsewhere)) expect(frame).toEqual({ type: 'problem', problem: unknown });
  expect(inner.commands.length + inner.queries.length).toBe(asked);
  expect(inner.observed).toEqual([]);
});

test('B4: no principal, and no key of a principal, is told to another host', async () => {
  const calls: unknown[] = [];
  const { inner, front } = mountOf({
    execute(command, call) {
      calls.push(call);
      return command.type === 'create'
        ? { outcome: 'accepted', worker: workerView, created: true }
        : { outcome: 'accepted', inputId, cursor: cursorAt(3) };
    },
  });
  const [ann, bob] = ['ann', 'bob'].map((id) => scoped(front, { ...owner, id }));
  await ann?.execute({ ...create, idempotencyKey: 'k' });
  await bob?.execute({ ...create, idempotencyKey: 'k' });
  await ann?.execute({ type: 'input', worker, parts: textPart('go') });
  const keys = inner.commands.flatMap((command) => (command.type === 'create' ? [command.idempotencyKey] : []));
  expect(new Set(keys).size).toBe(2);
  expect(JSON.stringify([inner.commands, calls])).not.toMatch(/ann|bob|"k"/);
});

const strange: readonly (readonly [string, object])[] = [
  ['a key that no shape has', { outcome: 'accepted', worker: { ...workerView, handle: '/secret' }, created: true }],
  ['a code that nobody knows', { outcome: 'rejected', code: '/secret' }],
  ['a field that is missing', { outcome: 'accepted', worker: { ...workerView, lastCursor: '/secret' } }],
  ['something else', ['/secret']],
  ['a list that is none', { outcome: 'answered', observations: '/secret' }],
  ['a nothing in a list', { outcome: 'answered', observations: [null, { toJSON: '/secret' }] }],
];
test.each(strange)('B1: %s in the answer of another host does not cross', async (_, answer) => {
  const { logger, front } = mountOf({ execute: () => answer as never, read: () => answer as never });
  const outcome = await front.execute(create);
  expect(outcome).toMatchObject({ outcome: 'errored', code: 'runtime-unavailable', executed: 'unknown' });
  const read = await front.read({ type: 'worker', worker });
  expect(read).toMatchObject({ outcome: 'errored', code: 'runtime-unavailable', executed: 'no' });
  expect(JSON.stringify([outcome, read])).not.toContain('secret');
  expect(logger.lines.map(({ message }) => message)).toEqual(
    Array(2).fill('another host answered in a form that is not known'),
  );
});

test('B1: a frame of another form ends the stream there, and lets go of it', async () => {
  let isReleased = false;
  const { front } = mountOf({
    async *observe() {
      try {
        yield { type: 'gap', from: 1, to: 2 } as Frame;
        yield { type: 'gap', from: 1, to: 2, host: '/secret' } as unknown as Frame;
        yield { type: 'gap', from: 3, to: 4 } as Frame;
      } finally {
        isReleased = true;
      }
    },
  });
  expect(await framesOf(front, 'start')).toEqual([
    { type: 'gap', from: 1, to: 2 },
    { type: 'end', code: 'server-draining' },
  ]);
  expect(isReleased).toBe(true);
});

test('P3: who leaves a stream of another host lets go of it at once, also while nothing comes', async () => {
  let isAborted = false;
  const { front } = mountOf({
    async *observe(_from, signal) {
      yield { type: 'gap', from: 1, to: 2 } as Frame;
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
      isAborted = true;
    },
  });
  const frames = front.observe(worker, 'start')[Symbol.asyncIterator]();
  await frames.next();
  const waiting = frames.next();
  await frames.return?.();
  expect(await waiting).toMatchObject({ done: true });
  expect(isAborted).toBe(true);
});

test('B4: who stops waiting for a create is recorded as the creator all the same', async () => {
  const record = inMemoryCreationRecord();
  let answer: (() => void) | undefined;
  const { front } = mountOf(
    {
      execute: () =>
        new Promise((resolve) => {
          answer = () => resolve({ outcome: 'accepted', worker: workerView, created: true });
        }),
    },
    record,
  );
  const gone = new AbortController();
  const made = scoped(front, owner).execute(create, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await expect(made).rejects.toThrow('gone');
  answer?.();
  await expect.poll(() => record.creatorOf(worker)).toBe('ann');
});

test('B2: a creator that cannot be recorded is told as an error, and its cause to the operator alone', async () => {
  const record = { ...inMemoryCreationRecord(), add: () => Promise.reject(new Error('/secret: disk full')) };
  const { logger, front } = mountOf({}, record);
  const made = await scoped(front, owner).execute(create);
  expect(made).toMatchObject({ outcome: 'errored', code: 'log-unavailable', executed: 'unknown' });
  expect(JSON.stringify(made)).not.toContain('secret');
  expect(logger.lines).toMatchObject([{ level: 'error', fields: { cause: { message: '/secret: disk full' } } }]);
});

test('B4: nobody is the creator of a Worker that was deleted through this host', async () => {
  const { record, front } = mountOf();
  const ann = scoped(front, owner);
  await ann.execute(create);
  expect(record.creatorOf(worker)).toBe('ann');
  await ann.execute({ type: 'delete', worker });
  expect(record.creatorOf(worker)).toBeUndefined();
});

test('B1: a first frame of another form is a problem, as where it was refused', async () => {
  const { front } = mountOf({
    async *observe() {
      yield { type: 'snapshot', handle: '/secret' } as unknown as Frame;
    },
  });
  expect(await framesOf(front)).toMatchObject([{ type: 'problem', problem: { code: 'runtime-unavailable' } }]);
});

test('W18: a list with a filter ends, however many Workers of others there are', async () => {
  let pages = 0;
  const id = (index: number) => WorkerId(`0190d1b2-1111-7000-8000-${String(index).padStart(12, '0')}`);
  const { front } = mountOf({
    read() {
      pages += 1;
      return { outcome: 'answered', workers: [{ ...workerView, workerId: id(pages) }], next: id(pages) };
    },
  });
  const page = await scoped(front, owner).read({ type: 'workers', runtimeId: here });
  expect(page).toEqual({ outcome: 'answered', workers: [], next: id(50) });
});

test('B4: the profile of a Worker is asked for once, and what its host cannot say hides it with that reason', async () => {
  const away = { outcome: 'errored', code: 'runtime-unavailable', executed: 'no', correlationId } as const;
  let isAway = true;
  const { inner, front } = mountOf({
    read: () => (isAway ? away : { outcome: 'answered', worker: workerView }),
  });
  const ann = scoped(front, { ...owner, own: false, profiles: ['javascript'] });
  expect(await ann.execute({ type: 'stop', worker })).toEqual(away);
  expect(inner.commands).toEqual([]);
  isAway = false;
  await ann.execute({ type: 'stop', worker });
  await ann.execute({ type: 'stop', worker });
  expect(inner.queries).toHaveLength(2);
  expect(inner.commands).toHaveLength(2);
});

test.each(['unauthenticated', 'forbidden'] as const)(
  'B4: that this host is %s at the other one is told to no caller as if it were the caller',
  async (code) => {
    const refusal = { outcome: 'rejected', code } as const;
    const { logger, front } = mountOf({
      execute: () => refusal,
      read: () => refusal,
      async *observe() {
        yield { type: 'problem', problem: refusal };
      },
    });
    const unavailable = { outcome: 'errored', code: 'runtime-unavailable', executed: 'no' };
    const ann = scoped(front, { ...owner, own: false });
    expect(await ann.execute(create)).toMatchObject(unavailable);
    expect(await ann.read({ type: 'worker', worker })).toMatchObject(unavailable);
    expect(await framesOf(ann)).toMatchObject([{ type: 'problem', problem: unavailable }]);
    expect(logger.lines.map(({ level, fields }) => [level, fields['code']])).toEqual(Array(3).fill(['error', code]));
  },
);

test('B4: whose stream ends because this host is let in no more at the other one may come again', async () => {
  const { front } = mountOf({
    async *observe() {
      yield { type: 'end', code: 'revoked' };
    },
  });
  expect(await framesOf(front)).toEqual([{ type: 'end', code: 'server-draining' }]);
});

test('B4: a Worker of another profile and one that is not there are told apart by nothing, also while the host is away', async () => {
  const away = { outcome: 'errored', code: 'runtime-unavailable', executed: 'no', correlationId } as const;
  const none = { runtimeId: here, workerId: WorkerId('0190d1b2-1111-7000-8000-00000000000f') };
  let isAway = false;
  const { inner, front } = mountOf({
    read(query) {
      if (isAway) return away;
      const isThere = query.type === 'worker' && query.worker.workerId === workerId;
      return isThere ? { outcome: 'answered', worker: workerView } : { outcome: 'rejected', code: 'worker-unknown' };
    },
  });
  const ann = scoped(front, { ...owner, own: false, profiles: ['python'] });
  const questionsFor = async (asked: typeof none) => {
    const before = inner.queries.length;
    const answers = [
      await ann.read({ type: 'worker', worker: asked }),
      await ann.read({ type: 'worker', worker: asked }),
    ];
    return { answers, questions: inner.queries.length - before };
  };
  expect(await questionsFor(worker)).toEqual(await questionsFor(none));
  isAway = true;
  expect(await questionsFor(worker)).toEqual(await questionsFor(none));
});

// A host that shows a Worker no more, as to a token that may do less, answers as where it is gone.
test('B4: a Worker that the other host hides for a while is its creator’s own when it is shown again', async () => {
  let isHidden = false;
  const { record, front } = mountOf({
    execute(command) {
      if (isHidden) return { outcome: 'rejected', code: 'worker-unknown' };
      return command.type === 'create'
        ? { outcome: 'accepted', worker: workerView, created: true }
        : { outcome: 'accepted', worker: workerView, end: 'stopped' };
    },
  });
  const ann = scoped(front, owner);
  await ann.execute(create);
  isHidden = true;
  await ann.execute({ type: 'stop', worker });
  isHidden = false;
  expect(record.creatorOf(worker)).toBe('ann');
});
