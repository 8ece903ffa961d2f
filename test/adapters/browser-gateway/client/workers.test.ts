import { expect, onTestFinished, test } from 'vitest';

import { workers } from '../../../../src/adapters/browser-gateway/client/index.js';
import { createRuntime } from '../../../../src/index.js';
import type { Frame, ObservedEvent } from '../../../../src/index.js';
import { gameBackend } from '../../../support/contracts/gateway-harness.js';
import { inputId, runtimeId, scriptedGateway, workerId } from '../../../support/scripted-gateway.js';

const ref = { runtimeId, workerId };

test('each method is one command, and its answer that of the gateway', async () => {
  const gateway = scriptedGateway({});
  const worker = workers(gateway).open(ref);
  expect(worker.ref).toEqual(ref);
  expect(await worker.input('hello')).toMatchObject({ outcome: 'accepted' });
  expect(await worker.input([{ type: 'text', text: 'hello' }], { inputId })).toMatchObject({ outcome: 'accepted' });
  expect(await worker.cancel(inputId, { deadlineMs: 5 })).toEqual({ outcome: 'accepted', end: 'quiesced' });
  expect(await worker.answer('q', 'yes')).toEqual({ outcome: 'accepted' });
  expect(await worker.answer('q', { optionId: 'no' })).toEqual({ outcome: 'accepted' });
  expect(await worker.reconnect()).toMatchObject({ outcome: 'accepted' });
  expect(await worker.stop({ graceMs: 10 })).toMatchObject({ outcome: 'accepted', end: 'stopped' });
  expect(await worker.delete()).toEqual({ outcome: 'accepted' });
  const parts = [{ type: 'text', text: 'hello' }];
  expect(gateway.commands).toEqual([
    { type: 'input', worker: ref, inputId: undefined, parts },
    { type: 'input', worker: ref, inputId, parts },
    { type: 'cancel', worker: ref, inputId, deadlineMs: 5 },
    { type: 'answer', worker: ref, questionId: 'q', answer: { text: 'yes' } },
    { type: 'answer', worker: ref, questionId: 'q', answer: { optionId: 'no' } },
    { type: 'reconnect', worker: ref },
    { type: 'stop', worker: ref, graceMs: 10 },
    { type: 'delete', worker: ref },
  ]);
});

test('create brings a handle of what was created, and a refusal as it is', async () => {
  const runtime = createRuntime({ profiles: { game: { label: 'Game', backend: gameBackend() } } });
  onTestFinished(() => runtime[Symbol.asyncDispose]());
  const all = workers(runtime);
  const request = { runtimeId: runtime.runtimeId, profile: 'game', displayName: 'One', input: 'hello' };
  const made = await all.create(request);
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  expect(made.worker.displayName).toBe('One');
  const seen: ObservedEvent['type'][] = [];
  for await (const frame of made.handle.observe('start')) {
    if (frame.type === 'events') seen.push(...frame.observations.map(({ event }) => event.type));
    if (seen.includes('input-ended')) break;
  }
  expect(seen).toContain('text-delta');
  expect(await all.create({ ...request, profile: 'none' })).toEqual({ outcome: 'rejected', code: 'profile-unknown' });
});

test('cancel without an id is of the input that is open, and input-not-open where there is none', async () => {
  const runtime = createRuntime({ profiles: { game: { label: 'Game', backend: gameBackend() } } });
  onTestFinished(() => runtime[Symbol.asyncDispose]());
  const made = await workers(runtime).create({ runtimeId: runtime.runtimeId, profile: 'game', input: 'hold' });
  if (made.outcome !== 'accepted') throw new Error(JSON.stringify(made));
  expect(await made.handle.cancel()).toEqual({ outcome: 'accepted', end: 'quiesced' });
  expect(await made.handle.cancel()).toEqual({ outcome: 'rejected', code: 'input-not-open' });
  const nobody = workers(runtime).open({ ...ref, runtimeId: runtime.runtimeId });
  expect(await nobody.cancel()).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  const frames: Frame[] = [];
  for await (const frame of nobody.observe()) frames.push(frame);
  expect(frames).toMatchObject([{ type: 'problem', problem: { code: 'worker-unknown' } }]);
});
