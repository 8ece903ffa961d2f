import { expect, test } from 'vitest';

import { expectAccepted, inputId, textPart } from '../support/runtime.js';
import { accepted, delta, noticed, runEnded } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

test('W7: of many inputs at once exactly one reaches the backend, the others are busy with its id', async () => {
  await using host = scripted();
  host.backend.on('dispatch', () => accepted);
  const worker = await host.idle();
  const replies = await Promise.all(Array.from({ length: 20 }, () => host.input(worker)));
  const won = replies.filter(({ outcome }) => outcome === 'accepted');
  expect(won).toHaveLength(1);
  const [dispatch] = host.backend.callsOf('dispatch');
  expect(host.backend.callsOf('dispatch')).toHaveLength(1);
  const others = replies.filter(({ outcome }) => outcome !== 'accepted');
  expect(new Set(others.map((reply) => JSON.stringify(reply)))).toEqual(
    new Set([JSON.stringify({ outcome: 'busy', inputId: dispatch?.request.inputId })]),
  );
});

test('W7: an input beside an undecided one is busy with its id', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const first = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  expect(await host.input(worker)).toEqual({ outcome: 'busy', inputId: id });
  dispatch.answer(accepted);
  expectAccepted(await first);
});

const refusals: readonly (readonly [object, object])[] = [
  [{ outcome: 'busy' }, { outcome: 'busy' }],
  [
    { outcome: 'rejected', code: 'secret-code' },
    { outcome: 'rejected', code: 'backend-rejected' },
  ],
  [
    { outcome: 'rejected', code: 'input-invalid' },
    { outcome: 'rejected', code: 'input-invalid' },
  ],
  [
    { outcome: 'rejected', code: 'worker-stopped' },
    { outcome: 'rejected', code: 'backend-rejected' },
  ],
  [{ outcome: 'unsupported' }, { outcome: 'unsupported', operation: 'input' }],
  [
    { outcome: 'errored', detail: '/etc' },
    { outcome: 'errored', code: 'backend-fault', executed: 'no' },
  ],
  [
    { outcome: 'errored', code: 'backend-disconnected' },
    { outcome: 'errored', code: 'backend-disconnected', executed: 'no' },
  ],
  [
    { outcome: 'errored', code: 'stale-generation' },
    { outcome: 'errored', code: 'worker-moved', executed: 'no' },
  ],
];
test.each(refusals)('W6, W10: an input refused with %j leaves status, log and id as they were', async (said, told) => {
  await using host = scripted();
  const worker = await host.idle();
  const before = await host.view(worker);
  const id = inputId();
  const reply = host.input(worker, id);
  (await host.backend.next('dispatch')).answer(said);
  expect(await reply).toMatchObject(told);
  expect(JSON.stringify(await reply)).not.toMatch(/secret|etc/);
  expect(await host.view(worker)).toEqual(before);
  const again = host.input(worker, id, 'other words');
  (await host.backend.next('dispatch')).answer(accepted);
  expectAccepted(await again);
});

test('W8: the same id waits while undecided and gets the first answer, with other content a conflict', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const one = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  const two = host.input(worker, id);
  expect(await host.input(worker, id, 'else')).toEqual({ outcome: 'rejected', code: 'input-conflict' });
  dispatch.answer(accepted);
  expect(await two).toEqual(await one);
  expect(host.backend.callsOf('dispatch')).toHaveLength(1);
});

test('W8: the same id gets its first acceptance again in every status', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const first = await host.input(worker, id);
  await host.backend.publisher().publish(runEnded(id));
  expect(await host.input(worker, id)).toEqual(first);
  await host.backend.publisher().disconnect({ kind: 'code', value: 0 });
  await host.clock.settle();
  expect(await host.input(worker, id)).toEqual(first);
  await host.runtime.execute({ type: 'stop', worker });
  expect(await host.input(worker, id)).toEqual(first);
  expect(await host.input(worker, id, 'else')).toEqual({ outcome: 'rejected', code: 'input-conflict' });
  expect(await host.input(worker)).toEqual({ outcome: 'rejected', code: 'worker-stopped' });
});

test('W8, W18: a dispatch without an answer closes its generation; its id is unknown for good', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const reply = host.input(worker, id);
  await host.backend.next('dispatch');
  await host.clock.advance(9_999);
  expect((await host.view(worker)).status).toBe('idle');
  await host.clock.advance(1);
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-timeout', executed: 'unknown' });
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'closed' });
  expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
  expect(await host.input(worker, id)).toMatchObject({ outcome: 'errored', executed: 'unknown' });
});

test('W8: who joins an input whose answer was lost is told after the dispatch deadline that it is unknown', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const one = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  dispatch.answer({ outcome: 'unknown' });
  expect(await one).toMatchObject({ outcome: 'errored', code: 'backend-disconnected', executed: 'unknown' });
  const two = host.input(worker, id);
  await host.clock.settle();
  await host.clock.advance(10_000);
  expect(await two).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  const three = host.input(worker, id);
  await host.clock.settle();
  await dispatch.publisher.decide(id, true);
  expect(await three).toMatchObject({ outcome: 'accepted', inputId: id });
});

test('W8: an input that a resumption tells was not taken is free again', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const one = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  dispatch.answer({ outcome: 'unknown' });
  await one;
  await dispatch.publisher.decide(id, false);
  await host.clock.settle();
  const two = host.input(worker, id);
  (await host.backend.next('dispatch')).answer(accepted);
  expectAccepted(await two);
});

test('W9: the first event that names an undecided input accepts it, the event behind its input-accepted', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const reply = host.input(worker, id);
  const { publisher, answer } = await host.backend.next('dispatch');
  void publisher.publish(noticed('before'));
  void publisher.publish(delta('a', id));
  expect(await reply).toMatchObject({ outcome: 'accepted', inputId: id });
  answer(accepted);
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['notice before', 'input-accepted', 'text-delta a']);
});

test('W9: a refusal after an event has accepted the input ends it as the fault of the backend', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const reply = host.input(worker, id);
  const { publisher, answer } = await host.backend.next('dispatch');
  void publisher.publish(delta('a', id));
  expectAccepted(await reply);
  answer({ outcome: 'busy' });
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['input-accepted', 'text-delta a', 'input-ended failed']);
  expect((await host.log(worker)).at(-1)?.event).toMatchObject({ code: 'backend-fault' });
  expect((await host.view(worker)).status).toBe('idle');
});

test('W9: an answer never overtakes what was published before it, nor is it overtaken', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const reply = host.input(worker, id);
  const { publisher, answer } = await host.backend.next('dispatch');
  void publisher.publish(noticed('1'));
  answer(accepted);
  await Promise.resolve();
  await Promise.resolve();
  void publisher.publish(delta('2', id));
  void publisher.publish(runEnded(id));
  expectAccepted(await reply);
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual([
    'notice 1',
    'input-accepted',
    'text-delta 2',
    'input-ended completed',
  ]);
});

test('W15: an event of an ended input is refused, and so is one of an input that nobody knows', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const publisher = host.backend.publisher();
  expect(await publisher.publish(runEnded(id))).toEqual({ outcome: 'taken' });
  expect(await publisher.publish(delta('late', id))).toEqual({ outcome: 'refused', code: 'no-open-run' });
  expect(await publisher.publish(runEnded(id))).toEqual({ outcome: 'refused', code: 'no-open-run' });
  expect(await publisher.publish(delta('x', inputId()))).toEqual({ outcome: 'refused', code: 'no-open-run' });
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual(['input-accepted', 'input-ended completed']);
});

test.each([
  [[], 'input-invalid'],
  [textPart(' \n'), 'input-invalid'],
  [textPart('x'.repeat(300_000)), 'input-too-large'],
  [textPart('é'.repeat(140_000)), 'input-too-large'],
  [[{ type: 'voice' } as never], 'input-invalid'],
  [undefined as never, 'input-invalid'],
])('B1: bad parts are rejected with a code (%#)', async (parts, code) => {
  await using host = scripted();
  const worker = await host.idle();
  expect(await host.runtime.execute({ type: 'input', worker, parts })).toMatchObject({ outcome: 'rejected', code });
  expect(host.backend.callsOf('dispatch')).toHaveLength(0);
});

test('W18: more than 1,024 callers that wait for one Worker are rejected, while stop gets through', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const first = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  const joined = Array.from({ length: 1_100 }, () => host.input(worker, id));
  await expect
    .poll(() => Promise.race([joined.at(-1), Promise.resolve('waits')]))
    .toMatchObject({ code: 'quota-exceeded', limit: 1024 });
  const stop = host.runtime.execute({ type: 'stop', worker });
  dispatch.answer(accepted);
  expect(await stop).toMatchObject({ outcome: 'accepted', end: 'stopped' });
  expectAccepted(await first);
  const outcomes = (await Promise.all(joined)).map(({ outcome }) => outcome);
  expect(outcomes.filter((outcome) => outcome === 'accepted').length).toBe(1_023);
});
