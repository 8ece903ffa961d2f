import { rmSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test, vi } from 'vitest';

import { inMemoryLog } from '../../../../src/index.js';
import type { WorkerLog } from '../../../../src/index.js';
import { expectAccepted } from '../../../support/runtime.js';
import { faultyLog } from '../../../support/faulty-log.js';
import { execution, neverAborted, spawn } from '../../../support/backend-bench.js';
import { isRunning } from '../../../support/programs.js';
import type { Host } from './support.js';
import { agentBackend, agentFolder, connectedWorker, hosted, hostOf, reply, runtimeOf, saidIn } from './support.js';

/** A log that outlives its host: what the host appends after its crash does not arrive. */
function crashingLog() {
  const shared = inMemoryLog();
  let isOver = false;
  const log: WorkerLog = {
    ...faultyLog(shared),
    append: (...args) => (isOver ? new Promise(() => undefined) : shared.append(...args)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { log, shared, crash: () => void (isOver = true) };
}

async function said(host: Host, words: string): Promise<string> {
  const inputId = await host.input(words);
  const isOver = async () => {
    const answer = await host.runtime.read({ type: 'observations', worker: host.worker, limit: 500 });
    const all = answer.outcome === 'answered' ? answer.observations : [];
    const of = all.filter((one) => one.inputId === inputId).map(({ event }) => event);
    expect(of.at(-1)?.type).toBe('input-ended');
    return saidIn(of);
  };
  return vi.waitFor(isOver, 5_000);
}
const storyOf = async (host: Host): Promise<readonly string[]> => {
  const answer = await host.runtime.read({ type: 'observations', worker: host.worker, limit: 500 });
  return answer.outcome === 'answered' ? answer.observations.map(({ event }) => event.type) : [];
};
const reconnect = async ({ runtime, worker }: Host) =>
  expectAccepted(await runtime.execute({ type: 'reconnect', worker }));
const disconnected = (host: Host) =>
  vi.waitFor(async () => expect(await host.view()).toMatchObject({ status: 'unconnected' }), 5_000);

test.each(['--load', '--resume'])(
  'R2: with %s the next host finds the session again, and nothing is doubled',
  async (how) => {
    const { log, shared, crash } = crashingLog();
    const cwd = agentFolder();
    const first = agentBackend([how], { cwd });
    const host = await hosted(first.backend, log);
    await said(host, 'message remembered; tool; plan');
    const before = await storyOf(host);
    crash();
    await first.backend[Symbol.asyncDispose]();

    const second = agentBackend([how], { cwd });
    const runtime = runtimeOf(second.backend, shared);
    await runtime.ready();
    const again = hostOf(runtime, host.worker);
    expect(await again.view()).toMatchObject({ status: 'idle' });
    expect(await storyOf(again)).toEqual([...before, 'execution-connecting', 'execution-connected']);
    expect(await said(again, 'prompts')).toBe('2');
  },
);

test('R2: a run that was open at the crash ends interrupted, and a reconnect finds the session', async () => {
  const { log, shared, crash } = crashingLog();
  const cwd = agentFolder();
  const first = agentBackend(['--load'], { cwd });
  const host = await hosted(first.backend, log);
  await host.input('wait');
  await host.until('text-delta');
  crash();
  await first.backend[Symbol.asyncDispose]();

  const runtime = runtimeOf(agentBackend(['--load'], { cwd }).backend, shared);
  await runtime.ready();
  const again = hostOf(runtime, host.worker);
  const ended = (await again.until('input-ended')).at(-1)?.event;
  expect(ended).toMatchObject({ end: 'interrupted' });
  expect(await again.view()).toMatchObject({ status: 'unconnected' });
  expect((await reconnect(again)).worker).toMatchObject({ status: 'idle' });
  expect(await said(again, 'prompts')).toBe('2');
});

test.each([
  ['that can load is found again with its session', ['--load'], '3'],
  ['that cannot is begun anew', [], '1'],
])('R2: an agent that dies in mid-prompt leaves its Worker unconnected; one %s', async (_what, args, prompts) => {
  const { backend } = agentBackend(args);
  const host = await hosted(backend);
  await said(host, 'message one');
  await host.input('message two; kill');
  await host.until('execution-disconnected');
  expect((await storyOf(host)).filter((type) => type === 'input-ended')).toHaveLength(2);
  expect((await reconnect(host)).worker).toMatchObject({ status: 'idle' });
  expect(await said(host, 'prompts')).toBe(prompts);
});

test('R2: who reconnects in the moment of the end finds the session, and terminals of the former agent are gone', async () => {
  const { backend } = agentBackend(['--load'], { terminals: true });
  const host = await hosted(backend);
  await said(host, 'message one');
  const pid = Number(await said(host, 'pid'));
  await host.input('terminal-stays; wait');
  const stays = Number(saidIn((await host.until('text-delta', 3)).slice(-1).map(({ event }) => event)));
  expect(await isRunning(stays)).toBe(true);
  process.kill(pid, 'SIGKILL');
  await host.until('execution-disconnected');
  expect(await isRunning(stays)).toBe(false);
  await reconnect(host);
  expect(await said(host, 'prompts')).toBe('4');
});

test('R2: a session that the agent has lost is lost, and a reconnect begins a new one', async () => {
  const first = agentBackend(['--load']);
  const host = await hosted(first.backend);
  const pid = Number(await said(host, 'pid'));
  rmSync(join(first.folder, '.sessions'), { recursive: true });
  process.kill(pid, 'SIGKILL');
  await disconnected(host);
  expect((await reconnect(host)).worker).toMatchObject({ status: 'idle' });
  expect(await said(host, 'prompts')).toBe('1');
});

test('B2: a session is found again by its own Worker only', async () => {
  const { backend } = agentBackend(['--load']);
  const worker = execution();
  const spawned = await spawn(backend, worker);
  const recoverState = spawned.outcome === 'connected' ? spawned.recoverState : undefined;
  const other = execution(undefined, 2);
  const position = { generation: worker.handle.generation, sequence: 0 };
  const request = { handle: { ...other.handle, recoverState }, position, deadlineMs: 5_000 };
  expect(await backend.recover(request, other.publisher, neverAborted)).toEqual({ outcome: 'lost' });
});

test('R2: a recover while the agent starts is lost, and the start goes on', async () => {
  const { backend } = agentBackend(['--load']);
  const worker = execution();
  const spawned = spawn(backend, worker);
  const position = { generation: worker.handle.generation, sequence: 0 };
  const request = { handle: worker.handle, position, deadlineMs: 5_000 };
  expect(await backend.recover(request, worker.publisher, neverAborted)).toEqual({ outcome: 'lost' });
  expect(await spawned).toMatchObject({ outcome: 'connected' });
  expect(await reply(backend, worker, 'message here')).toBe('here');
});

test('R5: an agent that was stopped is not found again', async () => {
  const { backend } = agentBackend(['--load']);
  const worker = await connectedWorker(backend);
  const pid = Number(await reply(backend, worker, 'pid'));
  await backend.stop(worker.handle, { graceMs: 300 }, neverAborted);
  expect(await isRunning(pid)).toBe(false);
  const next = execution(worker.handle.workerId, 2);
  const position = { generation: worker.handle.generation, sequence: 0 };
  const request = { handle: next.handle, position, deadlineMs: 5_000 };
  expect(await backend.recover(request, next.publisher, neverAborted)).toEqual({ outcome: 'lost' });
});
