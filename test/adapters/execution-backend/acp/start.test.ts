import { spawn as spawnProgram } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';

import { expect, onTestFinished, test, vi } from 'vitest';

import type { AcpOptions } from '../../../../src/adapters/execution-backend/acp/index.js';
import { acpBackend } from '../../../../src/adapters/execution-backend/acp/index.js';
import { processRegister } from '../../../../src/adapters/execution-backend/process/index.js';
import type { Clock } from '../../../../src/ports/clock.js';
import { execution, send, spawn, stop } from '../../../support/backend-bench.js';
import { firstLine, isRunning, programPath } from '../../../support/programs.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { agentBackend, agentFolder, connectedWorker, hosted, misbehaving, reply, runtimeOf } from './support.js';

/** The processes that work in a folder. */
function runningIn(folder: string): readonly number[] {
  const isThere = (pid: string): boolean => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false;
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isThere(name))
    .map(Number);
}
const nobodyIn = (folder: string) => vi.waitFor(() => expect(runningIn(folder)).toEqual([]), 5_000);

const detailOf = (outcome: object): string => {
  const { detail } = outcome as { readonly detail?: unknown };
  return detail instanceof Error ? `${detail.message} ${String(detail.cause)}` : '';
};

/** An agent that writes down what it is asked for until it has a session. */
function tracedAgent(names: string, options: Partial<AcpOptions> = {}, clock?: Clock) {
  const folder = agentFolder();
  const [trace, noted] = [join(agentFolder(), 'trace'), agentFolder()];
  const register = processRegister({ folder: noted });
  const args = ['--trace', trace, '--misbehave', names];
  const { backend } = agentBackend(args, { cwd: folder, ...options }, { register, ...(clock && { clock }) });
  return {
    backend,
    folder,
    started: () => vi.waitFor(() => expect(readdirSync(noted).join()).toMatch(/json$/), 10_000),
    reached: (what: string) => vi.waitFor(() => expect(readFileSync(trace, 'utf8')).toContain(what), 10_000),
  };
}

test.each<[what: string, names: string, words: string]>([
  ['exits first', 'exits-before-initialize', 'ended'],
  ['speaks another version', 'wrong-version', 'version 99'],
  ['refuses sessions', 'refuses-sessions', ''],
])('W5: an agent that %s refuses the create, and nothing of it runs', async (_what, names, words) => {
  const { backend, folder } = misbehaving(names);
  const worker = execution();
  const outcome = await spawn(backend, worker);
  expect(outcome).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(detailOf(outcome)).toContain(words);
  expect(worker.events).toEqual([]);
  await nobodyIn(folder);
});

test.concurrent.each<[what: string, names: string, reached: string, words: string]>([
  ['is silent', 'never-answers', 'initialize', ''],
  ['is silent and stays', 'never-answers,ignores-stdin-end,ignores-sigterm', 'initialize', ''],
  ['prints and is silent', 'prints-before-initialize,never-answers', 'initialize', 'Welcome to the agent!'],
  ['opens no session', 'never-opens', 'session/new', ''],
])('W5, W18: an agent that %s refuses the create at startMs, and nothing of it runs', async (...of) => {
  const [, names, what, words] = of;
  const clock = virtualClock();
  const { backend, folder, reached } = tracedAgent(names, { startMs: 1_500 }, clock);
  const worker = execution();
  let isDecided = false;
  const spawned = spawn(backend, worker).finally(() => (isDecided = true));
  await reached(what);
  await clock.advance(1_499);
  expect(isDecided).toBe(false);
  await clock.advance(1);
  const outcome = await spawned;
  expect(outcome).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(detailOf(outcome)).toContain(words);
  expect(worker.events).toEqual([]);
  await nobodyIn(folder);
});

test('W5: a terminal that an agent opens before it refuses the session is gone with it', async () => {
  const { backend, folder, reached } = tracedAgent('opens-a-terminal-first,refuses-sessions', { terminals: true });
  expect(await spawn(backend, execution())).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  await reached('terminal/create');
  await nobodyIn(folder);
});

test('B2: an agent that prints what is no message is understood, and the lines are in the operator log only', async () => {
  const { backend, logger } = misbehaving('prints-before-initialize,prints-in-prompt');
  const worker = await connectedWorker(backend);
  expect(await reply(backend, worker, 'message here')).toBe('here');
  const lines = logger.lines.filter(({ message }) => message === 'an agent prints what is no message');
  expect(lines.map(({ fields }) => fields['line'])).toEqual(['Welcome to the agent!', 'this is no message']);
});

test('W5: an agent that wants somebody to sign in refuses with backend-unauthenticated, its methods in detail only', async () => {
  const { backend, folder } = misbehaving('needs-authentication');
  const outcome = await spawn(backend, execution());
  expect(outcome).toMatchObject({ outcome: 'rejected', code: 'backend-unauthenticated' });
  const { detail, ...shown } = outcome as { readonly detail?: unknown };
  expect(String(detail)).toContain('test-key (A key for tests), test-login (A login for tests)');
  expect(JSON.stringify(shown)).not.toContain('test-login');
  await nobodyIn(folder);
});

test('an agent is told the method to sign in with, and the mode to begin in', async () => {
  const args = ['--authenticate', 'my-key'];
  const { backend } = agentBackend(args, { authenticate: 'my-key', mode: 'code' });
  const worker = await connectedWorker(backend);
  expect(await reply(backend, worker, 'modes')).toBe('code');
});

test('an agent works in its folder, with its variables and no others of the host', async () => {
  process.env['ACP_TEST_HOST'] = 'canary';
  onTestFinished(() => void delete process.env['ACP_TEST_HOST']);
  const { backend, folder } = agentBackend([], { env: { ACP_TEST: 'mine' } });
  const worker = await connectedWorker(backend);
  expect(JSON.parse(await reply(backend, worker, 'folder'))).toEqual({ session: folder, program: folder });
  expect(await reply(backend, worker, 'environment ACP_TEST')).toBe('mine');
  expect(await reply(backend, worker, 'environment ACP_TEST_HOST')).toBe('not set');
});

test.each([
  ['a command that is not found', { command: 'no-such-agent' }],
  ['a folder that is not there', { cwd: '/no/such/folder' }],
  ['a variable that is not set', { env: { KEY: { fromEnv: 'NO_SUCH_VARIABLE' } } }],
  ['a method to sign in with that the agent does not know', { authenticate: 'no-such-key' }],
  ['a mode that the agent does not know', { mode: 'no-such-mode' }],
])('W5: %s refuses the create', async (_what, options) => {
  const { backend } = agentBackend([], options);
  expect(await spawn(backend, execution())).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
});

test('an empty command is a mistake of the programmer', () => {
  expect(() => acpBackend({ command: '' })).toThrow(TypeError);
});

type Traced = ReturnType<typeof tracedAgent>;

test.concurrent.each<[when: string, names: string, until: (agent: Traced) => unknown]>([
  ['at once', 'never-answers', () => undefined],
  ['once its program runs', 'never-answers', ({ started }) => started()],
  ['once it has read initialize', 'never-answers', ({ reached }) => reached('initialize')],
  ['once it has read session/new', 'never-opens', ({ reached }) => reached('session/new')],
])('W13: a stop during the start, %s, leaves no agent', async (_when, names, until) => {
  const agent = tracedAgent(`${names},ignores-stdin-end`);
  const worker = execution();
  const spawned = spawn(agent.backend, worker);
  await until(agent);
  expect(await stop(agent.backend, worker, 0)).toMatchObject({ outcome: 'accepted' });
  expect(await spawned).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  await nobodyIn(agent.folder);
});

test('W5: a dispose during the start refuses the create and leaves no agent, and nothing is begun afterwards', async () => {
  const { backend, folder } = misbehaving('never-answers');
  const spawned = spawn(backend, execution());
  await backend[Symbol.asyncDispose]();
  expect(await spawned).toMatchObject({ code: 'backend-unavailable' });
  expect(await spawn(backend, execution())).toMatchObject({ code: 'backend-unavailable' });
  await nobodyIn(folder);
});

test('E6: of two spawns the higher generation has the agent, and the lower one is stale', async () => {
  const { backend, folder } = agentBackend();
  const former = execution();
  const next = execution(former.handle.workerId, 2);
  const [first, second] = await Promise.all([spawn(backend, former), spawn(backend, next)]);
  expect(first).toMatchObject({ outcome: 'rejected' });
  expect(second).toMatchObject({ outcome: 'connected' });
  expect(await spawn(backend, former)).toEqual({ outcome: 'errored', code: 'stale-generation' });
  const pid = Number(await reply(backend, next, 'pid'));
  expect(await isRunning(pid)).toBe(true);
  await expect(send(backend, former, 'message')).rejects.toThrow('stale-generation');
  await stop(backend, next);
  await nobodyIn(folder);
});

test('R5: after the host was killed with SIGKILL neither the agent nor its child nor its terminal is left', async () => {
  const folder = agentFolder();
  const program = programPath('hosts-an-agent.mjs');
  const host = spawnProgram(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const pids = (/ (\d+) child (\d+)/.exec(await firstLine(host.stdout)) ?? []).slice(1).map(Number);
  expect(pids).toHaveLength(2);
  for (const pid of pids) expect(await isRunning(pid)).toBe(true);
  expect(runningIn(folder).length).toBeGreaterThan(2);
  host.kill('SIGKILL');
  for (const pid of pids) await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), 10_000);
  await nobodyIn(folder);
});

test('B2: what an agent is started with, says in its errors and is found again by does not cross', async () => {
  const canary = 'CANARY-4d1e';
  const { backend } = agentBackend(['--load', '--authenticate', canary], {
    authenticate: canary,
    env: { ACP_AGENT_SECRET: canary, KEY: canary },
    cwd: mkdtempSync(join(agentFolder(), canary)),
  });
  const host = await hosted(backend);
  for (const words of ['fail', 'message one; exit 3']) {
    await host.input(words);
    await host.until('input-ended');
    await vi.waitFor(async () => expect(await host.view()).not.toMatchObject({ status: 'busy' }));
  }
  await host.until('execution-disconnected');
  const { runtime, worker } = host;
  const seen = await Promise.all([
    runtime.read({ type: 'observations', worker, limit: 500 }),
    runtime.read({ type: 'transcript', worker }),
    host.view(),
  ]);
  expect(JSON.stringify(seen)).not.toContain(canary);
  const refused = misbehaving('refuses-sessions', { env: { ACP_AGENT_SECRET: canary } });
  const refusing = runtimeOf(refused.backend);
  const created = await refusing.execute({ type: 'create', runtimeId: refusing.runtimeId, profile: 'agent' });
  expect(created).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(JSON.stringify(created)).not.toContain(canary);
});
