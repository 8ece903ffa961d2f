import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/index.js';
import type { WorkerLog } from '../../src/index.js';
import { faultyLog } from '../support/faulty-log.js';
import type { FaultKind } from '../support/faulty-log.js';
import { expectAccepted, inputId, runtimeId } from '../support/runtime.js';
import { accepted, connected, delta, noticed, stopped } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

const unavailable = { outcome: 'errored', code: 'log-unavailable' };

test.each<FaultKind>(['failed', 'unknown-not-written'])(
  'W19: after an append that is %s the Worker serves reads only and is closed at the backend',
  async (kind) => {
    const log = faultyLog(inMemoryLog());
    await using host = scripted({ log });
    const { worker, id } = await host.busy();
    const publisher = host.backend.publisher();
    const fault = log.fault(kind, { times: Infinity });
    await publisher.publish(delta('lost', id));
    await fault.hit;
    await host.clock.settle();
    expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
    expect(await publisher.publish(delta('more', id))).toEqual({ outcome: 'refused', code: 'log-unavailable' });
    expect(await host.input(worker)).toMatchObject({ ...unavailable, executed: 'no' });
    expect(await host.runtime.execute({ type: 'stop', worker })).toMatchObject(unavailable);
    expect((await host.view(worker)).status).toBe('busy');
    expect(await host.story(worker)).toEqual(['worker-created', 'execution-connected', 'input-accepted']);
    fault.clear();
    await host.clock.advance(5_000);
    expect((await host.story(worker)).slice(3)).toEqual(['input-ended interrupted', 'execution-disconnected closed']);
    expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
    expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ outcome: 'accepted' });
  },
);

test('W19: an append in doubt that was written is found, and the generation is closed behind it', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const { worker, id } = await host.busy();
  log.fault('unknown-but-written');
  await host.backend.publisher().publish(delta('written', id));
  await host.clock.advance(50);
  expect((await host.story(worker)).slice(3)).toEqual([
    'text-delta written',
    'input-ended interrupted',
    'execution-disconnected closed',
  ]);
});

test('W19: several doubts in a row are told apart: what was written of them is kept', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const { worker, id } = await host.busy();
  log.fault('unknown-but-written', { times: 2 });
  await host.backend.publisher().publish(delta('written', id));
  await host.clock.advance(5_000);
  expect((await host.story(worker)).slice(3)).toEqual([
    'text-delta written',
    'input-ended interrupted',
    'execution-disconnected closed',
  ]);
  expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ outcome: 'accepted' });
});

test('W19: an append in doubt that is written after the log is back does not make the Worker move', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const worker = await host.idle();
  await host.backend.publisher().disconnect({ kind: 'unknown' });
  await host.clock.settle();
  const fault = log.fault('hangs');
  const reconnected = host.runtime.execute({ type: 'reconnect', worker });
  await host.clock.advance(10_050);
  expect(await reconnected).toMatchObject(unavailable);
  fault.clear();
  await host.clock.settle();
  expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ outcome: 'accepted' });
  expect((await host.view(worker)).status).toBe('idle');
});

test('W19, W18: an append that hangs is in doubt after its deadline; written late it is found', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const { worker, id } = await host.busy();
  const fault = log.fault('hangs');
  await host.backend.publisher().publish(delta('late', id));
  await fault.hit;
  await host.clock.advance(9_999);
  expect(host.backend.callsOf('stop')).toHaveLength(0);
  await host.clock.advance(1);
  expect(host.backend.callsOf('stop')).toHaveLength(1);
  fault.clear();
  await host.clock.advance(50);
  expect((await host.story(worker)).slice(3)).toEqual([
    'text-delta late',
    'input-ended interrupted',
    'execution-disconnected closed',
  ]);
});

test('W19, W18: an append that is written behind the back of the restoration does not make the Worker moved', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const { worker, id } = await host.busy();
  const first = log.fault('hangs');
  const second = log.fault('hangs');
  await host.backend.publisher().publish(delta('late', id));
  await first.hit;
  await host.clock.advance(10_050);
  await second.hit;
  first.clear();
  await host.clock.settle();
  second.clear();
  await host.clock.advance(5_000);
  expect((await host.story(worker)).slice(3)).toEqual([
    'text-delta late',
    'input-ended interrupted',
    'execution-disconnected closed',
  ]);
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
});

test('W19: a conflict ends what runs, answers worker-moved and writes nothing more', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const { worker, id } = await host.busy();
  log.fault('conflict');
  await host.backend.publisher().publish(delta('lost', id));
  await host.clock.settle();
  expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
  expect(await host.input(worker)).toMatchObject({ outcome: 'errored', code: 'worker-moved', executed: 'no' });
  await host.clock.advance(60_000);
  expect(await host.story(worker)).toEqual(['worker-created', 'execution-connected', 'input-accepted']);
});

test('W19, W8: an input whose reservation failed did not run, its id is free when the log is back', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const worker = await host.idle();
  const fault = log.fault('failed', { times: Infinity });
  const id = inputId();
  expect(await host.input(worker, id)).toMatchObject({ ...unavailable, executed: 'no' });
  expect(host.backend.callsOf('dispatch')).toHaveLength(0);
  fault.clear();
  await host.clock.advance(5_000);
  await host.runtime.execute({ type: 'reconnect', worker });
  const again = host.input(worker, id);
  (await host.backend.next('dispatch')).answer(accepted);
  expectAccepted(await again);
});

test('W19, W8: who waits for an input that was dispatched, first or again, is told that it may have run', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const worker = await host.idle();
  const id = inputId();
  const one = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  const fault = log.fault('failed', { times: Infinity });
  const two = host.input(worker, id);
  void dispatch.publisher.publish(noticed('x'));
  expect(await Promise.all([one, two])).toMatchObject([
    { ...unavailable, executed: 'unknown' },
    { ...unavailable, executed: 'unknown' },
  ]);
  expect(await host.input(worker, id)).toMatchObject({ ...unavailable, executed: 'unknown' });
  expect(await host.input(worker)).toMatchObject({ ...unavailable, executed: 'no' });
  fault.clear();
  await host.clock.advance(5_000);
  expect(await host.input(worker, id)).toMatchObject({ outcome: 'errored', executed: 'unknown' });
});

test('W19, W5: a create whose reservation failed leaves nothing and frees its key', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  log.fault('failed');
  expect(await host.create({ idempotencyKey: 'k' })).toMatchObject({ ...unavailable, executed: 'no' });
  expect(host.backend.callsOf('spawn')).toHaveLength(0);
  await host.clock.advance(5_000);
  expect(await host.create({ idempotencyKey: 'k' })).toMatchObject({ outcome: 'accepted', created: true });
});

test('W19, W5: a create whose reservation was written in doubt is taken back', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  log.fault('unknown-but-written');
  expect(await host.create()).toMatchObject({ ...unavailable, executed: 'no' });
  await host.clock.advance(5_000);
  const answer = await host.runtime.read({ type: 'workers', runtimeId });
  expect(answer).toMatchObject({ workers: [] });
  const heads = [];
  for await (const head of log.heads({ signal: new AbortController().signal })) heads.push(head);
  expect(heads).toEqual([]);
});

test('W19, W5: a create that cannot be recorded when its spawn has answered is stopped by name', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  host.backend.on('spawn');
  const reply = host.create();
  const spawn = await host.backend.next('spawn');
  log.fault('failed');
  spawn.answer(connected());
  expect(await reply).toMatchObject(unavailable);
  await host.clock.advance(5_000);
  expect(host.backend.callsOf('stop').length).toBeGreaterThan(0);
  expect(await host.runtime.read({ type: 'workers', runtimeId })).toMatchObject({ workers: [] });
});

test('W19: other Workers notice nothing of a log that fails for one', async () => {
  const log = faultyLog(inMemoryLog());
  await using host = scripted({ log });
  const [worker, other] = [await host.idle(), await host.idle()];
  log.fault('failed', { times: Infinity, when: (workerId) => workerId === worker.workerId });
  expect(await host.input(worker)).toMatchObject(unavailable);
  const reply = host.input(other);
  (await host.backend.next('dispatch')).answer(accepted);
  expectAccepted(await reply);
});

test('W19, W5: a delete that the log refuses is errored, and asked again it is done', async () => {
  const inner = inMemoryLog();
  let refuses = true;
  const log: WorkerLog = {
    ...faultyLog(inner),
    remove: async (workerId, tombstone) => {
      if (refuses) throw new Error('disk');
      return inner.remove(workerId, tombstone);
    },
  };
  await using host = scripted({ log });
  const worker = await host.idle();
  await host.runtime.execute({ type: 'stop', worker });
  expect(await host.runtime.execute({ type: 'delete', worker })).toMatchObject(unavailable);
  expect((await host.view(worker)).status).toBe('stopped');
  refuses = false;
  expect(await host.runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
});

test('W18: a read that the store leaves unanswered, or refuses, is log-unavailable', async () => {
  const inner = inMemoryLog();
  let mode: 'fine' | 'hangs' | 'throws' = 'fine';
  const log: WorkerLog = {
    ...faultyLog(inner),
    read: (...args) => {
      if (mode === 'throws') return Promise.reject(new Error('/secret/disk'));
      return mode === 'hangs' ? new Promise(() => undefined) : inner.read(...args);
    },
  };
  await using host = scripted({ log });
  const worker = await host.idle();
  mode = 'throws';
  const thrown = await host.runtime.read({ type: 'observations', worker });
  expect(thrown).toMatchObject({ ...unavailable, executed: 'no' });
  expect(JSON.stringify(thrown)).not.toContain('secret');
  mode = 'hangs';
  const read = host.runtime.read({ type: 'transcript', worker });
  const frame = host.runtime.observe(worker)[Symbol.asyncIterator]().next();
  await host.clock.settle();
  await host.clock.advance(10_000);
  expect(await read).toMatchObject(unavailable);
  expect((await frame).value).toMatchObject({ type: 'problem', problem: unavailable });
  mode = 'fine';
});

test('W19, W18: a ledger that cannot be read never lets an input through', async () => {
  const inner = inMemoryLog();
  const log: WorkerLog = { ...faultyLog(inner), input: () => Promise.reject(new Error('disk')) };
  await using host = scripted({ log });
  const worker = await host.idle();
  expect(await host.input(worker)).toMatchObject({ ...unavailable, executed: 'unknown' });
  expect(host.backend.callsOf('dispatch')).toHaveLength(0);
  host.backend.on('stop', () => stopped);
});

test('W18: a log that is broken for good keeps no host from ending', async () => {
  const log = faultyLog(inMemoryLog());
  const host = scripted({ log });
  const { id } = await host.busy();
  const fault = log.fault('failed', { times: Infinity });
  await host.backend.publisher().publish(delta('lost', id));
  await fault.hit;
  await host.clock.settle();
  const drained = host.runtime.drain();
  await host.clock.settle();
  await expect(Promise.race([drained, Promise.resolve('hangs')])).resolves.toBeUndefined();
  await host.runtime[Symbol.asyncDispose]();
});

test('W16, W18: what the core cannot decide is a defect for its caller alone', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const principal = { principal: null as never };
  const bad = { type: 'answer', worker, questionId: 'q' as never, answer: Object.create(null) as never } as const;
  expect(await host.runtime.execute(bad, principal)).toMatchObject({ outcome: 'rejected', code: 'answer-invalid' });
  expect((await host.view(worker)).status).toBe('idle');
});

test('W19: an append answered with nonsense is in doubt like one that failed', async () => {
  const inner = inMemoryLog();
  let poisoned = false;
  const log: WorkerLog = {
    ...faultyLog(inner),
    append(workerId, after, batch) {
      if (poisoned && batch.observations.length > 0) {
        poisoned = false;
        return Promise.resolve({ toString: null } as never);
      }
      return inner.append(workerId, after, batch);
    },
  };
  await using host = scripted({ log });
  const worker = await host.idle();
  poisoned = true;
  await host.backend.publisher().publish(noticed('x'));
  await host.clock.advance(5_000);
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
  expect(host.logger.lines.some(({ level }) => level === 'error')).toBe(true);
});
