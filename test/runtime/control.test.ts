import { expect, test } from 'vitest';

import { QuestionId } from '../../src/domain/ids.js';
import { expectAccepted, inputId } from '../support/runtime.js';
import { accepted, asking, connected, delta, noticed, runEnded, stopped, unable } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';

const q = QuestionId('q');

test('W11: a cancel is quiesced once the input has ended, whatever the backend answered', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id });
  const cancel = await host.backend.next('cancel');
  expect(cancel.request).toEqual({ inputId: id, deadlineMs: 10_000 });
  cancel.fail(new Error('no idea'));
  await cancel.publisher.publish(runEnded(id));
  expect(await reply).toEqual({ outcome: 'accepted', end: 'quiesced' });
  expect((await host.view(worker)).status).toBe('idle');
});

test('W11: a claim without run-ended is escalated at the deadline and closes the generation', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 500 });
  (await host.backend.next('cancel')).answer(accepted);
  await host.clock.advance(499);
  expect((await host.view(worker)).status).toBe('busy');
  await host.clock.advance(1);
  expect(await reply).toEqual({ outcome: 'accepted', end: 'escalated' });
  expect((await host.story(worker)).slice(3)).toEqual(['input-ended cancelled', 'execution-disconnected closed']);
  expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
  expect(await host.backend.publisher().publish(delta('late', id))).toEqual({
    outcome: 'refused',
    code: 'stale-generation',
  });
});

test('W11: a cancel with a deadline of 0 ms is escalated at once', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 0 });
  await host.backend.next('cancel');
  await host.clock.advance(0);
  expect(await reply).toEqual({ outcome: 'accepted', end: 'escalated' });
});

test('E5: a cancel that a lost connection cut off is asked again, with what is left of its deadline', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id });
  (await host.backend.next('cancel')).answer({ outcome: 'errored', code: 'backend-disconnected' });
  await host.clock.advance(250);
  const again = await host.backend.next('cancel');
  expect(again.request).toEqual({ inputId: id, deadlineMs: 9_750 });
  await again.publisher.publish(runEnded(id));
  again.answer(accepted);
  expect(await reply).toEqual({ outcome: 'accepted', end: 'quiesced' });
  expect((await host.view(worker)).status).toBe('idle');
  await host.clock.advance(10_000);
  expect(host.backend.callsOf('cancel')).toHaveLength(2);
});

test('W11: a cancel that is cut off for as long as it may take is escalated, and then asked no more', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 600 });
  for (let attempt = 1; attempt <= 3; attempt += 1) {
    (await host.backend.next('cancel')).answer({ outcome: 'errored', code: 'backend-disconnected' });
    await host.clock.advance(250);
  }
  expect(await reply).toEqual({ outcome: 'accepted', end: 'escalated' });
  await host.clock.advance(10_000);
  expect(host.backend.callsOf('cancel')).toHaveLength(3);
});

test('W11: a second cancel waits with the first, the earlier deadline counts for both', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const one = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 5_000 });
  await host.backend.next('cancel');
  const two = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 100 });
  await host.clock.advance(100);
  expect(await Promise.all([one, two])).toEqual([
    { outcome: 'accepted', end: 'escalated' },
    { outcome: 'accepted', end: 'escalated' },
  ]);
  expect(host.backend.callsOf('cancel')).toHaveLength(1);
});

test('W11: a deadline whose timer rings before the clock shows it is kept all the same', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const reply = host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: 100 });
  await host.backend.next('cancel');
  host.clock.lag(1);
  await host.clock.advance(100);
  expect(await reply).toEqual({ outcome: 'accepted', end: 'escalated' });
});

test('W11: the cancel of an undecided input waits for its decision, then goes to the backend', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const input = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  const cancel = host.runtime.execute({ type: 'cancel', worker, inputId: id });
  await host.clock.settle();
  expect(host.backend.callsOf('cancel')).toHaveLength(0);
  dispatch.answer(accepted);
  expectAccepted(await input);
  await host.backend.next('cancel');
  await dispatch.publisher.publish(runEnded(id, 'cancelled'));
  expect(await cancel).toEqual({ outcome: 'accepted', end: 'quiesced' });
});

test('W11: the cancel of an undecided input that is refused is input-not-open', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const id = inputId();
  const input = host.input(worker, id);
  const dispatch = await host.backend.next('dispatch');
  const cancel = host.runtime.execute({ type: 'cancel', worker, inputId: id });
  await host.clock.settle();
  dispatch.answer({ outcome: 'busy' });
  expect(await input).toEqual({ outcome: 'busy' });
  expect(await cancel).toEqual({ outcome: 'rejected', code: 'input-not-open' });
});

test.each([-1, 60_001, 1.5, Number.NaN])('W18: a caller may not ask for %d ms', async (ms) => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const refused = { outcome: 'rejected', code: 'request-invalid' };
  expect(await host.runtime.execute({ type: 'cancel', worker, inputId: id, deadlineMs: ms })).toEqual(refused);
  expect(await host.runtime.execute({ type: 'stop', worker, graceMs: ms })).toEqual(refused);
});

test('W12: cancel that is not declared is unsupported and touches nothing', async () => {
  await using host = scripted();
  host.backend.on('spawn', () => connected({ capabilities: unable }));
  const { worker, id } = await host.busy();
  expect(await host.runtime.execute({ type: 'cancel', worker, inputId: id })).toEqual({
    outcome: 'unsupported',
    operation: 'cancel',
  });
  expect((await host.view(worker)).status).toBe('busy');
});

test('W12, W18: a stop that hangs ends as killed after its grace and settle time', async () => {
  await using host = scripted();
  const { worker } = await host.busy();
  host.backend.on('stop');
  const reply = host.runtime.execute({ type: 'stop', worker, graceMs: 1_000 });
  const stop = await host.backend.next('stop');
  expect(stop.request).toEqual({ graceMs: 1_000 });
  await host.clock.advance(5_999);
  expect((await host.view(worker)).status).toBe('stopping');
  await host.clock.advance(1);
  expect(await reply).toMatchObject({ outcome: 'accepted', end: 'killed', worker: { status: 'stopped' } });
  expect((await host.story(worker)).slice(3)).toEqual([
    'worker-stopping',
    'input-ended cancelled',
    'execution-disconnected closed',
    'worker-stopped',
  ]);
});

test.each([['throws'], ['errored'], ['nonsense']])('W12: a stop that fails (%s) ends as killed', async (how) => {
  await using host = scripted();
  const worker = await host.idle();
  host.backend.on('stop');
  const reply = host.runtime.execute({ type: 'stop', worker });
  const stop = await host.backend.next('stop');
  if (how === 'throws') stop.fail(new Error('/secret/path'));
  else stop.answer(how === 'errored' ? { outcome: 'errored' } : { outcome: 'accepted', end: 'gone' });
  expect(await reply).toMatchObject({ outcome: 'accepted', end: 'killed' });
  expect((await host.backend.next('stop')).request).toEqual({ graceMs: 0 });
});

test('W13: repeated stops wait with the first and get its end; the open input ends cancelled first', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  host.backend.on('stop');
  const one = host.runtime.execute({ type: 'stop', worker });
  const stop = await host.backend.next('stop');
  const two = host.runtime.execute({ type: 'stop', worker, graceMs: 0 });
  await stop.publisher.publish(delta('last words', id));
  stop.answer(stopped);
  expect(await one).toMatchObject({ outcome: 'accepted', end: 'stopped' });
  expect(await two).toEqual(await one);
  expect(host.backend.callsOf('stop')).toHaveLength(1);
  expect((await host.story(worker)).slice(3)).toEqual([
    'worker-stopping',
    'text-delta last words',
    'input-ended cancelled',
    'worker-stopped',
  ]);
});

test('W13: a dispatch accepted while stopping is recorded accepted and cancelled together', async () => {
  await using host = scripted();
  host.backend.on('stop');
  const worker = await host.idle();
  const input = host.input(worker);
  const dispatch = await host.backend.next('dispatch');
  const stop = host.runtime.execute({ type: 'stop', worker });
  const asked = await host.backend.next('stop');
  dispatch.answer(accepted);
  expect(await input).toMatchObject({ outcome: 'accepted' });
  asked.answer(stopped);
  expect(await stop).toMatchObject({ end: 'stopped' });
  expect((await host.story(worker)).slice(2)).toEqual([
    'worker-stopping',
    'input-accepted',
    'input-ended cancelled',
    'worker-stopped',
  ]);
});

test('W13: only a stopped Worker is deleted; delete is idempotent and ends its streams', async () => {
  await using host = scripted();
  const worker = await host.idle();
  expect(await host.runtime.execute({ type: 'delete', worker })).toEqual({
    outcome: 'rejected',
    code: 'worker-not-stopped',
  });
  const frames: string[] = [];
  const watching = (async () => {
    for await (const frame of host.runtime.observe(worker)) frames.push('code' in frame ? frame.code : frame.type);
  })();
  await host.clock.settle();
  await host.runtime.execute({ type: 'stop', worker });
  await Promise.all([
    host.runtime.execute({ type: 'delete', worker }),
    host.runtime.execute({ type: 'delete', worker }),
  ]).then((replies) => expect(replies).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]));
  await watching;
  expect(frames.at(-1)).toBe('worker-deleted');
  expect(await host.runtime.read({ type: 'worker', worker })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
});

test('W14: a stopped Worker takes no input, no reconnect and no event', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await host.runtime.execute({ type: 'stop', worker });
  const publisher = host.backend.publisher();
  expect(await publisher.publish(noticed('late'))).toEqual({ outcome: 'refused', code: 'worker-stopped' });
  expect(await host.input(worker)).toEqual({ outcome: 'rejected', code: 'worker-stopped' });
  expect(await host.runtime.execute({ type: 'reconnect', worker })).toEqual({
    outcome: 'rejected',
    code: 'worker-stopped',
  });
  expect((await host.story(worker)).at(-1)).toBe('worker-stopped');
});

test('W15: what an earlier generation says and answers is refused and changes nothing', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const old = host.backend.publisher();
  await old.disconnect({ kind: 'connection-lost' });
  await host.clock.settle();
  host.backend.on('recover', () => ({ outcome: 'lost' }));
  const again = await host.runtime.execute({ type: 'reconnect', worker });
  expect(again).toMatchObject({ outcome: 'accepted', worker: { status: 'idle' } });
  expect(await old.publish(noticed('ghost'))).toEqual({ outcome: 'refused', code: 'stale-generation' });
  await old.disconnect({ kind: 'code', value: 1 });
  await host.clock.settle();
  expect((await host.view(worker)).status).toBe('idle');
});

test('W17: the first answer takes the question, the same again gets its result, another is question-closed', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  await host.backend.publisher().publish(asking(id));
  await host.clock.settle();
  const answer = (text: string) => host.runtime.execute({ type: 'answer', worker, questionId: q, answer: { text } });
  const one = answer('yes');
  const asked = await host.backend.next('answer');
  const two = answer('yes');
  expect(await answer('no')).toEqual({ outcome: 'rejected', code: 'question-closed' });
  asked.answer(accepted);
  expect(await Promise.all([one, two])).toEqual([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  expect(await answer('yes')).toEqual({ outcome: 'accepted' });
  expect((await host.story(worker)).at(-1)).toBe('question-closed answered');
});

test('W17, W18: an answer that the backend leaves unanswered is errored, and the question is open again', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  await host.backend.publisher().publish(asking(id));
  const reply = host.runtime.execute({ type: 'answer', worker, questionId: q, answer: { text: 'yes' } });
  await host.backend.next('answer');
  await host.clock.advance(10_000);
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-timeout', executed: 'unknown' });
  const again = host.runtime.execute({ type: 'answer', worker, questionId: q, answer: { text: 'no' } });
  (await host.backend.next('answer')).answer(accepted);
  expect(await again).toEqual({ outcome: 'accepted' });
});

test('E5, W17: an answer that a lost connection cut off may have been taken; the question is open again', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  await host.backend.publisher().publish(asking(id));
  const answer = () => host.runtime.execute({ type: 'answer', worker, questionId: q, answer: { text: 'yes' } });
  const reply = answer();
  (await host.backend.next('answer')).answer({ outcome: 'errored', code: 'backend-disconnected' });
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'backend-disconnected', executed: 'unknown' });
  const again = answer();
  (await host.backend.next('answer')).answer(accepted);
  expect(await again).toEqual({ outcome: 'accepted' });
});

test.each([undefined, {}, { text: 1 }, { optionId: 'a', text: 'b' }])('W17: %j is no answer', async (answer) => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  await host.backend.publisher().publish(asking(id));
  expect(await host.runtime.execute({ type: 'answer', worker, questionId: q, answer: answer as never })).toEqual({
    outcome: 'rejected',
    code: 'answer-invalid',
  });
});

test('W17: a lost execution interrupts its open question, then its input', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const publisher = host.backend.publisher();
  void publisher.publish(asking(id));
  void publisher.disconnect({ kind: 'signal', value: 'SIGKILL' });
  await host.clock.settle();
  expect((await host.story(worker)).slice(3)).toEqual([
    'question-asked',
    'question-closed interrupted',
    'input-ended interrupted',
    'execution-disconnected exited',
  ]);
});

test('W18: at loss of the backend every caller that waits is answered at once', async () => {
  await using host = scripted();
  const { worker, id } = await host.busy();
  const publisher = host.backend.publisher();
  await publisher.publish(asking(id));
  await host.clock.settle();
  const waiting = [
    host.runtime.execute({ type: 'cancel', worker, inputId: id }),
    host.runtime.execute({ type: 'answer', worker, questionId: q, answer: { text: 'yes' } }),
  ];
  await host.backend.next('answer');
  await publisher.disconnect({ kind: 'connection-lost' });
  expect(await Promise.all(waiting)).toEqual([
    { outcome: 'accepted', end: 'quiesced' },
    { outcome: 'rejected', code: 'question-closed' },
  ]);
});

test('W18: a reconnect without an answer returns to the old reason after the spawn deadline', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await host.backend.publisher().disconnect({ kind: 'code', value: 3 });
  host.backend.on('spawn');
  await host.clock.settle();
  const one = host.runtime.execute({ type: 'reconnect', worker });
  const two = host.runtime.execute({ type: 'reconnect', worker });
  await host.clock.settle();
  expect(await host.input(worker)).toEqual({ outcome: 'rejected', code: 'worker-connecting' });
  await host.clock.advance(60_000);
  const errored = { outcome: 'errored', code: 'backend-timeout', executed: 'no' };
  expect(await Promise.all([one, two])).toMatchObject([errored, errored]);
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'exited' });
});

test('W9: what a take-over publishes before its answer to recover comes behind the connection', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await host.backend.publisher().disconnect({ kind: 'connection-lost' });
  await host.clock.settle();
  const reply = host.runtime.execute({ type: 'reconnect', worker });
  const recover = await host.backend.next('recover');
  await recover.publisher.publish(noticed('missed 1'));
  await recover.publisher.publish(noticed('missed 2'));
  recover.answer({ ...connected(), outcome: 'adopted' });
  await Promise.resolve();
  await recover.publisher.publish(noticed('live'));
  expect(await reply).toMatchObject({ outcome: 'accepted' });
  await host.clock.settle();
  expect((await host.story(worker)).slice(3)).toEqual([
    'execution-connecting',
    'execution-connected',
    'notice missed 1',
    'notice missed 2',
    'notice live',
  ]);
});

test('W9: what was held of a lost recovery never counts as the fresh execution’s', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await host.backend.publisher().disconnect({ kind: 'connection-lost' });
  host.backend.on('spawn');
  await host.clock.settle();
  const reply = host.runtime.execute({ type: 'reconnect', worker });
  const recover = await host.backend.next('recover');
  const recorded: unknown[] = [];
  recover.publisher.onRecorded((upTo) => recorded.push(upTo));
  await recover.publisher.publish(noticed('ghost'));
  recover.answer({ outcome: 'lost' });
  await host.backend.next('spawn');
  const spawn = await host.backend.next('spawn');
  const fresh: unknown[] = [];
  spawn.publisher.onRecorded((upTo) => fresh.push(upTo));
  await spawn.publisher.publish(noticed('1'));
  await spawn.publisher.publish({ type: 'nonsense' } as never);
  await spawn.publisher.publish(noticed('3'));
  await host.clock.settle();
  expect(fresh).toEqual([]);
  spawn.answer(connected());
  expect(await reply).toMatchObject({ outcome: 'accepted' });
  await host.clock.settle();
  expect((await host.story(worker)).slice(5)).toEqual(['execution-connected', 'notice 1', 'notice 3']);
  expect(recorded).toEqual([{ sequence: 1, refused: [{ sequence: 1, code: 'stale-generation' }] }]);
  expect(fresh).toEqual([{ sequence: 3, refused: [{ sequence: 2, code: 'event-invalid' }] }]);
});
