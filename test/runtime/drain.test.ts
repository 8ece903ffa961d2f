import { expect, test } from 'vitest';

import { createRuntime, inMemoryLog } from '../../src/index.js';
import { faultyLog } from '../support/faulty-log.js';
import { inputId } from '../support/runtime.js';
import {
  able,
  accepted,
  asking,
  connected,
  delta,
  runEnded,
  scriptedBackend,
  unable,
} from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

const draining = { outcome: 'rejected', code: 'runtime-draining' };
const isSettled = (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve(false)]);

test('W18: while draining create, input and reconnect are rejected; reads, answers, cancels and stops go on', async () => {
  await using host = scripted();
  const other = await host.idle();
  const { worker, id } = await host.busy();
  const publisher = host.backend.publisher(worker.workerId);
  await publisher.publish(asking(id));
  await host.clock.settle();
  const drained = host.runtime.drain();
  expect(await host.create()).toEqual(draining);
  expect(await host.input(other)).toEqual(draining);
  expect(await host.runtime.execute({ type: 'reconnect', worker: other })).toEqual(draining);
  expect(await host.runtime.read({ type: 'runtimes' })).toMatchObject({ runtimes: [{ draining: true }] });
  const answer = host.runtime.execute({ type: 'answer', worker, questionId: 'q' as never, answer: { text: 'a' } });
  (await host.backend.next('answer')).answer(accepted);
  expect(await answer).toEqual({ outcome: 'accepted' });
  expect(await host.runtime.execute({ type: 'stop', worker: other })).toMatchObject({ end: 'stopped' });
  const cancel = host.runtime.execute({ type: 'cancel', worker, inputId: id });
  await host.backend.next('cancel');
  await publisher.publish(runEnded(id, 'cancelled'));
  expect(await cancel).toEqual({ outcome: 'accepted', end: 'quiesced' });
  await drained;
});

test('W18: a drain resolves with the end of the last run, without a time to wait for', async () => {
  await using host = scripted();
  const { id } = await host.busy();
  const drained = host.runtime.drain();
  await host.clock.settle();
  expect(await isSettled(drained)).toBe(false);
  await host.backend.publisher().publish(runEnded(id));
  await drained;
  expect(host.clock.now()).toBe(Date.UTC(2026, 10, 30));
});

test('W18: at the drain deadline what can be recovered is left running, the rest ends host-restarted', async () => {
  await using host = scripted({ limits: { drainMs: 1_000 } });
  const { worker: kept } = await host.busy();
  host.backend.on('spawn', () => connected({ capabilities: { ...able, recover: false } }));
  const { worker: ended } = await host.busy();
  const drained = host.runtime.drain();
  await host.clock.advance(1_000);
  await drained;
  expect((await host.view(kept)).status).toBe('busy');
  expect(await host.view(ended)).toMatchObject({ status: 'unconnected', reason: 'host-restarted' });
  expect((await host.story(ended)).slice(3)).toEqual([
    'input-ended interrupted',
    'execution-disconnected host-restarted',
  ]);
  expect(host.backend.callsOf('stop').map(({ workerId }) => workerId)).toEqual([ended.workerId]);
});

test('W18: a drain is idempotent, and a dispose in the middle of it ends both', async () => {
  const host = scripted();
  await host.busy();
  const [one, two] = [host.runtime.drain(), host.runtime.drain()];
  expect(one).toBe(two);
  await host.runtime[Symbol.asyncDispose]();
  await one;
  expect(host.clock.now()).toBe(Date.UTC(2026, 10, 30));
  expect(host.backend.disposals).toBe(1);
});

test('W18: dispose answers everybody who still waits', async () => {
  const host = scripted();
  const worker = await host.idle();
  host.backend.on('spawn');
  const waiting = [host.create(), host.input(worker, inputId())];
  await host.backend.next('dispatch');
  await host.runtime[Symbol.asyncDispose]();
  const outcomes = await Promise.all(waiting);
  expect(outcomes).toMatchObject([
    { outcome: 'rejected', code: 'runtime-draining' },
    { outcome: 'errored', executed: 'unknown' },
  ]);
  expect((await host.create()).outcome).not.toBe('accepted');
});

test('W18: dispose waits for the append that is being written before it ends the log', async () => {
  const inner = inMemoryLog();
  const log = faultyLog(inner);
  const order: string[] = [];
  const host = scripted({
    log: {
      ...log,
      append: async (...args) => {
        const result = await log.append(...args);
        order.push('appended');
        return result;
      },
      [Symbol.asyncDispose]: () => {
        order.push('disposed');
        return Promise.resolve();
      },
    },
  });
  await host.idle();
  const fault = log.fault('hangs');
  await host.backend.publisher().publish(delta('last'));
  await fault.hit;
  order.splice(0);
  const disposed = host.runtime[Symbol.asyncDispose]();
  await host.clock.settle();
  expect(order).toEqual([]);
  fault.clear();
  await disposed;
  expect(order.at(-1)).toBe('disposed');
  expect(order).toContain('appended');
});

test('H20: a backend behind several profiles is disposed of once; one that throws hides no other', async () => {
  const [bad, good] = [scriptedBackend('bad'), scriptedBackend('good')];
  Object.assign(bad, { [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) });
  const runtime = createRuntime({
    profiles: {
      one: { label: 'One', backend: good },
      two: { label: 'Two', backend: good },
      three: { label: 'Three', backend: bad },
    },
  });
  await expect(runtime[Symbol.asyncDispose]()).rejects.toThrow(AggregateError);
  expect(good.disposals).toBe(1);
});

test('W18: a stop that is owed by a hanging backend keeps no drain', async () => {
  await using host = scripted();
  host.backend.on('spawn', () => connected({ capabilities: unable }));
  await host.idle();
  host.backend.on('stop');
  const drained = host.runtime.drain();
  await host.clock.advance(5_000);
  await drained;
});

test('W18: what is still being opened when the host goes is not opened any more', async () => {
  const log = inMemoryLog();
  const before = scripted({ log });
  await before.idle();
  await before[Symbol.asyncDispose]();
  const backend = scriptedBackend();
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const host = scripted({
    backend,
    log: {
      ...faultyLog(log),
      async *heads(call) {
        await held;
        yield* log.heads(call);
      },
    },
  });
  const ready = host.runtime.ready().catch(() => 'rejected');
  const disposed = host.runtime[Symbol.asyncDispose]();
  release();
  await disposed;
  expect(await ready).toBe('rejected');
  expect(backend.calls).toHaveLength(0);
});
