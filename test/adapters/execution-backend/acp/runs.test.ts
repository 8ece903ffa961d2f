import { expect, test, vi } from 'vitest';

import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import { InputId } from '../../../../src/domain/ids.js';
import { cancel, neverAborted, say, send, stop } from '../../../support/backend-bench.js';
import { isRunning } from '../../../support/programs.js';
import { textPart } from '../../../support/runtime.js';
import { agentBackend, connectedWorker, hosted, misbehaving, reply, saidIn } from './support.js';

test.each([
  ['end_turn', { end: 'completed' }],
  ['cancelled', { end: 'cancelled' }],
  ['refusal', { end: 'refused' }],
  ['max_tokens', { end: 'failed', code: 'max-tokens' }],
  ['max_turn_requests', { end: 'failed', code: 'max-turn-requests' }],
])('B5: the stop reason %s ends the run', async (reason, end) => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  expect((await say(backend, worker, `stop ${reason}`)).at(-1)).toMatchObject({ type: 'run-ended', ...end });
});

test('B2: what an agent answers with an error is agent-error, its words in the operator log only', async () => {
  const { backend, logger } = agentBackend([], { env: { ACP_AGENT_SECRET: 'CANARY-9' } });
  const worker = await connectedWorker(backend);
  expect((await say(backend, worker, 'fail')).at(-1)).toMatchObject({ end: 'failed', code: 'agent-error' });
  expect(JSON.stringify(worker.events)).not.toContain('CANARY-9');
  const told = logger.lines.find(({ message }) => message === 'an agent answers a prompt with an error');
  expect(JSON.stringify(told?.fields)).toContain('CANARY-9');
});

test('W4: an image is handed on, and refused by an agent that takes none', async () => {
  const parts = [{ type: 'blob', mediaType: 'image/png', data: 'AAAA' } as const];
  const taking = agentBackend();
  const worker = await connectedWorker(taking.backend);
  const inputId = InputId('0190b4ab-0000-7000-8000-000000000003');
  expect(await taking.backend.dispatch(worker.handle, { inputId, parts }, neverAborted)).toEqual({
    outcome: 'accepted',
  });
  await worker.until(({ type }) => type === 'run-ended');
  expect(JSON.parse(saidIn(worker.events))).toEqual([{ type: 'image', mimeType: 'image/png', data: 'AAAA' }]);
  const other = agentBackend(['--no-images']);
  const blind = await connectedWorker(other.backend);
  expect(await other.backend.dispatch(blind.handle, { inputId, parts }, neverAborted)).toEqual({
    outcome: 'rejected',
    code: 'image-unsupported',
  });
});

test('W7, W8: while a run is open others are busy, and the same input is accepted without running again', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  const inputId = await send(backend, worker, 'wait');
  const other = { inputId: InputId('0190b4ab-0000-7000-8000-000000000004'), parts: textPart('message') };
  expect(await backend.dispatch(worker.handle, other, neverAborted)).toEqual({ outcome: 'busy' });
  const again = { inputId, parts: textPart('wait') };
  expect(await backend.dispatch(worker.handle, again, neverAborted)).toEqual({ outcome: 'accepted' });
  expect(await cancel(backend, worker, inputId)).toEqual({ outcome: 'accepted' });
  expect(await backend.dispatch(worker.handle, again, neverAborted)).toEqual({ outcome: 'accepted' });
  expect(await reply(backend, worker, 'prompts')).toBe('2');
});

test('W8: a prompt that the agent does not read stays undecided, and a stop ends it with its agent', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  const pid = Number(await reply(backend, worker, 'pid'));
  process.kill(pid, 'SIGSTOP');
  const inputId = InputId('0190b4ab-0000-7000-8000-000000000005');
  let answer: string | undefined;
  const dispatched = backend
    .dispatch(worker.handle, { inputId, parts: textPart('x'.repeat(20_000_000)) }, neverAborted)
    .then(({ outcome }) => (answer = outcome));
  const other = await connectedWorker(backend);
  expect(await reply(backend, other, 'message meanwhile')).toBe('meanwhile');
  expect(answer).toBeUndefined();
  const cancelled = cancel(backend, worker, inputId);
  expect(await stop(backend, worker, 200)).toEqual({ outcome: 'accepted', end: 'killed' });
  await dispatched;
  expect(answer).toBe('unknown');
  expect(await cancelled).toEqual({ outcome: 'accepted' });
  expect(worker.events.filter((event) => event.inputId === inputId)).toEqual([
    { type: 'run-ended', end: 'cancelled', inputId },
  ]);
  await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
});

test('W11: a cancel that the agent heeds is quiesced in the same generation', async () => {
  const { backend } = agentBackend();
  const host = await hosted(backend);
  const inputId = await host.input('wait');
  const { runtime, worker } = host;
  expect(await runtime.execute({ type: 'cancel', worker, inputId })).toMatchObject({ end: 'quiesced' });
  await host.input('message here');
  const seen = await host.until('input-ended', 2);
  expect(seen.filter(({ event }) => event.type === 'execution-connected')).toHaveLength(1);
  expect(seen.flatMap(({ event }) => (event.type === 'input-ended' ? [event.end] : []))).toEqual([
    'cancelled',
    'completed',
  ]);
});

test('W11: a cancel that the agent ignores is escalated at its deadline, and no process is left', async () => {
  const { backend } = misbehaving('ignores-cancel,ignores-stdin-end,ignores-sigterm');
  const host = await hosted(backend);
  const inputId = await host.input('pid; child; wait');
  const { runtime, worker } = host;
  const said = saidIn((await host.until('text-delta', 3)).map(({ event }) => event));
  const pids = /^(\d+)child (\d+)/.exec(said)?.slice(1).map(Number) ?? [];
  expect(pids).toHaveLength(2);
  const cancelled = await runtime.execute({ type: 'cancel', worker, inputId, deadlineMs: 300 });
  expect(cancelled).toMatchObject({ end: 'escalated' });
  for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), 5_000);
  expect(await host.view()).toMatchObject({ status: 'unconnected' });
});

test('W12, W13: a stop in mid-run ends the run as cancelled, then an agent that ignores it and its children', async () => {
  const { backend } = misbehaving('ignores-stdin-end,ignores-sigterm');
  const host = await hosted(backend);
  await host.input('pid; child; wait');
  const { runtime, worker } = host;
  const said = saidIn((await host.until('text-delta', 3)).map(({ event }) => event));
  const pids = /^(\d+)child (\d+)/.exec(said)?.slice(1).map(Number) ?? [];
  expect(await runtime.execute({ type: 'stop', worker, graceMs: 300 })).toMatchObject({ end: 'killed' });
  for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), 5_000);
  const seen = await host.until('worker-stopped');
  expect(seen.map(({ event }) => event).find(({ type }) => type === 'input-ended')).toMatchObject({ end: 'cancelled' });
});

test('O5: work of its own stands between activity-started and activity-ended, and refuses no input', async () => {
  const { backend } = agentBackend(['--after-new', 'message by myself']);
  const host = await hosted(backend);
  await host.until('text-delta');
  await host.input('message asked; later; message afterwards');
  const seen = await host.until('text-delta', 3);
  expect(seen.slice(2).map(({ event, inputId }) => `${event.type}${inputId ? '*' : ''}`)).toEqual([
    'activity-started',
    'text-delta',
    'activity-ended',
    'input-accepted*',
    'text-delta*',
    'input-ended*',
    'activity-started',
    'text-delta',
  ]);
});

test('E4: what is told after the answer of a prompt names its run no more', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  const isLate = (event: BackendEvent): boolean => event.type === 'text-delta' && event.text === 'late';
  const inputId = await send(backend, worker, 'message one; later; message late');
  const events = await worker.until(isLate);
  const end = events.findIndex(({ type }) => type === 'run-ended');
  expect(events.slice(0, end).every((event) => event.inputId === inputId)).toBe(true);
  expect(events.slice(end + 1).every((event) => event.inputId === undefined)).toBe(true);
});

test('O7, W16: answers that nobody waits for, tool calls told twice and hostile ids leave the run and its events whole', async () => {
  const { backend, logger } = misbehaving('answers-nothing-asked,doubles-tool-calls,hostile-tool-calls');
  const host = await hosted(backend);
  await host.input('message here');
  const seen = (await host.until('input-ended')).map(({ event }) => event);
  expect(seen.at(-1)).toMatchObject({ end: 'completed' });
  const started = seen.filter(({ type }) => type === 'tool-call-started');
  expect(started).toHaveLength(7);
  expect(seen.filter(({ type }) => type === 'tool-call-ended')).toHaveLength(7);
  expect(logger.lines.filter(({ message }) => message === 'an event was refused')).toEqual([]);
});

test('E3: an agent that asks for what is not there or asks it wrongly is told so, and what is no request at all is passed over', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  expect(await reply(backend, worker, 'request no/such/method {}')).toContain('error -32601');
  expect(await reply(backend, worker, 'request session/request_permission {"options":7}')).toContain('error -32602');
  expect(await reply(backend, worker, 'raw {"jsonrpc":"2.0","method":7}; raw {"id":9}; raw []; message on')).toBe('on');
});
