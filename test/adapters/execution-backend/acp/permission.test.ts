import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { ExecutionBackend } from '../../../../src/ports/execution-backend.js';
import type { Execution } from '../../../support/backend-bench.js';
import { cancel, neverAborted, send } from '../../../support/backend-bench.js';
import { agentBackend, connectedWorker, misbehaving, saidIn } from './support.js';

type Asked = Extract<BackendEvent, { readonly type: 'question-asked' }>;

const isAsked = (event: BackendEvent): event is Asked & BackendEvent => event.type === 'question-asked';
const isEnded = (event: BackendEvent): boolean => event.type === 'run-ended';
const asked = async (worker: Execution, count = 1): Promise<readonly Asked[]> => {
  await worker.until(() => worker.events.filter(isAsked).length >= count);
  return worker.events.filter(isAsked);
};
const choose = (backend: ExecutionBackend, { handle }: Execution, { questionId }: Asked, optionId: string) =>
  backend.answer(handle, { questionId, answer: { optionId } }, neverAborted);
const ended = async (worker: Execution): Promise<string> => saidIn(await worker.until(isEnded));
const request = (...options: readonly (readonly [optionId: string, name: string])[]): string =>
  `request session/request_permission ${JSON.stringify({
    toolCall: { toolCallId: 'x', title: 'Sure?' },
    options: options.map(([optionId, name]) => ({ optionId, name, kind: 'allow_once' })),
  })}`;

test('W17: a permission waits for a person, and the agent gets what was chosen', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  const inputId = await send(backend, worker, 'ask');
  const [question] = await asked(worker);
  if (!question) throw new Error('nothing was asked');
  expect(question).toMatchObject({
    inputId,
    prompt: 'Go on?',
    options: [
      { optionId: 'allow', label: 'allow once' },
      { optionId: 'reject', label: 'reject once' },
    ],
  });
  expect(worker.events.at(-2)).toMatchObject({ type: 'tool-call-started', title: 'Go on?', name: 'execute' });
  expect(await choose(backend, worker, question, 'reject')).toEqual({ outcome: 'accepted' });
  expect(await ended(worker)).toBe('selected reject');
  expect(await choose(backend, worker, question, 'allow')).toMatchObject({ code: 'question-closed' });
});

test.each<[what: string, options: readonly (readonly [string, string])[]]>([
  [
    'an id that another is replaced with',
    [
      ['option-2', 'No'],
      ['<b>', 'Yes'],
    ],
  ],
  [
    'the same ids',
    [
      ['same', 'No'],
      ['same', 'Yes'],
    ],
  ],
  [
    'empty ids',
    [
      ['', 'No'],
      ['', 'Yes'],
    ],
  ],
  [
    'ids that are too long',
    [
      ['a'.repeat(500), 'No'],
      ['b'.repeat(500), 'Yes'],
    ],
  ],
  [
    'the ids of others, crosswise',
    [
      ['..', 'No'],
      ['option-1', 'Yes'],
      ['option-2', 'Maybe'],
      ['?', 'Never'],
    ],
  ],
])('W17: of options with %s each is its own', async (_what, options) => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  for (const [index, [optionId, name]] of options.entries()) {
    worker.events.length = 0;
    await send(backend, worker, request(...options));
    const [question] = await asked(worker);
    if (!question) throw new Error('nothing was asked');
    const offered = question.options ?? [];
    expect(offered.map(({ label }) => label)).toEqual(options.map(([, label]) => label));
    expect(new Set(offered.map(({ optionId: ours }) => ours)).size).toBe(options.length);
    expect(offered[index]?.label).toBe(name);
    await choose(backend, worker, question, offered[index]?.optionId ?? '');
    expect(JSON.parse(await ended(worker))).toEqual({ outcome: { outcome: 'selected', optionId } });
  }
});

test('W17: two at once are two questions, each answered by itself', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  await send(backend, worker, 'ask-twice');
  const [first, second] = await asked(worker, 2);
  if (!first || !second) throw new Error('not both were asked');
  await choose(backend, worker, second, 'reject');
  await choose(backend, worker, first, 'allow');
  expect(await ended(worker)).toBe('selected allow, selected reject');
});

test('W17: a cancel withdraws the question, and the agent is told that nobody answers', async () => {
  const { backend } = misbehaving('ignores-cancel');
  const worker = await connectedWorker(backend);
  const inputId = await send(backend, worker, request(['yes', 'Yes']));
  const [question] = await asked(worker);
  if (!question) throw new Error('nothing was asked');
  const cancelled = cancel(backend, worker, inputId);
  expect(await choose(backend, worker, question, 'yes')).toMatchObject({ code: 'question-closed' });
  expect(await cancelled).toEqual({ outcome: 'accepted' });
  expect(JSON.parse(await ended(worker))).toEqual({ outcome: { outcome: 'cancelled' } });
  const { questionId } = question;
  expect(worker.events).toContainEqual({ type: 'question-withdrawn', inputId, questionId, cause: 'withdrawn' });
});

test('W17: what is asked after a cancel is not asked of anybody', async () => {
  const { backend } = misbehaving('ignores-cancel');
  const worker = await connectedWorker(backend);
  const inputId = await send(backend, worker, `ask; ${request(['yes', 'Yes'])}`);
  await asked(worker);
  expect(await cancel(backend, worker, inputId)).toEqual({ outcome: 'accepted' });
  expect(worker.events.filter(isAsked)).toHaveLength(1);
});

test('W17: an answer in the moment before a cancel is taken, and the run ends once', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  const inputId = await send(backend, worker, 'ask');
  const [question] = await asked(worker);
  if (!question) throw new Error('nothing was asked');
  const [answered, cancelled] = await Promise.all([
    choose(backend, worker, question, 'allow'),
    cancel(backend, worker, inputId),
  ]);
  expect(answered).toEqual({ outcome: 'accepted' });
  expect(cancelled).toEqual({ outcome: 'accepted' });
  expect(worker.events.filter(isEnded)).toHaveLength(1);
});

test('W17: an agent that takes its question back withdraws it, and it cannot be answered any more', async () => {
  const { backend, folder } = agentBackend();
  const worker = await connectedWorker(backend);
  const cue = join(folder, 'cue');
  await send(backend, worker, `withdraw ${cue}`);
  const [question] = await asked(worker);
  if (!question) throw new Error('nothing was asked');
  writeFileSync(cue, '');
  expect(await ended(worker)).toBe('cancelled');
  const told = worker.events.filter(({ type }) => type.startsWith('question-'));
  expect(told).toMatchObject([
    { type: 'question-asked' },
    { type: 'question-withdrawn', questionId: question.questionId, cause: 'withdrawn' },
  ]);
  expect(await choose(backend, worker, question, 'allow')).toMatchObject({ code: 'question-closed' });
});

test('W17: without options nobody can answer, and nothing is allowed', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  await send(backend, worker, request());
  expect(JSON.parse(await ended(worker))).toEqual({ outcome: { outcome: 'cancelled' } });
  expect(worker.events.filter(isAsked)).toEqual([]);
});

test('W17: what is asked with no input open is told, and never allowed', async () => {
  const { backend } = misbehaving('asks-after-end');
  const worker = await connectedWorker(backend);
  await send(backend, worker, 'message done');
  await worker.until(({ type }) => type === 'notice');
  expect(worker.events.filter(isAsked)).toEqual([]);
  expect(worker.events.at(-1)).toMatchObject({ type: 'notice', level: 'warning' });
  expect(worker.events.at(-1)).not.toHaveProperty('inputId');
});

test('W17: an agent that dies with its question open takes it along, and the answer comes too late', async () => {
  const { backend } = agentBackend();
  const worker = await connectedWorker(backend);
  await send(backend, worker, 'pid; ask');
  const [question] = await asked(worker);
  if (!question) throw new Error('nothing was asked');
  process.kill(Number(saidIn(worker.events)), 'SIGKILL');
  await choose(backend, worker, question, 'allow');
  expect(await worker.exited).toEqual({ kind: 'signal', value: 'SIGKILL' });
  expect(await choose(backend, worker, question, 'allow')).toMatchObject({ outcome: 'rejected' });
  expect(worker.events.filter(isEnded)).toEqual([]);
});
