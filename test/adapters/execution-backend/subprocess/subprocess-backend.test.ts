import { randomUUID } from 'node:crypto';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { SubprocessOptions } from '../../../../src/adapters/execution-backend/subprocess/index.js';
import { subprocessBackend } from '../../../../src/adapters/execution-backend/subprocess/index.js';
import { WorkerId } from '../../../../src/domain/ids.js';
import type { ExecutionBackend } from '../../../../src/ports/execution-backend.js';
import type { Execution } from '../../../support/backend-bench.js';
import { cancel, execution, neverAborted, say, send, spawn, stop } from '../../../support/backend-bench.js';
import { isRunning, programPath } from '../../../support/programs.js';
import { recordingLogger } from '../../../support/recording-logger.js';

function backendOf(program: string, options: Partial<SubprocessOptions> = {}) {
  const logger = recordingLogger();
  const backend = subprocessBackend(
    { command: process.execPath, args: [programPath(program)], ...options },
    { logger },
  );
  onTestFinished(() => backend[Symbol.asyncDispose]());
  return { backend, logger };
}
const textOf = (events: readonly { readonly type: string }[]): string =>
  events.map((event) => ('text' in event ? String(event.text) : '')).join('');
async function pidOf(backend: ExecutionBackend, worker: Execution): Promise<number> {
  return (JSON.parse(textOf(await say(backend, worker, 'session'))) as { pid: number }).pid;
}

test('a Worker lives in a program of its own, which gets the options of its profile', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const [one, other] = [execution(), execution()];
  expect(await spawn(backend, one, { any: ['json'] })).toMatchObject({
    outcome: 'connected',
    capabilities: { cancel: true, stop: true, recover: false, questions: true },
  });
  await spawn(backend, other);
  const session = JSON.parse(textOf(await say(backend, one, 'session'))) as object;
  expect(session).toMatchObject({ workerId: one.handle.workerId, options: { any: ['json'] } });
  expect(await pidOf(backend, one)).not.toBe(await pidOf(backend, other));
});

test('with isolation backend all Workers share a program, and the death of it disconnects each of them', async () => {
  const { backend } = backendOf('echo-backend.mjs', { isolation: 'backend' });
  const [one, other] = [execution(), execution()];
  await Promise.all([spawn(backend, one), spawn(backend, other)]);
  const pid = await pidOf(backend, one);
  expect(await pidOf(backend, other)).toBe(pid);
  process.kill(pid, 'SIGKILL');
  expect(await one.exited).toEqual({ kind: 'signal', value: 'SIGKILL' });
  expect(await other.exited).toEqual({ kind: 'signal', value: 'SIGKILL' });
  const next = execution(one.handle.workerId, 2);
  expect(await spawn(backend, next)).toMatchObject({ outcome: 'connected' });
  expect(await pidOf(backend, next)).not.toBe(pid);
});

test('with isolation backend a spawn that meets the end of the program waits for the next one', async () => {
  const { backend } = backendOf('echo-backend.mjs', { isolation: 'backend' });
  const worker = execution();
  await spawn(backend, worker);
  for (let count = 0; count < 3; count += 1) await say(backend, worker, 'print no frame').catch(() => undefined);
  expect(await spawn(backend, execution())).toMatchObject({ outcome: 'connected' });
});

test('with isolation backend the stop of one Worker leaves the others', async () => {
  const { backend } = backendOf('echo-backend.mjs', { isolation: 'backend' });
  const [one, other] = [execution(), execution()];
  await spawn(backend, one);
  await spawn(backend, other);
  expect(await stop(backend, one)).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(textOf(await say(backend, other, 'echo still here'))).toBe('still here');
});

test.each([
  ['a command that is not found', { command: 'no-such-command', args: [] }],
  ['a folder that is not there', { cwd: '/no/such/folder' }],
  ['a variable that is not set', { env: { KEY: { fromEnv: 'NO_SUCH_VARIABLE' } } }],
  ['a program that exits before it has answered', { args: [programPath('exits-7.mjs')] }],
  ['a program that says something else first', { args: [programPath('prints-before-initialize.mjs')] }],
  ['a program that is silent', { args: [programPath('never-answers.mjs')], startMs: 300 }],
  [
    'a program that is silent and does not go',
    { args: [programPath('ignores-sigterm.mjs')], startMs: 300, graceMs: 100 },
  ],
])('%s refuses the spawn with backend-unavailable', async (_what, options) => {
  for (const isolation of ['worker', 'backend'] as const) {
    const { backend } = backendOf('echo-backend.mjs', { ...options, isolation });
    const worker = execution();
    expect(await spawn(backend, worker)).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
    expect(worker.events).toEqual([]);
  }
});

test('a program that exits in a run disconnects its Worker with the code, and the generation is not begun again', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  await send(backend, worker, 'exit 3').catch(() => undefined);
  expect(await worker.exited).toEqual({ kind: 'code', value: 3 });
  expect(await spawn(backend, worker)).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(await spawn(backend, execution(worker.handle.workerId, 2))).toMatchObject({ outcome: 'connected' });
});

test('W8: an input for a program that is gone is errored and did not run', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  process.kill(await pidOf(backend, worker), 'SIGKILL');
  await worker.exited;
  const inputId = '0190b4ab-0000-7000-8000-000000000001' as Awaited<ReturnType<typeof send>>;
  const outcome = await backend.dispatch(worker.handle, { inputId, parts: [] }, neverAborted);
  expect(outcome).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
});

test('cancel ends the run and leaves the program', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  const inputId = await send(backend, worker, 'hang');
  expect(await cancel(backend, worker, inputId)).toEqual({ outcome: 'accepted' });
  expect(worker.events).toEqual([{ type: 'run-ended', end: 'cancelled', inputId }]);
  expect(textOf(await say(backend, worker, 'echo still here'))).toBe('still here');
});

test('stop ends the program after its last words, and is idempotent', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  const pid = await pidOf(backend, worker);
  const inputId = await send(backend, worker, 'hang');
  expect(await stop(backend, worker)).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(worker.events.at(-1)).toEqual({ type: 'run-ended', end: 'cancelled', inputId });
  expect(await isRunning(pid)).toBe(false);
  expect(await stop(backend, worker)).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(await stop(backend, execution())).toEqual({ outcome: 'accepted', end: 'stopped' });
});

test('stop of a program that does not go is killed, within its grace and five seconds', async () => {
  const { backend } = backendOf('stays-after-its-end.mjs');
  const worker = execution();
  await spawn(backend, worker);
  const pid = await pidOf(backend, worker);
  expect(await stop(backend, worker, 300)).toEqual({ outcome: 'accepted', end: 'killed' });
  expect(await isRunning(pid)).toBe(false);
});

test('stop without a grace kills at once, also while the program starts', async () => {
  const { backend } = backendOf('never-answers.mjs', { startMs: 60_000 });
  const worker = execution();
  const spawned = spawn(backend, worker);
  expect(await stop(backend, worker, 0)).toMatchObject({ outcome: 'accepted' });
  expect(await spawned).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
});

test('E6: a spawn with a higher generation first ends what is there, and lower ones are stale from then on', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const former = execution();
  await spawn(backend, former);
  const pid = await pidOf(backend, former);
  const next = execution(former.handle.workerId, 2);
  await spawn(backend, next);
  expect(await isRunning(pid)).toBe(false);
  const stale = { outcome: 'errored', code: 'stale-generation' };
  expect(await spawn(backend, former)).toEqual(stale);
  expect(await stop(backend, former)).toEqual(stale);
  expect(await cancel(backend, former, '0190b4ab-0000-7000-8000-000000000001' as never)).toEqual(stale);
  expect(textOf(await say(backend, next, 'echo here'))).toBe('here');
});

test('a spawn that is asked again is the same execution', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  const [one, again] = await Promise.all([spawn(backend, worker), spawn(backend, worker)]);
  expect(again).toEqual(one);
});

test('E1: what a program prints among its frames is forgiven twice, then its Worker is disconnected and it is ended', async () => {
  const { backend, logger } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  const pid = await pidOf(backend, worker);
  await say(backend, worker, 'print not a frame');
  await say(backend, worker, 'print not a frame either');
  await send(backend, worker, 'print enough').catch(() => undefined);
  expect(await worker.exited).toEqual({ kind: 'code', value: 0 });
  await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false));
  expect(logger.lines.filter(({ message }) => message === 'protocol violation')).toHaveLength(3);
});

test('stderr goes to the operator log, with its Worker', async () => {
  const { backend, logger } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  await say(backend, worker, 'stderr words for the operator');
  await vi.waitFor(() =>
    expect(logger.lines).toContainEqual({
      level: 'info',
      message: 'program stderr',
      fields: { backendId: 'subprocess', workerId: worker.handle.workerId, line: 'words for the operator' },
    }),
  );
});

test('a variable is resolved at each start, and the host says that it is one', async () => {
  process.env['KEY_OF_TEST'] = 'canary';
  onTestFinished(() => void delete process.env['KEY_OF_TEST']);
  const { backend } = backendOf('echo-backend.mjs', { env: { KEY: { fromEnv: 'KEY_OF_TEST' }, MODE: 'x' } });
  const worker = execution();
  await spawn(backend, worker);
  expect(textOf(await say(backend, worker, 'env KEY'))).toBe('canary');
  expect(textOf(await say(backend, worker, 'env MODE'))).toBe('x');
  expect(textOf(await say(backend, worker, 'env KEY_OF_TEST'))).toBe('unset');
  expect(textOf(await say(backend, worker, 'env WORKPORT_BACKEND'))).toBe('1');
});

test('20,000 events come in order, with no one missing', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const worker = execution();
  await spawn(backend, worker);
  const events = await say(backend, worker, 'flood 20000');
  expect(events).toHaveLength(20_001);
  expect(
    events.every((event, index) => index === 20_000 || ('text' in event && event.text === `line ${index}\n`)),
  ).toBe(true);
});

test('dispose ends every program', async () => {
  const { backend } = backendOf('echo-backend.mjs');
  const workers = [execution(WorkerId(randomUUID())), execution()];
  for (const worker of workers) await spawn(backend, worker);
  const pids = await Promise.all(workers.map((worker) => pidOf(backend, worker)));
  await backend[Symbol.asyncDispose]();
  for (const pid of pids) expect(await isRunning(pid)).toBe(false);
  expect(await spawn(backend, execution())).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
});
