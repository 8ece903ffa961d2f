import { expect, test } from 'vitest';

import { createRuntime } from '../../src/index.js';
import { expectAccepted, inputId, runtimeId, textPart } from '../support/runtime.js';
import {
  accepted,
  connected,
  delta,
  noticed,
  runEnded,
  scriptedBackend,
  stopped,
} from '../support/scripted-backend.js';
import type { Method } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import { virtualClock } from '../support/virtual-clock.js';

class Hostile {
  get outcome(): never {
    throw new Error('/secret: looked at');
  }
}
const circular: Record<string, unknown> = { outcome: 'connected' };
circular['capabilities'] = circular;

const wrongShapes: readonly (readonly [string, unknown])[] = [
  ['nothing', undefined],
  ['null', null],
  ['a text', 'connected'],
  ['an unknown outcome', { outcome: 'maybe' }],
  ['a getter that throws', new Hostile()],
  ['capabilities that are missing', { outcome: 'connected' }],
  ['capabilities that are no booleans', connected({ capabilities: { cancel: 1 } as never })],
  ['capabilities that refer to themselves', circular],
  ['65 codes', connected({ codes: Array.from({ length: 65 }, (_, index) => `code-${index}`) })],
  ['a code of the wrong form', connected({ codes: ['Not Kebab'] })],
  ['a recover state of 70,000 characters', connected({ recoverState: 'x'.repeat(70_000) })],
  ['a recover state that is no JSON', connected({ recoverState: (() => 1) as never })],
  ['an array', []],
];

test.each(wrongShapes)('W16: a spawn answered with %s is a fault of the backend', async (_, answer) => {
  await using host = scripted();
  host.backend.on('spawn');
  const reply = host.create();
  (await host.backend.next('spawn')).answer(answer);
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-fault', executed: 'no' });
  expect(JSON.stringify(await reply)).not.toContain('secret');
});

test.each(wrongShapes)(
  'W16: a dispatch answered with %s closes its generation and nobody else’s',
  async (_, answer) => {
    await using host = scripted();
    const other = await host.idle();
    const worker = await host.idle();
    const reply = host.input(worker);
    (await host.backend.next('dispatch')).answer(answer);
    expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-fault', executed: 'unknown' });
    expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
    expect((await host.view(other)).status).toBe('idle');
  },
);

const thrown: readonly (readonly [string, unknown])[] = [
  ['an Error', new Error('/secret/path')],
  ['a text', 'secret'],
  ['nothing', undefined],
  ['a Hostile', new Hostile()],
];
test.each(thrown)('W16: a dispatch that rejects with %s is unknown and tells nothing of it', async (_, cause) => {
  await using host = scripted();
  const worker = await host.idle();
  const reply = host.input(worker);
  (await host.backend.next('dispatch')).fail(cause);
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-fault', executed: 'unknown' });
  expect(JSON.stringify(await reply)).not.toContain('secret');
});

test.each<Method>(['spawn', 'dispatch', 'cancel', 'stop', 'answer', 'recover'])(
  'W16: a %s that throws before its promise is a throw like any other',
  async (method) => {
    const backend = scriptedBackend();
    await using host = scripted({ backend });
    const worker = method === 'spawn' ? undefined : await host.idle();
    const thrower = (): never => {
      throw new Error('/secret/path');
    };
    Object.assign(backend, { [method]: thrower });
    if (!worker) return expect(await host.create()).toMatchObject({ code: 'backend-fault' });
    if (method === 'dispatch') return expect(await host.input(worker)).toMatchObject({ code: 'backend-fault' });
    if (method === 'stop') {
      return expect(await host.runtime.execute({ type: 'stop', worker })).toMatchObject({ end: 'killed' });
    }
    if (method === 'recover') {
      await backend.publisher().disconnect({ kind: 'connection-lost' });
      await host.clock.settle();
      return expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ code: 'backend-fault' });
    }
    const id = inputId();
    const input = host.input(worker, id);
    const dispatch = await backend.next('dispatch');
    dispatch.answer(accepted);
    expectAccepted(await input);
    if (method === 'answer') {
      await dispatch.publisher.publish({ type: 'question-asked', questionId: 'q' as never, prompt: '?', inputId: id });
      const reply = host.runtime.execute({ type: 'answer', worker, questionId: 'q' as never, answer: { text: 'a' } });
      return expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-fault' });
    }
    const cancel = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 10 });
    await host.clock.advance(10);
    return expect(await cancel).toMatchObject({ outcome: 'accepted', end: 'escalated' });
  },
);

test('W16: a backend that hangs in everything blocks neither its cancel nor other Workers', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const other = await host.idle();
  const id = inputId();
  const input = host.input(worker, id);
  await host.backend.next('dispatch');
  const cancel = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 50 });
  const second = host.input(other);
  (await host.backend.next('dispatch')).answer(accepted);
  expectAccepted(await second);
  await host.clock.advance(50);
  expect(await cancel).toEqual({ outcome: 'accepted', end: 'escalated' });
  expect(await input).toMatchObject({ outcome: 'errored', executed: 'unknown' });
});

test('W16: an event whose fields throw when looked at is event-invalid', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  const hostile = Object.defineProperty({}, 'type', { enumerable: true, get: () => new Hostile().outcome });
  for (const event of [hostile, undefined, null, 3, 'text', [], new Proxy({}, { get: () => new Hostile().outcome })]) {
    expect(await publisher.publish(event as never)).toEqual({ outcome: 'refused', code: 'event-invalid' });
  }
  await publisher.disconnect(undefined as never);
  await host.clock.settle();
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'exited' });
});

test('W16: a listener that throws keeps nobody from anything', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const publisher = host.backend.publisher();
  const recorded: number[] = [];
  publisher.onRecorded(() => {
    throw new Error('listener');
  });
  publisher.onRecorded('no function' as never);
  publisher.onRecorded(({ sequence }) => recorded.push(sequence));
  await publisher.publish(noticed('1'));
  await host.clock.settle();
  expect(recorded).toEqual([1]);
  expect((await host.story(worker)).at(-1)).toBe('notice 1');
});

test('W16, B5: only declared codes of a backend cross, of refusals and of runs', async () => {
  await using host = scripted();
  host.backend.on('spawn', () => connected({ codes: ['out-of-fuel'] }));
  const worker = await host.idle();
  const say = async (answer: unknown) => {
    const reply = host.input(worker);
    (await host.backend.next('dispatch')).answer(answer);
    return reply;
  };
  expect(await say({ outcome: 'rejected', code: 'out-of-fuel' })).toEqual({
    outcome: 'rejected',
    code: 'backend-rejected',
    backendCode: 'out-of-fuel',
  });
  expect(await say({ outcome: 'errored', code: 'secret-code' })).not.toHaveProperty('backendCode');
  const id = inputId();
  const input = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  dispatch.answer(accepted);
  expectAccepted(await input);
  await dispatch.publisher.publish({ type: 'run-ended', end: 'failed', code: 'secret-code', inputId: id });
  await host.clock.settle();
  expect(JSON.stringify(await host.log(worker))).not.toContain('secret-code');
  expect((await host.view(worker)).lastFailure).toMatchObject({ code: 'run-failed' });
});

test('W18: the deadlines of a profile are its own', async () => {
  const clock = virtualClock();
  const [slow, fast] = [scriptedBackend('slow'), scriptedBackend('fast')];
  for (const backend of [slow, fast]) backend.on('spawn');
  await using runtime = createRuntime({
    clock,
    profiles: {
      slow: { label: 'Slow', backend: slow, deadlines: { spawnMs: 1_000 } },
      fast: { label: 'Fast', backend: fast, deadlines: { spawnMs: 10 } },
    },
  });
  const [slowly, quickly] = ['slow', 'fast'].map((profile) =>
    runtime.execute({ type: 'create', runtimeId, profile, input: { parts: textPart('a') } }),
  );
  const spawn = await slow.next('spawn');
  await fast.next('spawn');
  await clock.advance(10);
  expect(await quickly).toMatchObject({ outcome: 'errored', code: 'backend-timeout', executed: 'no' });
  spawn.answer(connected());
  (await slow.next('dispatch')).answer(accepted);
  expect(await slowly).toMatchObject({ outcome: 'accepted' });
});

test('W18: a signal given to a backend aborts when nobody waits for its answer any more, and only then', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const reply = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  expect(dispatch.signal.aborted).toBe(false);
  await host.clock.advance(10_000);
  await reply;
  expect(dispatch.signal.aborted).toBe(true);
  dispatch.answer(accepted);
  await dispatch.publisher.publish(delta('late', id));
  await dispatch.publisher.publish(runEnded(id));
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['execution-disconnected closed']);
});

test('W18: a caller who aborts stops waiting, and what was asked goes on', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const gone = new AbortController();
  const reason = new Error('gone');
  const reply = host.runtime.execute({ type: 'create', runtimeId, profile: 'test' }, { signal: gone.signal });
  const spawn = await host.backend.next('spawn');
  gone.abort(reason);
  await expect(reply).rejects.toBe(reason);
  spawn.answer(connected());
  await host.clock.settle();
  const worker = { runtimeId, workerId: spawn.workerId };
  expect((await host.view(worker)).status).toBe('idle');
  const call = { signal: gone.signal };
  await expect(host.runtime.execute({ type: 'stop', worker }, call)).rejects.toBe(reason);
  await expect(host.runtime.read({ type: 'worker', worker }, call)).rejects.toBe(reason);
  await expect(host.runtime.observe(worker, 'start', call)[Symbol.asyncIterator]().next()).rejects.toBe(reason);
});

test('R5: a stop answered stale-generation is answered, one that is rejected too', async () => {
  await using host = scripted();
  host.backend.on('spawn', () => ({ outcome: 'busy' }));
  host.backend.on('stop', () => ({ outcome: 'errored', code: 'stale-generation' }));
  await host.create();
  await host.clock.advance(60_000);
  expect(host.backend.callsOf('stop')).toHaveLength(1);
  host.backend.on('stop', () => stopped);
});
