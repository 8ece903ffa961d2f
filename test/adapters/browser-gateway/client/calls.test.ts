import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { BrowserClientOptions } from '../../../../src/adapters/browser-gateway/client/index.js';
import { browserClient } from '../../../../src/adapters/browser-gateway/client/index.js';
import type { Command, InputId, Query, RuntimeId, WorkerId } from '../../../../src/index.js';
import { QuestionId } from '../../../../src/index.js';
import { serving } from '../../../support/http.js';
import type { Script } from '../../../support/scripted-gateway.js';
import {
  correlationId,
  cursorAt,
  inputId,
  runtimeId,
  scriptedGateway,
  workerId,
  workerView,
} from '../../../support/scripted-gateway.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const worker = { runtimeId, workerId };
const parts = [{ type: 'text', text: 'hello' }] as const;
const commands: readonly Command[] = [
  { type: 'create', runtimeId, profile: 'javascript', displayName: 'One', input: { parts }, idempotencyKey: 'key-1' },
  { type: 'create', runtimeId, profile: 'javascript' },
  { type: 'input', worker, inputId, parts },
  { type: 'answer', worker, questionId: QuestionId('a:b.c'), answer: { optionId: 'yes' } },
  { type: 'answer', worker, questionId: QuestionId('q'), answer: { text: 'yes' } },
  { type: 'cancel', worker, inputId, deadlineMs: 0 },
  { type: 'cancel', worker, inputId },
  { type: 'reconnect', worker },
  { type: 'stop', worker, graceMs: 100 },
  { type: 'delete', worker },
];
const queries: readonly Query[] = [
  { type: 'runtimes' },
  { type: 'profiles', runtimeId },
  { type: 'workers', runtimeId, status: 'idle', after: workerId, limit: 3 },
  { type: 'worker', worker },
  { type: 'transcript', worker, limit: 5 },
  { type: 'observations', worker, after: cursorAt(1) },
];

interface Sent {
  readonly url: string;
  readonly init: RequestInit | undefined;
}
type Fetch = NonNullable<BrowserClientOptions['fetch']>;

/** A client of a handler with a scripted gateway behind it; `lose` takes away answers. */
function calling(script: Script = {}, options: BrowserClientOptions = {}) {
  const gateway = scriptedGateway(script);
  const { handler } = serving(gateway);
  const clock = virtualClock();
  const sent: Sent[] = [];
  const answers: (Fetch | undefined)[] = [];
  const direct: Fetch = (url, init) => handler(new Request(url, init), { localPort: 7420 });
  const fetch: Fetch = (url, init) => {
    sent.push({ url, init });
    return (answers.shift() ?? direct)(url, init);
  };
  const client = browserClient({ url: 'http://127.0.0.1:7420/', token: 'good', fetch, clock, ...options });
  return { client, clock, gateway, sent, answers, direct };
}

const page: Fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
const unreachable: Fetch = async () => {
  throw new TypeError('fetch failed');
};
const unavailable = (executed: string) => ({
  outcome: 'errored',
  code: 'runtime-unavailable',
  executed,
  correlationId: expect.any(String),
});
const bodyOf = ({ init }: Sent) => JSON.parse(init?.body as string) as { readonly inputId?: string };
const keyOf = ({ init }: Sent) => new Headers(init?.headers).get('idempotency-key');

describe('what a gateway answers comes through a host as it is', () => {
  test.each(commands)('$type', async (command) => {
    const { client, gateway } = calling();
    const expected = await scriptedGateway({}).execute(command);
    expect(await client.execute(command)).toEqual(expected);
    expect(gateway.commands.at(-1)).toMatchObject(command);
  });

  test.each(queries)('$type', async (query) => {
    const { client, gateway } = calling();
    expect(await client.read(query)).toEqual(await scriptedGateway({}).read(query));
    expect(gateway.queries.at(-1)).toEqual(query);
  });

  test.each([
    { outcome: 'busy', inputId },
    { outcome: 'busy' },
    { outcome: 'rejected', code: 'backend-rejected', backendCode: 'no-money' },
    { outcome: 'rejected', code: 'input-too-large', limit: 5 },
    { outcome: 'unsupported', operation: 'input' },
    { outcome: 'errored', code: 'backend-fault', executed: 'unknown', correlationId, backendCode: 'broken' },
    { outcome: 'errored', code: 'log-unavailable', executed: 'no', correlationId },
  ] as const)('%j', async (refusal) => {
    const { client } = calling({ execute: () => refusal });
    expect(await client.execute({ type: 'input', worker, parts })).toEqual(refusal);
  });
});

test.each([
  ['a string', 'good', 'Bearer good'],
  ['a function', async () => 'good', 'Bearer good'],
  ['nothing', undefined, null],
])('the token, %s, goes into a header and into no address', async (_, token, header) => {
  const { client, sent } = calling({}, { token });
  await client.read({ type: 'runtimes' });
  expect(new Headers(sent[0]?.init?.headers).get('authorization')).toBe(header);
  expect(sent[0]?.url).toBe('http://127.0.0.1:7420/api/v1/runtimes');
});

describe('W8: what gets no answer', () => {
  test('a read is asked again, and answered in the end', async () => {
    const { client, clock, sent, answers } = calling();
    answers.push(unreachable, page, async () => new Response('{"half":', { status: 200 }));
    const asked = client.read({ type: 'runtimes' });
    await clock.advance(10_000);
    expect((await asked).outcome).toBe('answered');
    expect(sent).toHaveLength(4);
  });

  test('an input is sent again under the same id', async () => {
    const { client, clock, sent, answers, direct, gateway } = calling();
    answers.push(async (url, init) => {
      await direct(url, init);
      throw new TypeError('terminated');
    });
    const asked = client.execute({ type: 'input', worker, parts });
    await clock.advance(10_000);
    expect((await asked).outcome).toBe('accepted');
    expect(gateway.commands).toHaveLength(2);
    expect(sent.map((one) => bodyOf(one).inputId)[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(bodyOf(sent[1] as Sent)).toEqual(bodyOf(sent[0] as Sent));
  });

  test.each([
    [undefined, true],
    ['key-1', false],
  ])('a create with the key %s is sent again under the same key; created: %s', async (idempotencyKey, created) => {
    let calls = 0;
    const { client, clock, sent, answers, direct } = calling({
      execute: () => ({ outcome: 'accepted', worker: workerView, created: (calls += 1) === 1 }),
    });
    answers.push(async (url, init) => {
      await direct(url, init);
      throw new TypeError('terminated');
    });
    const asked = client.execute({ type: 'create', runtimeId, profile: 'javascript', idempotencyKey });
    await clock.advance(10_000);
    expect(await asked).toMatchObject({ outcome: 'accepted', created });
    expect(keyOf(sent[0] as Sent)).toBe(idempotencyKey ?? keyOf(sent[1] as Sent));
    expect(sent).toHaveLength(2);
  });

  test.each([
    { outcome: 'rejected', code: 'quota-exceeded' },
    { outcome: 'rejected', code: 'unauthenticated' },
    { outcome: 'errored', code: 'log-unavailable', executed: 'no', correlationId },
  ] as const)('before it is refused as $code may have been executed', async (refusal) => {
    const { client, clock, answers } = calling({ execute: () => refusal });
    answers.push(unreachable);
    const asked = client.execute({ type: 'input', worker, parts });
    await clock.advance(10_000);
    const code = refusal.outcome === 'errored' ? refusal.code : 'runtime-unavailable';
    expect(await asked).toMatchObject({ outcome: 'errored', code, executed: 'unknown' });
  });

  test('before it is refused by the Worker itself is refused', async () => {
    const { client, clock, answers } = calling({ execute: () => ({ outcome: 'busy', inputId }) });
    answers.push(unreachable);
    const asked = client.execute({ type: 'input', worker, parts });
    await clock.advance(10_000);
    expect(await asked).toEqual({ outcome: 'busy', inputId });
  });

  test.each(commands.filter(({ type }) => type === 'stop' || type === 'delete'))(
    'W13: a $type is sent again as it was',
    async (command) => {
      const { client, clock, sent, answers, gateway } = calling();
      answers.push(unreachable, page);
      const asked = client.execute(command);
      await clock.advance(10_000);
      expect(await asked).toEqual(await scriptedGateway({}).execute(command));
      expect([sent.length, gateway.commands.length]).toEqual([3, 1]);
      expect([sent[2]?.url, sent[2]?.init?.body]).toEqual([sent[0]?.url, sent[0]?.init?.body]);
    },
  );

  test.each(commands.filter(({ type }) => type === 'answer' || type === 'cancel' || type === 'reconnect'))(
    'a $type is sent once, and may have been executed',
    async (command) => {
      const { client, clock, sent, answers } = calling();
      answers.push(page);
      expect(await client.execute(command)).toEqual(unavailable('unknown'));
      expect([sent.length, clock.pending]).toEqual([1, 0]);
    },
  );

  test('from a host that never comes back is runtime-unavailable after four attempts', async () => {
    const { client, clock, sent, answers } = calling();
    answers.push(...Array<Fetch>(8).fill(unreachable));
    const read = client.read({ type: 'runtimes' });
    await clock.advance(10_000);
    expect(await read).toEqual(unavailable('no'));
    const input = client.execute({ type: 'input', worker, parts });
    await clock.advance(10_000);
    expect(await input).toEqual(unavailable('unknown'));
    expect([sent.length, clock.pending]).toEqual([8, 0]);
  });
});

test.each([
  ['a page', new Response('<html>', { status: 200 })],
  ['JSON of another service', Response.json({ ok: true })],
  ['a problem of another service', Response.json({ type: 'about:blank', code: 'busy' }, { status: 409 })],
  ['JSON null', Response.json(null)],
  ['a problem whose type is no text', Response.json({ type: { toString: 1 }, code: 'busy' }, { status: 409 })],
])('W16: %s is no answer', async (_, response) => {
  const { client, clock, answers } = calling();
  answers.push(...Array<Fetch>(4).fill(async () => response.clone()));
  const asked = client.read({ type: 'runtimes' });
  await clock.advance(10_000);
  expect(await asked).toEqual(unavailable('no'));
});

test('W16: an answer that has a type of its own is no problem for it', async () => {
  const { client, answers } = calling();
  answers.push(async () => Response.json({ runtimes: [], type: { toString: 1 } }));
  expect(await client.read({ type: 'runtimes' })).toEqual({ outcome: 'answered', runtimes: [] });
});

test('W18: a request that is never answered is given up in time', async () => {
  const { client, clock, answers } = calling({}, { timeoutMs: 1_000 });
  answers.push(() => new Promise(() => undefined));
  const asked = client.execute({ type: 'reconnect', worker });
  await clock.advance(1_000);
  expect(await asked).toEqual(unavailable('unknown'));
});

test('W18: abort stops the wait with its reason, between attempts as well', async () => {
  const { client, clock, answers } = calling();
  answers.push(unreachable, () => new Promise(() => undefined));
  const gone = new AbortController();
  const asked = client.read({ type: 'runtimes' }, { signal: gone.signal });
  const rejected = expect(asked).rejects.toThrow('enough');
  await clock.settle();
  gone.abort(new Error('enough'));
  await rejected;
  expect(clock.pending).toBe(0);
});

test('a token that cannot be had is no reason to throw', async () => {
  const token = vi.fn(async () => Promise.reject<string>(new Error('no network')));
  const { client, clock, sent } = calling({}, { token });
  const asked = client.read({ type: 'runtimes' });
  await clock.advance(10_000);
  expect(await asked).toEqual(unavailable('no'));
  expect([token.mock.calls.length, sent.length]).toEqual([4, 0]);
});

test('a closed client answers by values, and asks nobody', async () => {
  const { client, clock, sent, answers } = calling();
  answers.push(() => new Promise(() => undefined));
  const waiting = client.execute({ type: 'stop', worker });
  await clock.settle();
  await client.close();
  expect(await waiting).toEqual(unavailable('unknown'));
  expect(await client.read({ type: 'runtimes' })).toEqual(unavailable('no'));
  expect(await client.execute({ type: 'stop', worker })).toEqual(unavailable('no'));
  expect([sent.length, clock.pending]).toEqual([1, 0]);
});

test('ids are made where there is no crypto.randomUUID, as on pages that came over plain HTTP', async () => {
  const { crypto } = globalThis;
  vi.stubGlobal('crypto', { getRandomValues: (array: Uint8Array<ArrayBuffer>) => crypto.getRandomValues(array) });
  onTestFinished(() => void vi.unstubAllGlobals());
  const { client, sent } = calling();
  await client.execute({ type: 'input', worker, parts });
  expect(sent.map((one) => bodyOf(one).inputId)).toEqual([expect.stringMatching(/^[0-9a-f-]{36}$/)]);
});

describe('an id that no path can hold', () => {
  test.each(['', '.', '..', '../..', '%2e%2e', '\ud800', 'a/b', 'a?b#c', 'é'.repeat(20_000)])(
    'B4: %j names nothing, in every command and query',
    async (id) => {
      const { client } = calling();
      const runtime = { runtimeId: id as RuntimeId };
      const nobody = { runtimeId, workerId: id as WorkerId };
      const code = async (asked: Promise<object>): Promise<unknown> => (Object.values(await asked) as unknown[])[1];
      expect(await code(client.read({ type: 'profiles', ...runtime }))).toBe('runtime-unknown');
      expect(await code(client.read({ type: 'workers', ...runtime }))).toBe('runtime-unknown');
      expect(await code(client.execute({ type: 'create', ...runtime, profile: 'javascript' }))).toBe('runtime-unknown');
      expect(await code(client.read({ type: 'worker', worker: nobody }))).toBe('worker-unknown');
      expect(await code(client.read({ type: 'transcript', worker: nobody }))).toBe('worker-unknown');
      expect(await code(client.execute({ type: 'input', worker: nobody, parts }))).toBe('worker-unknown');
      expect(await code(client.execute({ type: 'stop', worker: nobody }))).toBe('worker-unknown');
      expect(await client.execute({ type: 'delete', worker: nobody })).toEqual({ outcome: 'accepted' });
      expect(await code(client.execute({ type: 'cancel', worker, inputId: id as InputId }))).toBe('input-not-open');
      const questionId = id as QuestionId;
      expect(await code(client.execute({ type: 'answer', worker, questionId, answer: { text: 'yes' } }))).toBe(
        'question-unknown',
      );
      expect(await code(client.read({ type: 'workers', runtimeId, after: id as WorkerId }))).toBe('cursor-invalid');
    },
  );
});

test.each(['', ' key', 'key ', 'a\r\nx-evil: 1', 'ключ', 'k'.repeat(256)])(
  'W8: the key %j, which no header can hold as it is, is request-invalid and finds nothing',
  async (idempotencyKey) => {
    const { client, clock, gateway } = calling();
    const asked = client.execute({ type: 'create', runtimeId, profile: 'javascript', idempotencyKey });
    await clock.advance(10_000);
    expect(await asked).toEqual({ outcome: 'rejected', code: 'request-invalid' });
    expect(gateway.commands).toEqual([]);
  },
);
