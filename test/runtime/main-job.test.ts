import { expect, test } from 'vitest';

import { createRuntime, generatorBackend } from '../../src/index.js';
import { text } from '../../src/adapters/execution-backend/generator/events.js';
import {
  createWorker,
  expectAccepted,
  inputId,
  isType,
  observeUntil,
  runtimeId,
  textPart,
  typesOf,
} from '../support/runtime.js';

const echo = () =>
  generatorBackend({
    id: 'echo',
    run: async function* ({ parts }) {
      for (const part of parts) if (part.type === 'text') yield text(part.text);
    },
  });

test('W5, O1–O4: a create with a first input shows created, connected, accepted, the events, the end', async () => {
  await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: echo() } } });
  const worker = await createWorker(runtime, 'test', 'hello');
  const seen = await observeUntil(runtime, worker, isType('input-ended'));
  expect(typesOf(seen)).toEqual([
    'worker-created',
    'execution-connected',
    'input-accepted',
    'text-delta',
    'input-ended',
  ]);
});

test('W6: an accepted input is in the log at the cursor it was answered with', async () => {
  await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: echo() } } });
  const worker = await createWorker(runtime);
  const id = inputId();
  const answer = expectAccepted(await runtime.execute({ type: 'input', worker, inputId: id, parts: textPart('a') }));
  const seen = await observeUntil(runtime, worker, isType('input-ended'));
  const accepted = seen.find(isType('input-accepted'));
  expect(accepted?.cursor).toBe(answer.cursor);
  expect(accepted?.inputId).toBe(id);
  const again = await runtime.execute({ type: 'input', worker, inputId: id, parts: textPart('a') });
  expect(again).toEqual(answer);
  const other = await runtime.execute({ type: 'input', worker, inputId: id, parts: textPart('b') });
  expect(other).toEqual({ outcome: 'rejected', code: 'input-conflict' });
});

test('W1: input to a profile without a backend is rejected and leaves no trace', async () => {
  await using runtime = createRuntime({ profiles: { planned: { label: 'Planned', backend: null } } });
  const worker = await createWorker(runtime, 'planned');
  const answer = await runtime.execute({ type: 'input', worker, parts: textPart('a') });
  expect(answer).toEqual({ outcome: 'rejected', code: 'worker-unconnected' });
  const page = await runtime.read({ type: 'observations', worker });
  expect(page.outcome === 'answered' && typesOf(page.observations)).toEqual(['worker-created']);
  const refused = await runtime.execute({
    type: 'create',
    runtimeId,
    profile: 'planned',
    input: { parts: textPart('a') },
  });
  expect(refused).toEqual({ outcome: 'rejected', code: 'worker-unconnected' });
});

test('W13: stop answers stopped, again and after delete the Worker is unknown', async () => {
  await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: echo() } } });
  const worker = await createWorker(runtime);
  const stopped = expectAccepted(await runtime.execute({ type: 'stop', worker }));
  expect(stopped.worker.status).toBe('stopped');
  expect(await runtime.execute({ type: 'stop', worker })).toEqual(stopped);
  expect(await runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
  expect(await runtime.execute({ type: 'stop', worker })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  expect(await runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
});
