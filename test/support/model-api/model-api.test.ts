import { afterEach, expect, test, vi } from 'vitest';

import { startAnthropicApi } from './anthropic.js';
import { startGeminiApi } from './gemini.js';
import type { ModelApi, ModelScript } from './model-api.js';

const script: ModelScript = ({ said, toolResult }) => {
  if (toolResult !== undefined) return { text: `result ${toolResult}` };
  if (said === 'call') return { tool: 'Write', input: { path: 'notes.txt' } };
  return said === 'endless' ? { endless: 'on ' } : { text: 'hello' };
};

let api: ModelApi | undefined;
afterEach(() => api?.[Symbol.asyncDispose]());

const post = (path: string, body: unknown, signal?: AbortSignal) =>
  fetch(`${api?.url ?? ''}${path}`, { method: 'POST', body: JSON.stringify(body), ...(signal && { signal }) });

const events = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => JSON.parse(line.slice('data: '.length)) as Readonly<Record<string, unknown>>);

const anthropic = (content: unknown, stream = true) => ({ model: 'm', stream, messages: [{ role: 'user', content }] });
const gemini = (...parts: unknown[]) => ({ contents: [{ role: 'user', parts }] });
const generate = '/v1beta/models/m:streamGenerateContent?alt=sse';

test('Messages API: a text, as a stream and at once', async () => {
  api = await startAnthropicApi(script);
  const streamed = events(await (await post('/v1/messages', anthropic('hi'))).text());
  expect(streamed.map(({ type }) => type)).toEqual([
    ...['message_start', 'content_block_start', 'content_block_delta', 'content_block_stop'],
    ...['message_delta', 'message_stop'],
  ]);
  const whole: unknown = await (await post('/v1/messages', anthropic('hi', false))).json();
  expect(whole).toMatchObject({ content: [{ type: 'text', text: 'hello' }], stop_reason: 'end_turn' });
});

test('Messages API: a tool call, and what it answers to the result', async () => {
  api = await startAnthropicApi(script);
  const call = await (await post('/v1/messages', anthropic('call'))).text();
  expect(call).toContain('"type":"tool_use"');
  expect(call).toContain('{\\"path\\":\\"notes.txt\\"}');
  expect(call).toContain('"stop_reason":"tool_use"');
  const asked = [
    { type: 'text', text: 'call' },
    { type: 'tool_result', content: 'written' },
  ];
  expect(await (await post('/v1/messages', anthropic(asked))).text()).toContain('result written');
});

test('Gemini API: a text, a function call, and what it answers to the response', async () => {
  api = await startGeminiApi(script);
  expect(events(await (await post(generate, gemini({ text: 'hi' }))).text())).toMatchObject([
    { candidates: [{ content: { parts: [{ text: 'hello' }] }, finishReason: 'STOP' }] },
  ]);
  expect(await (await post(generate, gemini({ text: 'call' }))).text()).toContain('"functionCall":{"name":"Write"');
  const response = { functionResponse: { name: 'Write', response: 'written' } };
  expect(await (await post(generate, gemini({ text: 'call' }, response))).text()).toContain('result');
  expect(await (await post('/v1beta/models/m:countTokens', {})).json()).toEqual({ totalTokens: 10 });
});

test.each([
  ['Messages', startAnthropicApi, '/v1/messages', anthropic('endless')],
  ['Gemini', startGeminiApi, generate, gemini({ text: 'endless' })],
] as const)('%s API: an endless answer ends when nobody reads', async (_, begin, path, body) => {
  api = await begin(script);
  const reading = new AbortController();
  const response = await post(path, body, reading.signal);
  await response.body?.getReader().read();
  await vi.waitFor(() => expect(api?.endless()).toBe(1));
  reading.abort();
  await vi.waitFor(() => expect(api?.endless()).toBe(0));
});

test('another path is not found, and is listed', async () => {
  api = await startAnthropicApi(script);
  expect((await post('/v1/other', {})).status).toBe(404);
  expect(api.requests).toEqual(['POST /v1/other']);
});
