import { PassThrough } from 'node:stream';

import { expect, test, vi } from 'vitest';

import { agentStream } from '../../../../src/adapters/execution-backend/acp/agent-stream.js';
import { publishFitting } from '../../../../src/adapters/execution-backend/acp/fitting.js';
import { InputId, QuestionId } from '../../../../src/domain/ids.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import type { PublishResult } from '../../../../src/ports/observation-publisher.js';
import { send, stop } from '../../../support/backend-bench.js';
import { agentBackend, connectedWorker, hosted, misbehaving, saidIn } from './support.js';

const inputId = InputId('0190b4ab-0000-7000-8000-000000000001');
const tooLarge: PublishResult = { outcome: 'refused', code: 'event-too-large' };

/** Publishes to a host that takes events of so many characters. */
async function fitted(event: BackendEvent, limit = 2_000) {
  const taken: BackendEvent[] = [];
  const result = await publishFitting(async (part) => {
    if (JSON.stringify(part).length > limit) return tooLarge;
    taken.push(part);
    return { outcome: 'taken' };
  }, event);
  return { taken, result };
}
const long = '😀a'.repeat(3_000);
const leftOut = { type: 'notice', level: 'warning', inputId };

test('E1: a text that is larger than the host takes arrives in pieces of whole characters', async () => {
  const { taken, result } = await fitted({ type: 'text-delta', inputId, messageId: 'm', text: long });
  const texts = taken.map((event) => (event.type === 'text-delta' ? event.text : ''));
  expect(texts.join('')).toBe(long);
  expect(texts.every((text) => Buffer.from(text).toString() === text)).toBe(true);
  expect(result).toEqual({ outcome: 'taken' });
});

test('E1: a text that no piece of fits is refused, not tried for ever', async () => {
  const event: BackendEvent = { type: 'text-delta', inputId, messageId: 'm', text: '😀😀😀' };
  expect(await fitted(event, 10)).toEqual({ taken: [], result: tooLarge });
});

test.each<[what: string, event: BackendEvent, kept: object | undefined]>([
  [
    'the input of a tool call',
    { type: 'tool-call-started', inputId, toolCallId: 'c', name: 'edit', title: 'Edit', input: long },
    { type: 'tool-call-started', inputId, toolCallId: 'c', name: 'edit', title: 'Edit' },
  ],
  [
    'the title of a tool call',
    { type: 'tool-call-started', inputId, toolCallId: 'c', name: 'edit', title: 'x'.repeat(9_000) },
    { type: 'tool-call-started', inputId, toolCallId: 'c', name: 'edit', title: 'x'.repeat(1_000) },
  ],
  [
    'the output of a tool call',
    { type: 'tool-call-ended', inputId, toolCallId: 'c', isError: true, output: long },
    { type: 'tool-call-ended', inputId, toolCallId: 'c', isError: true },
  ],
  ['what changes a tool call', { type: 'tool-call-updated', inputId, toolCallId: 'c', output: long }, undefined],
  ['a plan', { type: 'plan-updated', inputId, planId: 'p', steps: [{ text: long, status: 'pending' }] }, undefined],
])('E1: %s that is too large is said to be left out', async (_what, event, kept) => {
  const { taken, result } = await fitted(event);
  expect(taken).toMatchObject(kept ? [kept, leftOut] : [leftOut]);
  expect(result).toEqual({ outcome: 'taken' });
});

test('W17: a question that is too large is asked of nobody, and said to be left out', async () => {
  const event: BackendEvent = { type: 'question-asked', inputId, questionId: QuestionId('q'), prompt: long };
  const { taken, result } = await fitted(event);
  expect(taken).toMatchObject([leftOut]);
  expect(result).toEqual(tooLarge);
});

test('P1, P2: what an agent says faster than its host records arrives whole and in order', async () => {
  const { backend } = agentBackend();
  const host = await hosted(backend);
  await host.input('stream 4000 400');
  const seen = await host.until('input-ended');
  const texts = seen.flatMap(({ event }) => (event.type === 'text-delta' ? [Number.parseInt(event.text, 10)] : []));
  expect(texts).toEqual(Array.from({ length: 4_000 }, (_, index) => index));
});

test('E1: one text of a megabyte is recorded whole, in pieces', async () => {
  const { backend } = agentBackend();
  const host = await hosted(backend);
  await host.input('stream 1 1000000');
  const seen = (await host.until('input-ended')).map(({ event }) => event);
  expect(saidIn(seen)).toBe('0'.padEnd(1_000_000, '.'));
});

test('E1: a tool call that is larger than the host takes begins and ends, and says that it is left out', async () => {
  const { backend } = agentBackend([], { terminals: true });
  const host = await hosted(backend);
  await host.input('shown-terminal head -c 600000 /dev/zero');
  const seen = (await host.until('input-ended')).map(({ event }) => event);
  const of = (type: string) => seen.filter((event) => event.type === type);
  expect(of('tool-call-started')).toHaveLength(1);
  expect(of('tool-call-ended')).toEqual([{ type: 'tool-call-ended', toolCallId: 'call-shown', isError: false }]);
  expect(of('notice')).not.toEqual([]);
  expect(seen.at(-1)).toMatchObject({ end: 'completed' });
});

test('E1: a line of 64 MiB ends the agent, and the operator log says why', async () => {
  const { backend, logger } = misbehaving('long-line');
  const worker = await connectedWorker(backend);
  await send(backend, worker, 'message never');
  expect(await worker.exited).toEqual({ kind: 'signal', value: 'SIGKILL' });
  expect(logger.lines).toContainEqual(
    expect.objectContaining({ message: 'an agent breaks the protocol and is ended' }),
  );
  expect(worker.events).toEqual([]);
});

test('P2: an agent that floods is slowed to what the host takes', async () => {
  const output = new PassThrough({ highWaterMark: 1024 });
  let taken = 0;
  let release: () => void = () => undefined;
  agentStream({
    output,
    input: new PassThrough(),
    onUpdate: () => new Promise((resolve) => ((taken += 1), (release = resolve))),
    onNoise: () => undefined,
    onViolation: () => undefined,
  });
  const line = `${JSON.stringify({ jsonrpc: '2.0', method: 'session/update', params: { text: 'x'.repeat(512) } })}\n`;
  for (let index = 0; index < 100; index += 1) output.write(line);
  await vi.waitFor(() => expect(taken).toBe(1));
  expect(output.writableNeedDrain).toBe(true);
  release();
  await vi.waitFor(() => expect(taken).toBe(2));
});

test('P2, W13: a flooding agent is ended by a stop, and nothing comes after it', async () => {
  const { backend } = misbehaving('floods');
  const worker = await connectedWorker(backend);
  await send(backend, worker, 'message never');
  await worker.until(() => worker.events.length > 200);
  expect(await stop(backend, worker, 300)).toMatchObject({ outcome: 'accepted' });
  const count = worker.events.length;
  await new Promise((resolve) => setImmediate(resolve));
  expect(worker.events).toHaveLength(count);
});

test('P2: more requests than are answered end the agent', async () => {
  const output = new PassThrough();
  const violations: string[] = [];
  const { readable } = agentStream({
    output,
    input: new PassThrough(),
    onUpdate: async () => undefined,
    onNoise: () => undefined,
    onViolation: (what) => violations.push(what),
  });
  for (let id = 0; id < 300; id += 1) output.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'x' })}\n`);
  await vi.waitFor(() => expect(violations).toEqual(['it asks more than is answered']), 5_000);
  await readable.cancel();
});
