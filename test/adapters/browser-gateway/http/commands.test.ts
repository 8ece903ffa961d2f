import { describe, expect, it } from 'vitest';

import { rejected } from '../../../../src/domain/outcome.js';
import { problemSchema, responseSchemas } from '../../../../src/protocol/browser.js';
import { api, serving, workerUrl, workersUrl } from '../../../support/http.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import {
  cursorAt,
  inputId,
  runtimeId,
  scriptedGateway,
  workerId,
  workerView,
} from '../../../support/scripted-gateway.js';

const worker = { runtimeId, workerId };
const problemOf = async (response: Response) => problemSchema.parse(await response.json());
const create = { profile: 'javascript' };
const text = { type: 'text', text: '6 * 7' };
const blob = { type: 'blob', mediaType: 'image/png', data: 'aGk=' };

describe('create over HTTP', () => {
  it('a new Worker answers 201 with its place, one that its key found 200', async () => {
    const cursor = cursorAt(3);
    const gateway = scriptedGateway({
      execute: () => ({
        outcome: 'accepted',
        worker: workerView,
        created: gateway.commands.length === 1,
        inputId,
        cursor,
      }),
    });
    const { post } = serving(gateway);
    const body = { ...create, displayName: 'Ada', input: { inputId, text: '6 * 7' } };
    const first = await post(workersUrl, body, { 'idempotency-key': 'k-1' });
    const second = await post(workersUrl, body, { 'idempotency-key': 'k-1' });
    expect([first.status, second.status]).toEqual([201, 200]);
    expect(first.headers.get('location')).toBe(new URL(workerUrl).pathname);
    expect(second.headers.get('location')).toBe(new URL(workerUrl).pathname);
    expect(responseSchemas.create.parse(await first.json())).toEqual({ worker: workerView, inputId, cursor });
    expect(gateway.commands[0]).toEqual({
      type: 'create',
      runtimeId,
      profile: 'javascript',
      displayName: 'Ada',
      input: { inputId, parts: [text] },
      idempotencyKey: 'k-1',
    });
  });

  it.each(['', 'two words', 'ü', 'x'.repeat(256)])(
    'the idempotency key %j answers 400 request-invalid',
    async (key) => {
      const { post } = serving(scriptedGateway());
      const response = await post(workersUrl, create, { 'idempotency-key': key });
      expect((await problemOf(response)).code).toBe('request-invalid');
    },
  );
});

describe('inputs over HTTP', () => {
  it('text is short for one text part', async () => {
    const gateway = scriptedGateway();
    const { post } = serving(gateway);
    const response = await post(`${workerUrl}/inputs`, { text: '6 * 7' });
    expect(response.status).toBe(202);
    expect(responseSchemas.input.parse(await response.json())).toEqual({ inputId, cursor: cursorAt(3) });
    expect(gateway.commands).toEqual([{ type: 'input', worker, parts: [text] }]);
  });

  it('an input id may stand in the body, in Idempotency-Key, or, the same, in both', async () => {
    const gateway = scriptedGateway();
    const { post } = serving(gateway);
    await post(`${workerUrl}/inputs`, { parts: [text, blob], inputId: inputId.toUpperCase() });
    await post(`${workerUrl}/inputs`, { parts: [text, blob] }, { 'idempotency-key': inputId.toUpperCase() });
    await post(`${workerUrl}/inputs`, { parts: [text, blob], inputId }, { 'idempotency-key': inputId });
    expect(gateway.commands).toEqual(Array(3).fill({ type: 'input', worker, inputId, parts: [text, blob] }));
  });

  it('two different input ids, or a key that is no input id, answer 400 request-invalid', async () => {
    const { post } = serving(scriptedGateway());
    const other = await post(`${workerUrl}/inputs`, { text: 'x', inputId }, { 'idempotency-key': workerId });
    const wrong = await post(`${workerUrl}/inputs`, { text: 'x' }, { 'idempotency-key': 'k-1' });
    expect([(await problemOf(other)).code, (await problemOf(wrong)).code]).toEqual([
      'request-invalid',
      'request-invalid',
    ]);
  });

  it.each([
    {},
    { text: 'x', parts: [text] },
    { text: 'x', extra: 1 },
    { text: 7 },
    { text: 'x', inputId: '42' },
    { parts: [{ ...text, extra: 1 }] },
    { parts: [{ type: 'video' }] },
    { parts: text },
    null,
    [],
    'x',
    '{"text":"x","__proto__":{"admin":true}}',
    '{"text":"x"',
    '',
  ])('B1: the body %j answers 400 request-invalid and asks nobody', async (body) => {
    const gateway = scriptedGateway();
    const { post } = serving(gateway);
    const response = await post(`${workerUrl}/inputs`, body);
    expect([response.status, (await problemOf(response)).code]).toEqual([400, 'request-invalid']);
    expect(gateway.commands).toEqual([]);
  });

  it.each([
    { ...blob, mediaType: 'text/html' },
    { ...blob, data: 'not base64!' },
  ])('a part whose content is of the wrong kind answers 422 input-invalid: %j', async (part) => {
    const { post } = serving(scriptedGateway());
    const response = await post(`${workerUrl}/inputs`, { parts: [text, part] });
    expect([response.status, (await problemOf(response)).code]).toEqual([422, 'input-invalid']);
  });

  it('busy answers 409 with the open input', async () => {
    const { post } = serving(scriptedGateway({ execute: () => ({ outcome: 'busy', inputId }) }));
    const response = await post(`${workerUrl}/inputs`, { text: 'x' });
    expect(response.status).toBe(409);
    expect(await problemOf(response)).toMatchObject({ code: 'busy', outcome: 'busy', inputId });
  });

  it('more inputs in a minute than the quota answer 429, and the next minute takes them again', async () => {
    const clock = virtualClock();
    const { post } = serving(scriptedGateway(), { clock, options: { inputsPerMinute: 2 } });
    const send = () => post(`${workerUrl}/inputs`, { text: 'x' });
    expect([(await send()).status, (await send()).status]).toEqual([202, 202]);
    await clock.advance(45_001);
    const refused = await send();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '15']);
    expect(await problemOf(refused)).toMatchObject({ code: 'quota-exceeded', limit: 2 });
    const create = await post(workersUrl, { profile: 'javascript', input: { text: 'x' } });
    expect([create.status, create.headers.get('retry-after')]).toEqual([429, '15']);
    expect((await post(workersUrl, { profile: 'javascript' })).status).toBe(201);
    await clock.advance(14_999);
    expect((await send()).status).toBe(202);
  });
});

describe('control over HTTP', () => {
  it('cancel, reconnect and stop take a body or none, and tell how it ended', async () => {
    const gateway = scriptedGateway();
    const { ask, post } = serving(gateway);
    const bare = async (url: string) => (await ask(url, { method: 'POST' })).json();
    expect(responseSchemas.cancel.parse(await bare(`${workerUrl}/inputs/${inputId}/cancel`))).toEqual({
      end: 'quiesced',
    });
    expect(responseSchemas.reconnect.parse(await bare(`${workerUrl}/reconnect`))).toEqual({ worker: workerView });
    expect(responseSchemas.stop.parse(await bare(`${workerUrl}/stop`))).toEqual({ worker: workerView, end: 'stopped' });
    await post(`${workerUrl}/inputs/${inputId}/cancel`, { deadlineMs: 0 });
    await post(`${workerUrl}/stop`, { graceMs: 60_000 });
    await post(`${workerUrl}/reconnect`, '');
    expect(gateway.commands).toEqual([
      { type: 'cancel', worker, inputId },
      { type: 'reconnect', worker },
      { type: 'stop', worker },
      { type: 'cancel', worker, inputId, deadlineMs: 0 },
      { type: 'stop', worker, graceMs: 60_000 },
      { type: 'reconnect', worker },
    ]);
  });

  it.each([-1, 60_001, 1.5, '5', null])('W18: a wait of %j milliseconds answers 400 request-invalid', async (wait) => {
    const { post } = serving(scriptedGateway());
    const cancelled = await post(`${workerUrl}/inputs/${inputId}/cancel`, { deadlineMs: wait });
    const stopped = await post(`${workerUrl}/stop`, { graceMs: wait });
    expect([(await problemOf(cancelled)).code, (await problemOf(stopped)).code]).toEqual([
      'request-invalid',
      'request-invalid',
    ]);
  });

  it('an answer is an option or a text, and not both', async () => {
    const gateway = scriptedGateway();
    const { post } = serving(gateway);
    const url = `${workerUrl}/questions/q%3A1/answer`;
    const chosen = await post(url, { optionId: 'yes' });
    await post(url, { text: 'yes' });
    const both = await post(url, { optionId: 'yes', text: 'yes' });
    expect(responseSchemas.answer.parse(await chosen.json())).toEqual({});
    expect((await problemOf(both)).code).toBe('request-invalid');
    expect(gateway.commands).toEqual([
      { type: 'answer', worker, questionId: 'q:1', answer: { optionId: 'yes' } },
      { type: 'answer', worker, questionId: 'q:1', answer: { text: 'yes' } },
    ]);
  });

  it('an id of the wrong form in a path names nothing', async () => {
    const { post } = serving(scriptedGateway());
    const codeAt = async (url: string, body: unknown) => (await problemOf(await post(url, body))).code;
    expect(await codeAt(`${workerUrl}/questions/${'q'.repeat(129)}/answer`, { text: 'x' })).toBe('question-unknown');
    expect(await codeAt(`${workerUrl}/inputs/42/cancel`, {})).toBe('input-not-open');
    expect(await codeAt(`${workersUrl}/42/stop`, {})).toBe('worker-unknown');
    expect(await codeAt(`${api}/runtimes/a%20b/workers`, create)).toBe('runtime-unknown');
  });

  it('B4: deleting answers 204 for a deleted Worker, one that may not be seen, and an id of the wrong form', async () => {
    const gateway = scriptedGateway({
      execute: () => (gateway.commands.length === 1 ? { outcome: 'accepted' } : rejected('worker-unknown')),
    });
    const { ask } = serving(gateway);
    const remove = async (url: string) => {
      const response = await ask(url, { method: 'DELETE' });
      return [response.status, await response.text()];
    };
    expect(await remove(workerUrl)).toEqual([204, '']);
    expect(await remove(workerUrl)).toEqual([204, '']);
    expect(await remove(`${workersUrl}/42`)).toEqual([204, '']);
  });

  it('deleting a live Worker answers 409 worker-not-stopped', async () => {
    const { ask } = serving(scriptedGateway({ execute: () => rejected('worker-not-stopped') }));
    const response = await ask(workerUrl, { method: 'DELETE' });
    expect([response.status, (await problemOf(response)).code]).toEqual([409, 'worker-not-stopped']);
  });

  it('B1: a query where none is taken answers 400 request-invalid', async () => {
    const { post } = serving(scriptedGateway());
    expect((await problemOf(await post(`${workerUrl}/stop?force=1`, {}))).code).toBe('request-invalid');
  });
});
