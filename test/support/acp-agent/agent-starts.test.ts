import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { methods, type NewSessionRequest } from '@agentclientprotocol/sdk';
import { describe, expect, test, vi } from 'vitest';

import { firstLine, isRunning, textOf } from '../programs.js';
import { temporaryFolder } from '../temporary-folder.js';
import { begun, calls, initialize, kinds, open, scriptedAgent, start, type Start } from './scripted-agent.js';

describe('sessions that are kept', () => {
  const kept = async () => ({ ACP_AGENT_SESSIONS: await temporaryFolder() });

  test('--load replays prompts and updates before it answers, and goes on', async () => {
    const env = await kept();
    const first = await open({ args: ['--load'], env });
    await first.prompt('message one; tool');
    first.child.kill('SIGKILL');
    const again = start({ args: ['--load'], env });
    const { agentCapabilities } = await initialize(again);
    expect(agentCapabilities?.loadSession).toBe(true);
    const { sessionId } = first;
    await again.agent.request(calls.session.load, { sessionId, cwd: '/', mcpServers: [] });
    expect(kinds(again.updates)[0]).toBe('user_message_chunk');
    expect(again.updates.slice(1)).toEqual(first.updates);
    await again.agent.request(calls.session.prompt, { sessionId, prompt: [{ type: 'text', text: 'prompts' }] });
    expect(again.text()).toBe('one2');
  });

  test('--resume knows the conversation and says nothing of it', async () => {
    const env = await kept();
    const first = await open({ args: ['--resume'], env });
    await first.prompt('message one');
    const again = start({ args: ['--resume'], env });
    const { agentCapabilities } = await initialize(again);
    expect(agentCapabilities?.sessionCapabilities?.resume).toEqual({});
    const { sessionId } = first;
    await again.agent.request(calls.session.resume, { sessionId, cwd: '/' });
    expect(again.updates).toEqual([]);
    await again.agent.request(calls.session.prompt, { sessionId, prompt: [{ type: 'text', text: 'prompts' }] });
    expect(again.text()).toBe('2');
  });

  test('a session that it does not know is not found; without the flags there is neither request', async () => {
    const again = start({ args: ['--load', '--resume'], env: await kept() });
    await initialize(again);
    const unknown = { sessionId: '../x', cwd: '/', mcpServers: [] };
    await expect(again.agent.request(calls.session.load, unknown)).rejects.toMatchObject({ code: -32002 });
    await expect(again.agent.request(calls.session.resume, unknown)).rejects.toMatchObject({ code: -32002 });
    const plain = await open();
    await expect(plain.agent.request(calls.session.load, unknown)).rejects.toMatchObject({ code: -32601 });
  });
});

describe('at the start', () => {
  const newSession: NewSessionRequest = { cwd: '/', mcpServers: [] };

  test('--authenticate METHOD wants that method before a session', async () => {
    const started = start({ args: ['--authenticate', 'test-key'] });
    expect((await initialize(started)).authMethods?.map(({ id }) => id)).toEqual(['test-key', 'test-login']);
    await expect(started.agent.request(calls.session.new, newSession)).rejects.toMatchObject({ code: -32000 });
    await expect(started.agent.request(calls.authenticate, { methodId: 'test-login' })).rejects.toMatchObject({
      code: -32602,
    });
    await started.agent.request(calls.authenticate, { methodId: 'test-key' });
    expect((await started.agent.request(calls.session.new, newSession)).sessionId).toBeTruthy();
  });

  test('--after-new WORDS does them when a session is there; --no-images takes none', async () => {
    const session = start({ args: ['--after-new', 'commands; message hello', '--no-images'] });
    expect((await initialize(session)).agentCapabilities?.promptCapabilities?.image).toBe(false);
    await session.agent.request(calls.session.new, newSession);
    await vi.waitFor(() => expect(session.text()).toBe('hello'));
  });

  test('--trace FILE writes down what is asked for', async () => {
    const trace = join(await temporaryFolder(), 'trace');
    await open({ args: ['--trace', trace] });
    expect(await readFile(trace, 'utf8')).toBe('initialize\nsession/new\n');
  });

  test('the end of stdin ends it', async () => {
    const session = await open();
    session.child.stdin?.end();
    expect((await session.ended).code).toBe(0);
  });

  test('a name that it does not know ends it with the code 2', async () => {
    expect((await start({ args: ['--misbehave', 'nonsense'] }).ended).code).toBe(2);
  });
});

describe('misbehaviours', () => {
  const misbehaving = (name: string, rest: Start = {}): Start => ({ ...rest, args: ['--misbehave', name] });
  const raw = (name: string) => spawn(process.execPath, [scriptedAgent], { env: { ACP_AGENT_MISBEHAVE: name } });

  test('prints-before-initialize: a line that is no message, then all goes on', async () => {
    const child = raw('prints-before-initialize');
    expect(await firstLine(child.stdout)).toBe('Welcome to the agent!');
    child.stdin.end();
    const session = await open(misbehaving('prints-before-initialize'));
    expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
  });

  test('exits-before-initialize: the code 7, and why on stderr', async () => {
    const child = raw('exits-before-initialize');
    expect(await textOf(child.stderr)).toBe('no such model\n');
    expect((await start(misbehaving('exits-before-initialize')).ended).code).toBe(7);
  });

  test('never-answers: nothing, and it goes on', async () => {
    const child = raw('never-answers');
    child.stdin.end('{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":1}}\n');
    expect(await textOf(child.stdout)).toBe('');
  });

  test('opens-a-terminal-first: initialize is answered when its command has begun, or was refused', async () => {
    const { create, output } = methods.client.terminal;
    const asked: string[] = [];
    const offers: Start['offers'] = (app) =>
      void app
        .onRequest(create, () => (asked.push('create'), { terminalId: 't' }))
        .onRequest(output, () => (asked.push('output'), { output: 'begun\n', truncated: false }));
    await initialize(start(misbehaving('opens-a-terminal-first', { offers })));
    expect(asked).toEqual(['create', 'output']);
    expect(await initialize(start(misbehaving('opens-a-terminal-first')))).toMatchObject({ protocolVersion: 1 });
  });

  test('wrong-version: the version 99', async () => {
    expect((await initialize(start(misbehaving('wrong-version')))).protocolVersion).toBe(99);
  });

  test.each([
    ['needs-authentication', -32000],
    ['refuses-sessions', -32603],
  ])('%s: session/new is answered with %i', async (name, code) => {
    await expect(open(misbehaving(name))).rejects.toMatchObject({ code });
  });

  test('never-opens: session/new is not answered', async () => {
    const started = start(misbehaving('never-opens'));
    await initialize(started);
    const answer = started.agent.request(calls.session.new, { cwd: '/', mcpServers: [] }).catch(() => 'closed');
    await expect(started.agent.request(calls.authenticate, { methodId: 'x' })).rejects.toMatchObject({ code: -32602 });
    expect(await Promise.race([answer, Promise.resolve('open')])).toBe('open');
  });

  test('ignores-cancel: the prompt stays open', async () => {
    const session = await open(misbehaving('ignores-cancel'));
    const answer = session.prompt('wait').catch(() => 'closed');
    await begun(session);
    await session.cancel();
    await expect(session.prompt('complete')).rejects.toMatchObject({ code: -32600 });
    session.child.kill('SIGKILL');
    expect(await answer).toBe('closed');
  });

  test('ignores-stdin-end, ignores-sigterm: it still runs', async () => {
    const session = await open(misbehaving('ignores-stdin-end,ignores-sigterm'));
    session.child.kill('SIGTERM');
    expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
    session.child.stdin?.end();
    const plain = await open();
    plain.child.stdin?.end();
    await plain.ended;
    expect(await isRunning(session.child.pid ?? 0)).toBe(true);
  });

  test('exits-in-prompt: the code 3 after the first chunk', async () => {
    const session = await open(misbehaving('exits-in-prompt'));
    await expect(session.prompt('complete')).rejects.toThrow('closed');
    expect((await session.ended).code).toBe(3);
    expect(session.text()).toBe('begun');
  });

  test('long-line: a message that is longer than the SDK reads', async () => {
    const session = await open(misbehaving('long-line'));
    await expect(session.prompt('complete')).rejects.toThrow('limit');
  });

  test('floods: updates until it is cancelled', async () => {
    const session = await open(misbehaving('floods'));
    const answer = session.prompt('complete');
    await vi.waitFor(() => expect(session.updates.length).toBeGreaterThan(1_000));
    await session.cancel();
    expect(await answer).toEqual({ stopReason: 'cancelled' });
  });

  test.each(['answers-nothing-asked', 'prints-in-prompt', 'doubles-tool-calls', 'hostile-tool-calls'])(
    '%s: and the prompt ends as it says',
    async (name) => {
      const session = await open(misbehaving(name));
      expect(await session.prompt('complete')).toEqual({ stopReason: 'end_turn' });
      expect(session.text()).toBe('begun');
    },
  );

  test('asks-after-end: a question when the prompt was answered', async () => {
    const session = await open(misbehaving('asks-after-end'));
    await session.prompt('complete');
    await vi.waitFor(() => expect(session.text()).toBe('begunselected allow'));
  });

  test('leaves-a-child: it runs on without the agent', async () => {
    const session = await open(misbehaving('leaves-a-child'));
    await session.prompt('complete');
    const pid = Number(/child (\d+)/.exec(session.text())?.[1]);
    session.child.kill('SIGKILL');
    await session.ended;
    expect(await isRunning(pid)).toBe(true);
  });
});
