import { expect, test } from 'vitest';

import { inMemoryLog } from '../../src/index.js';
import type { WorkerHead, WorkerLog } from '../../src/index.js';
import { inputId, runtimeId, textPart } from '../support/runtime.js';
import { accepted, connected, delta, runEnded, scriptedBackend, stopped, unable } from '../support/scripted-backend.js';
import type { ScriptedCall } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted } from '../support/scripted-runtime.js';

const first = { input: { parts: textPart('hello') } };

async function headsOf(log: WorkerLog): Promise<readonly WorkerHead[]> {
  const heads: WorkerHead[] = [];
  for await (const head of log.heads({ signal: new AbortController().signal })) heads.push(head);
  return heads;
}

async function workersOf({ runtime }: Scripted): Promise<number> {
  const answer = await runtime.read({ type: 'workers', runtimeId });
  return answer.outcome === 'answered' ? answer.workers.length : -1;
}

/** Nothing of a create that failed is to be seen, and its execution was ended by name. */
async function expectNothing(host: Scripted, log: WorkerLog): Promise<void> {
  expect(await workersOf(host)).toBe(0);
  await host.backend.next('stop');
  await host.clock.settle();
  expect(await headsOf(log)).toEqual([]);
}

type Play = (call: ScriptedCall<'spawn'>, host: Scripted) => unknown;
const spawns: readonly (readonly [string, Play, object])[] = [
  ['is busy', (call) => call.answer({ outcome: 'busy' }), { outcome: 'rejected', code: 'backend-unavailable' }],
  [
    'is rejected',
    (call) => call.answer({ outcome: 'rejected', code: 'x' }),
    { outcome: 'rejected', code: 'backend-rejected' },
  ],
  [
    'wants somebody to sign in',
    (call) => call.answer({ outcome: 'rejected', code: 'backend-unauthenticated' }),
    { outcome: 'rejected', code: 'backend-unauthenticated' },
  ],
  [
    'errs',
    (call) => call.answer({ outcome: 'errored' }),
    { outcome: 'errored', code: 'backend-fault', executed: 'no' },
  ],
  [
    'is unsupported',
    (call) => call.answer({ outcome: 'unsupported' }),
    { outcome: 'unsupported', operation: 'create' },
  ],
  ['throws', (call) => call.fail(new Error('/secret')), { outcome: 'errored', code: 'backend-fault', executed: 'no' }],
  ['answers nothing', (call) => call.answer(undefined), { outcome: 'errored', code: 'backend-fault', executed: 'no' }],
  ['hangs', (_, { clock }) => clock.advance(60_000), { outcome: 'errored', code: 'backend-timeout', executed: 'no' }],
  [
    'loses its execution',
    (call) => call.publisher.disconnect({ kind: 'code', value: 1 }),
    { outcome: 'rejected', code: 'backend-unavailable' },
  ],
];

test.each(spawns)('W5: a create whose spawn %s is refused and leaves nothing', async (_, play, refusal) => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  host.backend.on('spawn');
  const reply = host.create();
  await play(await host.backend.next('spawn'), host);
  expect(await reply).toMatchObject(refusal);
  await expectNothing(host, log);
});

type PlayFirst = (call: ScriptedCall<'dispatch'>, host: Scripted) => unknown;
const dispatches: readonly (readonly [string, PlayFirst, object])[] = [
  ['is busy', (call) => call.answer({ outcome: 'busy' }), { outcome: 'busy' }],
  ['is rejected', (call) => call.answer({ outcome: 'rejected' }), { outcome: 'rejected', code: 'backend-rejected' }],
  ['is unsupported', (call) => call.answer({ outcome: 'unsupported' }), { outcome: 'unsupported', operation: 'input' }],
  [
    'is unknown',
    (call) => call.answer({ outcome: 'unknown' }),
    { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown' },
  ],
  ['throws', (call) => call.fail('x'), { outcome: 'errored', code: 'backend-fault', executed: 'unknown' }],
  [
    'hangs',
    (_, { clock }) => clock.advance(10_000),
    { outcome: 'errored', code: 'backend-timeout', executed: 'unknown' },
  ],
  [
    'loses its execution',
    (call) => call.publisher.disconnect({ kind: 'connection-lost' }),
    { outcome: 'errored', code: 'backend-disconnected', executed: 'unknown' },
  ],
];

test.each(dispatches)('W5: a create whose first input %s is refused and leaves nothing', async (_, play, refusal) => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  const reply = host.create(first);
  await play(await host.backend.next('dispatch'), host);
  expect(await reply).toMatchObject(refusal);
  await expectNothing(host, log);
});

test('W5: until the first input is decided nobody sees the Worker', async () => {
  await using host = scripted();
  const reply = host.create(first);
  const { workerId, answer } = await host.backend.next('dispatch');
  const worker = { runtimeId, workerId };
  expect(await workersOf(host)).toBe(0);
  expect(await host.runtime.read({ type: 'worker', worker })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  expect(await host.runtime.execute({ type: 'stop', worker })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  answer(accepted);
  expect((await reply).outcome).toBe('accepted');
  expect(await host.story(worker)).toEqual(['worker-created', 'execution-connected', 'input-accepted']);
});

test('W5, W9: an event of the first input accepts it before its answer, with all that was said before', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const id = inputId();
  const reply = host.create({ input: { inputId: id, parts: textPart('hello') } });
  const spawn = await host.backend.next('spawn');
  await spawn.publisher.publish(delta('booting'));
  spawn.answer(connected());
  const { workerId, publisher, answer } = await host.backend.next('dispatch');
  await publisher.publish(delta('ready'));
  await publisher.publish(delta('one', id));
  expect(await reply).toMatchObject({ outcome: 'accepted', inputId: id });
  await publisher.publish(runEnded(id));
  answer(accepted);
  await host.clock.settle();
  expect(await host.story({ runtimeId, workerId })).toEqual([
    'worker-created',
    'execution-connected',
    'input-accepted',
    'text-delta booting',
    'text-delta ready',
    'text-delta one',
    'input-ended completed',
  ]);
});

test('W9: events around the answer to spawn keep their order', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const reply = host.create();
  const { workerId, publisher, answer } = await host.backend.next('spawn');
  void publisher.publish(delta('1'));
  answer(connected());
  await Promise.resolve();
  void publisher.publish(delta('2'));
  await reply;
  void publisher.publish(delta('3'));
  await host.clock.settle();
  expect(await host.story({ runtimeId, workerId })).toEqual([
    'worker-created',
    'execution-connected',
    'text-delta 1',
    'text-delta 2',
    'text-delta 3',
  ]);
});

test('W9: what was held is refused as stale, once, when the spawn is refused', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const recorded: unknown[] = [];
  const reply = host.create();
  const { publisher, answer } = await host.backend.next('spawn');
  publisher.onRecorded((upTo) => recorded.push(upTo));
  await publisher.publish(delta('1'));
  await publisher.publish({ type: 'nonsense' } as never);
  answer({ outcome: 'rejected' });
  await reply;
  await host.clock.settle();
  expect(recorded).toEqual([
    {
      sequence: 2,
      refused: [
        { sequence: 1, code: 'stale-generation' },
        { sequence: 2, code: 'event-invalid' },
      ],
    },
  ]);
});

test('W5, R5: the stop that a failed create owes is asked until it is answered, then nothing is left', async () => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  host.backend.on('spawn', () => ({ outcome: 'rejected' }));
  host.backend.on('stop');
  await host.create();
  (await host.backend.next('stop')).fail(new Error('no'));
  await host.clock.settle();
  expect(await headsOf(log)).toMatchObject([{ status: { status: 'failed' }, stopsOwed: [1] }]);
  await host.clock.advance(1_000);
  const again = await host.backend.next('stop');
  expect(again.request).toEqual({ graceMs: 0 });
  again.answer(stopped);
  await host.clock.settle();
  expect(await headsOf(log)).toEqual([]);
});

test('W5, R5: a spawn that connects after its deadline is stopped again', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const reply = host.create();
  const spawn = await host.backend.next('spawn');
  await host.clock.advance(60_000);
  await reply;
  expect(host.backend.callsOf('stop')).toHaveLength(1);
  spawn.answer(connected());
  await host.clock.settle();
  expect(host.backend.callsOf('stop')).toHaveLength(2);
});

test('W5: a placeholder without a backend takes no first input', async () => {
  await using host = scripted({ profiles: { planned: { label: 'Planned', backend: null } } });
  expect(await host.create({ profile: 'planned', ...first })).toEqual({
    outcome: 'rejected',
    code: 'worker-unconnected',
  });
  expect(await workersOf(host)).toBe(0);
});

test('W5: the same key and content waits for the first call and gets the same Worker, not created', async () => {
  await using host = scripted();
  host.backend.on('spawn');
  const one = host.create({ idempotencyKey: 'k', displayName: 'A' });
  const two = host.create({ idempotencyKey: 'k', displayName: 'A' });
  (await host.backend.next('spawn')).answer(connected());
  const [made, found] = [await one, await two];
  expect(made).toMatchObject({ outcome: 'accepted', created: true });
  expect(found).toEqual({ ...made, created: false });
  expect(host.backend.callsOf('spawn')).toHaveLength(1);
});

test('W5: the same key with a first input answers its input and cursor again', async () => {
  await using host = scripted();
  host.backend.on('dispatch', () => accepted);
  const made = await host.create({ ...first, idempotencyKey: 'k' });
  expect(await host.create({ ...first, idempotencyKey: 'k' })).toEqual({ ...made, created: false });
});

test('W5: the same key with another content is a conflict, of another principal it is free', async () => {
  await using host = scripted();
  const principal = (id: string) => ({ principal: { id, scopes: ['control' as const] } });
  const create = (displayName: string, id: string) =>
    host.runtime.execute(
      { type: 'create', runtimeId, profile: 'test', displayName, idempotencyKey: 'k' },
      principal(id),
    );
  await create('A', 'ann');
  expect(await create('B', 'ann')).toEqual({ outcome: 'rejected', code: 'worker-conflict' });
  expect(await create('B', 'bob')).toMatchObject({ outcome: 'accepted', created: true });
});

test('W5: a key is kept after delete, answers worker-unknown, and is free after 24 h', async () => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  const made = await host.create({ idempotencyKey: 'k' });
  if (made.outcome !== 'accepted') throw new Error('not made');
  const worker = { runtimeId, workerId: made.worker.workerId };
  await host.runtime.execute({ type: 'stop', worker });
  await host.runtime.execute({ type: 'delete', worker });
  await host.clock.settle();
  expect(await host.create({ idempotencyKey: 'k' })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  expect(await headsOf(log)).toHaveLength(1);
  await host.clock.advance(24 * 60 * 60 * 1000 - 1);
  expect(await host.create({ idempotencyKey: 'k' })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  await host.clock.advance(1);
  const again = await host.create({ idempotencyKey: 'k' });
  expect(again).toMatchObject({ outcome: 'accepted', created: true });
  await host.clock.settle();
  expect((await headsOf(log)).map(({ status }) => status.status)).toEqual(['idle']);
});

test('W5: the key of a create whose delete still owes a stop outlives that stop', async () => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  host.backend.on('stop');
  const made = await host.create({ idempotencyKey: 'k' });
  if (made.outcome !== 'accepted') throw new Error('not made');
  const worker = { runtimeId, workerId: made.worker.workerId };
  const reply = host.runtime.execute({ type: 'stop', worker, graceMs: 0 });
  await host.clock.advance(5_000);
  expect(await reply).toMatchObject({ end: 'killed' });
  await host.runtime.execute({ type: 'delete', worker });
  host.backend.on('stop', () => stopped);
  await host.clock.advance(10_000);
  expect(await headsOf(log)).toMatchObject([{ key: { key: 'k' }, stopsOwed: [] }]);
});

test('W5: a refused create frees its key, one whose input may have run keeps it and says so again', async () => {
  await using host = scripted();
  host.backend.on('spawn', () => ({ outcome: 'rejected' }));
  expect(await host.create({ ...first, idempotencyKey: 'k' })).toMatchObject({ outcome: 'rejected' });
  host.backend.on('spawn', () => connected());
  host.backend.on('dispatch', () => ({ outcome: 'unknown' }));
  const unknown = await host.create({ ...first, idempotencyKey: 'k' });
  expect(unknown).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  expect(await host.create({ ...first, idempotencyKey: 'k' })).toEqual(unknown);
});

test('W18: limits.workers counts Workers, not what deleted ones left behind', async () => {
  await using host = scripted({ limits: { workers: 1 } });
  const made = await host.create({ idempotencyKey: 'k' });
  expect(await host.create()).toEqual({ outcome: 'rejected', code: 'quota-exceeded', limit: 1 });
  if (made.outcome !== 'accepted') throw new Error('not made');
  const worker = { runtimeId, workerId: made.worker.workerId };
  await host.runtime.execute({ type: 'stop', worker });
  await host.runtime.execute({ type: 'delete', worker });
  await host.clock.settle();
  expect(await host.create()).toMatchObject({ outcome: 'accepted' });
});

test.each([
  ['a display name of 257 characters', { displayName: 'x'.repeat(257) }],
  ['an idempotency key of 257 characters', { idempotencyKey: 'x'.repeat(257) }],
  ['an empty idempotency key', { idempotencyKey: '' }],
  ['an input id that is no UUID', { input: { inputId: 'one' as never, parts: textPart('a') } }],
  ['a profile that is no text', { profile: {} as never }],
])('B1: a create with %s is request-invalid', async (_, fields) => {
  await using host = scripted();
  expect(await host.create(fields)).toEqual({ outcome: 'rejected', code: 'request-invalid' });
});

test.each([
  ['parts that are no list', 'go'],
  ['a part of an unknown type', [{ type: 'voice' }]],
  ['a part with another key', [{ type: 'text', text: 'hello', secret: 'canary' }]],
  ['no parts', undefined],
])('B1: a create with %s is input-invalid, and nothing is reserved', async (_, parts) => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  const refused = await host.create({ input: { parts: parts as never } });
  expect(refused).toEqual({ outcome: 'rejected', code: 'input-invalid' });
  expect(await headsOf(log)).toEqual([]);
});

test('W5: blank first input is rejected before anything is reserved', async () => {
  const log = inMemoryLog();
  await using host = scripted({ log });
  expect(await host.create({ input: { parts: textPart(' ') } })).toEqual({
    outcome: 'rejected',
    code: 'input-invalid',
  });
  expect(await headsOf(log)).toEqual([]);
});

test('W12: an execution without stop cannot be stopped, and stays as it was', async () => {
  const backend = scriptedBackend();
  backend.on('spawn', () => connected({ capabilities: unable }));
  await using host = scripted({ backend });
  const worker = await host.idle();
  expect(await host.runtime.execute({ type: 'stop', worker })).toEqual({ outcome: 'unsupported', operation: 'stop' });
  expect(await host.story(worker)).toEqual(['worker-created', 'execution-connected']);
});
