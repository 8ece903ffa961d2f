import { expect, test, vi } from 'vitest';

import { defineBackend } from '../../../src/adapters/execution-backend/define-backend.js';
import { RecordingPublisher } from '../../../src/contracts/recording-publisher.js';
import { Generation, InputId, QuestionId, WorkerId } from '../../../src/domain/ids.js';

const workerId = WorkerId('0197a000-0000-7000-8000-000000000001');
const generation = Generation(1);
const handle = { workerId, generation };
const inputId = InputId('0197a000-0000-7000-8000-000000000002');
const spawnRequest = { ...handle, profile: { name: 'any', options: {} } };
const recoverRequest = { handle, position: { generation, sequence: 0 }, deadlineMs: 1_000 };
const publisher = new RecordingPublisher(handle);
const call = { signal: new AbortController().signal };

const accepted = () => Promise.resolve({ outcome: 'accepted' as const });
const stopped = () => Promise.resolve({ outcome: 'accepted' as const, end: 'stopped' as const });
const smallest = { id: 'smallest', spawn: () => ({ outcome: 'connected' as const }), dispatch: accepted };

test('W12: a backend of spawn and dispatch declares no capability', async () => {
  const answer = await defineBackend(smallest).spawn(spawnRequest, publisher, call);
  const capabilities = { cancel: false, stop: false, recover: false, questions: false };
  expect(answer).toEqual({ outcome: 'connected', capabilities });
});

test('W12: each operation that a definition leaves out answers unsupported', async () => {
  const backend = defineBackend(smallest);
  const answers = await Promise.all([
    backend.recover(recoverRequest, publisher, call),
    backend.answer(handle, { questionId: QuestionId('any'), answer: { text: 'yes' } }, call),
    backend.cancel(handle, { inputId, deadlineMs: 1_000 }, call),
    backend.stop(handle, { graceMs: 0 }, call),
  ]);
  expect(answers).toEqual([1, 2, 3, 4].map(() => ({ outcome: 'unsupported' })));
});

test('W12: a backend declares what its definition has, for spawned and for recovered executions', async () => {
  const recover = () => ({ outcome: 'adopted' as const, taken: true });
  const backend = defineBackend({ ...smallest, cancel: accepted, stop: stopped, answer: accepted, recover });
  const capabilities = { cancel: true, stop: true, recover: true, questions: true };
  expect(await backend.spawn(spawnRequest, publisher, call)).toMatchObject({ capabilities });
  expect(await backend.recover(recoverRequest, publisher, call)).toEqual({
    outcome: 'adopted',
    taken: true,
    capabilities,
  });
});

test('W12: an execution can take a capability back, and cannot declare one that has no operation', async () => {
  const spawn = () => ({ outcome: 'connected' as const, capabilities: { cancel: false, stop: true } });
  const answer = await defineBackend({ ...smallest, spawn, cancel: accepted }).spawn(spawnRequest, publisher, call);
  expect(answer).toMatchObject({ capabilities: { cancel: false, stop: false } });
});

test('B5: codes and recoverState of a spawned execution are handed on as they are', async () => {
  const facts = { codes: ['out-of-luck'], recoverState: { session: 'one' } };
  const spawn = () => ({ outcome: 'connected' as const, ...facts });
  expect(await defineBackend({ ...smallest, spawn }).spawn(spawnRequest, publisher, call)).toMatchObject(facts);
});

test('W5: a refused spawn is handed on as it is', async () => {
  const refusal = { outcome: 'rejected' as const, code: 'backend-unavailable', detail: new Error('cause') };
  const answer = await defineBackend({ ...smallest, spawn: () => refusal }).spawn(spawnRequest, publisher, call);
  expect(answer).toBe(refusal);
});

test('R5: a backend is disposed once, however often it is asked to', async () => {
  const dispose = vi.fn();
  const backend = defineBackend({ ...smallest, dispose });
  await backend[Symbol.asyncDispose]();
  await backend[Symbol.asyncDispose]();
  expect(dispose).toHaveBeenCalledTimes(1);
});

test('B2: an id of the wrong form is a TypeError when the backend is defined', () => {
  expect(() => defineBackend({ ...smallest, id: 'not an id' })).toThrow(TypeError);
});
