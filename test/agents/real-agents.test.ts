import { randomInt, randomUUID } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { acpBackend } from '../../src/adapters/execution-backend/acp/index.js';
import { createRuntime } from '../../src/index.js';
import type { Observation } from '../../src/domain/observation/event.js';
import type { WorkerRef } from '../../src/ports/browser-gateway.js';
import { startAnthropicApi } from '../support/model-api/anthropic.js';
import { startGeminiApi } from '../support/model-api/gemini.js';
import type { ModelApi, ModelScript } from '../support/model-api/model-api.js';
import { createWorker, inputId, isType, observeUntil, runtimeId, textPart } from '../support/runtime.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { agentsAreHere, installedAgent, markedProcesses, programOf } from './installed-agents.js';

interface RealAgent {
  readonly name: string;
  readonly args: readonly string[];
  readonly authenticate?: string;
  readonly env: (url: string) => Readonly<Record<string, string>>;
  readonly api: (script: ModelScript) => Promise<ModelApi>;
  /** Its tools that write a file and run a command. */
  readonly write: string;
  readonly shell: string;
  /** Whether it finds a session again whose program was killed: always, or as it happens. */
  readonly findsAgain: 'always' | 'perhaps';
  /** What it calls allowing and refusing once. */
  readonly allow: string;
  readonly refuse: string;
}

const agents: readonly RealAgent[] = [
  {
    name: 'claude-code-acp',
    args: [],
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: 'key',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    }),
    api: startAnthropicApi,
    write: 'Write',
    shell: 'Bash',
    findsAgain: 'always',
    allow: 'allow',
    refuse: 'reject',
  },
  {
    name: 'gemini',
    args: ['--acp', '--model', 'gemini-2.5-flash'],
    authenticate: 'gemini-api-key',
    env: (url) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: 'key', GEMINI_TELEMETRY_ENABLED: 'false' }),
    api: startGeminiApi,
    write: 'write_file',
    shell: 'run_shell_command',
    findsAgain: 'perhaps',
    allow: 'proceed_once',
    refuse: 'cancel',
  },
];

const ends: (() => PromiseLike<void>)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});
const ending = <Ended extends AsyncDisposable>(what: Ended): Ended => {
  ends.push(() => what[Symbol.asyncDispose]());
  return what;
};

const fileText = (cwd: string) => readFile(join(cwd, 'notes.txt'), 'utf8').catch(() => undefined);

/** Whether a file of JSON lines below a folder has this in it. */
async function isKept(folder: string, text: string): Promise<boolean> {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.jsonl'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  return texts.some((one) => one.includes(text));
}

/** Whoever wants to speak to anybody but the stand-in speaks to a proxy that is not there. */
const quiet = {
  DISABLE_AUTOUPDATER: '1',
  DISABLE_TELEMETRY: '1',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  NO_PROXY: '127.0.0.1',
};
const quietGemini = {
  privacy: { usageStatisticsEnabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

/** A host with one profile for an agent, which has a home of its own and is marked. */
async function hostOf({ name, args, authenticate, env }: Omit<RealAgent, 'api'>, url = '') {
  const [cwd, home, mark] = [await temporaryFolder(), await temporaryFolder(), randomUUID()];
  await mkdir(join(home, '.gemini'));
  await writeFile(join(home, '.gemini/settings.json'), JSON.stringify(quietGemini));
  const backend = acpBackend({
    ...{ command: installedAgent(name), args, cwd, authenticate, graceMs: 2_000 },
    env: { ...quiet, HOME: home, MARK: mark, ...env(url) },
  });
  const runtime = ending(createRuntime({ profiles: { test: { label: name, backend } } }));
  return { runtime, cwd, home, processes: () => markedProcesses(mark) };
}

/** The same with the API of its model, which calls the tool once where it is told to. */
async function workingHost(agent: RealAgent) {
  const file = { path: '' };
  const api = ending(
    await agent.api(({ said, toolResult }) => {
      if (toolResult !== undefined) return { text: `Done: ${toolResult}` };
      if (said === 'go on') return { endless: 'and on ' };
      if (said === 'write') return { tool: agent.write, input: { file_path: file.path, content: 'one\n' } };
      if (said.includes('sleep ')) return { tool: agent.shell, input: { command: said, description: 'Sleeps' } };
      return { text: 'Hello' };
    }),
  );
  const host = await hostOf(agent, api.url);
  file.path = join(host.cwd, 'notes.txt');
  return { ...host, api };
}
type Host = Awaited<ReturnType<typeof workingHost>>;

const eventsOf = <Type extends Observation['event']['type']>(observations: readonly Observation[], type: Type) =>
  observations.flatMap(({ event }) => (event.type === type ? [event as Extract<typeof event, { type: Type }>] : []));

const textOf = (observations: readonly Observation[]) =>
  eventsOf(observations, 'text-delta')
    .map(({ text }) => text)
    .join('');

/** Has the agent write a file, and answers its one question. */
async function answered({ runtime, cwd }: Host, optionId: string) {
  const worker = await createWorker(runtime, 'test', 'write');
  const until = await observeUntil(runtime, worker, isType('question-asked'));
  const asked = eventsOf(until, 'question-asked')[0]!;
  expect(await fileText(cwd)).toBeUndefined();
  const { questionId } = asked;
  expect(await runtime.execute({ type: 'answer', worker, questionId, answer: { optionId } })).toMatchObject({
    outcome: 'accepted',
  });
  return { asked, seen: await observeUntil(runtime, worker, isType('input-ended')) };
}

async function stopped({ runtime, processes }: Pick<Host, 'runtime' | 'processes'>, worker: WorkerRef) {
  expect((await processes()).length).toBeGreaterThan(0);
  expect(await runtime.execute({ type: 'stop', worker })).toMatchObject({ outcome: 'accepted' });
  expect(await processes()).toEqual([]);
}

describe.skipIf(!agentsAreHere).each(agents)('$name', (agent) => {
  test('W17: writes a file when a person has allowed it, and completes [needs agents]', async () => {
    const host = await workingHost(agent);
    const { asked, seen } = await answered(host, agent.allow);
    expect(asked.options?.map(({ optionId }) => optionId)).toContain(agent.refuse);
    expect(eventsOf(seen, 'input-ended')).toMatchObject([{ end: 'completed' }]);
    expect(await fileText(host.cwd)).toBe('one\n');
    const [started, ...others] = eventsOf(seen, 'tool-call-started');
    expect(others).toEqual([]);
    expect(eventsOf(seen, 'tool-call-ended')).toMatchObject([{ toolCallId: started?.toolCallId, isError: false }]);
    const diffs = eventsOf(seen, 'tool-call-updated').flatMap(({ diffs = [] }) => diffs);
    expect(diffs).toContainEqual(expect.objectContaining({ after: 'one\n' }));
    expect(textOf(seen)).toMatch(/^Done: .*notes\.txt/);
  });

  test('W17: writes nothing when a person has refused it [needs agents]', async () => {
    const host = await workingHost(agent);
    const { seen } = await answered(host, agent.refuse);
    expect(eventsOf(seen, 'input-ended')).toHaveLength(1);
    expect(await fileText(host.cwd)).toBeUndefined();
  });

  test('W11: is cancelled in the middle of its answer, which ends, and takes the next prompt [needs agents]', async () => {
    const { runtime, api } = await workingHost(agent);
    const worker = await createWorker(runtime, 'test');
    const [first, next] = [inputId(), inputId()];
    await runtime.execute({ type: 'input', worker, inputId: first, parts: textPart('go on') });
    await observeUntil(runtime, worker, isType('text-delta'));
    const cancelled = await runtime.execute({ type: 'cancel', worker, inputId: first });
    expect(cancelled).toMatchObject({ outcome: 'accepted', end: 'quiesced' });
    await vi.waitFor(() => expect(api.endless()).toBe(0), { timeout: 10_000 });
    await runtime.execute({ type: 'input', worker, inputId: next, parts: textPart('hello') });
    const seen = await observeUntil(runtime, worker, (one) => one.inputId === next && isType('input-ended')(one));
    expect(eventsOf(seen, 'input-ended').map(({ end }) => end)).toEqual(['cancelled', 'completed']);
  });

  test('R5: a stop in the middle of its answer leaves none of its processes [needs agents]', async () => {
    const host = await workingHost(agent);
    const worker = await createWorker(host.runtime, 'test', 'go on');
    await observeUntil(host.runtime, worker, isType('text-delta'));
    await stopped(host, worker);
  });

  test.each(['a stop', 'the end of the host'])(
    'R5: %s while a command of it runs leaves neither [needs agents]',
    async (end) => {
      const host = await workingHost(agent);
      const seconds = randomInt(1_000_000, 9_000_000);
      const command = `touch notes.txt; sleep ${seconds}`;
      const sleeping = () => markedProcesses(`sleep\0${seconds}`);
      const worker = await createWorker(host.runtime, 'test', command);
      const [asked] = eventsOf(await observeUntil(host.runtime, worker, isType('question-asked')), 'question-asked');
      const questionId = asked!.questionId;
      await host.runtime.execute({ type: 'answer', worker, questionId, answer: { optionId: agent.allow } });
      await vi.waitFor(async () => expect(await sleeping()).toHaveLength(1), { timeout: 10_000 });
      if (end === 'a stop') await stopped(host, worker);
      else await host.runtime[Symbol.asyncDispose]();
      expect(await host.processes()).toEqual([]);
      expect(await sleeping()).toEqual([]);
    },
  );

  test('R2: when its program is killed nothing of it is left, and a reconnect goes on, where it can with its conversation [needs agents]', async () => {
    const { runtime, api, home, processes } = await workingHost(agent);
    const worker = await createWorker(runtime, 'test', 'Good morning');
    await observeUntil(runtime, worker, isType('input-ended'));
    await vi.waitFor(async () => expect(await isKept(home, '"Hello"')).toBe(true), { timeout: 10_000 });
    process.kill(await programOf(await processes(), agent.name), 'SIGKILL');
    await observeUntil(runtime, worker, isType('execution-disconnected'));
    await vi.waitFor(async () => expect(await processes()).toEqual([]));
    expect(await runtime.execute({ type: 'reconnect', worker })).toMatchObject({ outcome: 'accepted' });
    const next = inputId();
    await runtime.execute({ type: 'input', worker, inputId: next, parts: textPart('And again') });
    const seen = await observeUntil(runtime, worker, (one) => one.inputId === next && isType('input-ended')(one));
    const { conversation = [] } = api.questions.at(-1) ?? {};
    expect(conversation).toContain('And again');
    if (agent.findsAgain === 'always') expect(conversation).toContain('Good morning');
    expect(textOf(seen)).toBe('HelloHello');
  });

  test('R5: a stop while it waits for a permission leaves none of its processes [needs agents]', async () => {
    const host = await workingHost(agent);
    const worker = await createWorker(host.runtime, 'test', 'write');
    await observeUntil(host.runtime, worker, isType('question-asked'));
    await stopped(host, worker);
    expect(await fileText(host.cwd)).toBeUndefined();
  });
});

describe.skipIf(!agentsAreHere)('codex-acp', () => {
  test('without a key it is not created, for want of somebody who signs in, and leaves no process [needs agents]', async () => {
    const { runtime, processes } = await hostOf({ ...agents[0]!, name: 'codex-acp', env: () => ({}) });
    const created = await runtime.execute({ type: 'create', runtimeId, profile: 'test' });
    expect(created).toEqual({ outcome: 'rejected', code: 'backend-unauthenticated' });
    expect(await processes()).toEqual([]);
  });
});
