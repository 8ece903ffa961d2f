import { expect, onTestFinished, test, vi } from 'vitest';

import { failed, refused } from '../../../src/adapters/execution-backend/generator/run-end.js';
import {
  notice,
  output,
  reasoning,
  text,
  toolCallEnded,
  toolCallStarted,
  usage,
} from '../../../src/adapters/execution-backend/generator/events.js';
import {
  generatorBackend,
  type GeneratorBackendOptions,
} from '../../../src/adapters/execution-backend/generator-backend.js';
import { RecordingPublisher, type RecordingOptions } from '../../../src/contracts/recording-publisher.js';
import { Generation, InputId, WorkerId } from '../../../src/domain/ids.js';
import type { BackendEvent, Part } from '../../../src/domain/observation/event.js';
import { nullLogger } from '../../../src/ports/logger.js';
import type { PublishResult } from '../../../src/ports/observation-publisher.js';

const call = { signal: new AbortController().signal };
const parts: readonly Part[] = [{ type: 'text', text: 'go' }];
const profile = { name: 'any', options: {} };
const never = new Promise<never>(() => undefined);

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open: () => open() };
}

/** One execution of a generator backend, and what it says. */
async function connected<Session = undefined>(
  options: Omit<GeneratorBackendOptions<Session>, 'id'>,
  recording: Partial<RecordingOptions> = {},
) {
  const backend = generatorBackend<Session>({ id: 'generator', ...options });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
  const publisher = new RecordingPublisher({ ...handle, ...recording });
  const spawned = await backend.spawn({ ...handle, profile }, publisher, call);
  const dispatch = async (inputId = InputId(crypto.randomUUID())) => {
    const { outcome } = await backend.dispatch(handle, { inputId, parts }, call);
    return { inputId, outcome };
  };
  const ended = (inputId: InputId) =>
    publisher.next((event) => event.type === 'run-ended' && event.inputId === inputId, call.signal, 'run-ended');
  const run = async () => ended((await dispatch()).inputId);
  return { backend, handle, publisher, spawned, dispatch, ended, run };
}

const types = (events: readonly BackendEvent[]) => events.map(({ type }) => type);

test('O4: a generator that returns completes its run', async () => {
  const { run } = await connected({
    run: async function* () {
      yield text('hello');
    },
  });
  expect(await run()).toMatchObject({ type: 'run-ended', end: 'completed' });
});

test('O3: every event of a run names its input, and successive text joins one message of the run', async () => {
  const { publisher, dispatch, ended } = await connected({
    run: async function* () {
      yield text('a');
      yield text('b');
      yield reasoning('c');
      yield text('d', 'another');
    },
  });
  const { inputId } = await dispatch();
  await ended(inputId);
  const messages = publisher.events.map((event) => ('messageId' in event ? event.messageId : event.type));
  expect(messages).toEqual([`${inputId}:text`, `${inputId}:text`, `${inputId}:reasoning`, 'another', 'run-ended']);
  expect(publisher.events.every((event) => event.inputId === inputId)).toBe(true);
});

test('W2: the builders make events that a backend may author', () => {
  expect([
    output('line\n'),
    output('oops\n', 'stderr'),
    toolCallStarted('call-1', 'search', { title: 'Search', input: { for: 'cats' } }),
    toolCallEnded('call-1', { output: 3 }),
    toolCallEnded('call-2', { isError: true }),
    notice('careful', 'warning'),
    usage({ inputTokens: 3 }),
  ]).toEqual([
    { type: 'output', stream: 'stdout', text: 'line\n' },
    { type: 'output', stream: 'stderr', text: 'oops\n' },
    { type: 'tool-call-started', toolCallId: 'call-1', name: 'search', title: 'Search', input: { for: 'cats' } },
    { type: 'tool-call-ended', toolCallId: 'call-1', isError: false, output: 3 },
    { type: 'tool-call-ended', toolCallId: 'call-2', isError: true },
    { type: 'notice', level: 'warning', text: 'careful' },
    { type: 'usage', inputTokens: 3 },
  ]);
});

test('W2: a run that yields its own end fails, and ends once', async () => {
  const logger = { ...nullLogger, error: vi.fn() };
  const { publisher, run } = await connected({
    logger,
    run: async function* () {
      yield { type: 'run-ended', end: 'completed' } as never;
    },
  });
  expect(await run()).toMatchObject({ end: 'failed' });
  expect(types(publisher.events)).toEqual(['run-ended']);
  expect(logger.error).toHaveBeenCalledTimes(1);
});

test('B2: the cause of a failed run goes to the logger and into no event', async () => {
  const logger = { ...nullLogger, error: vi.fn() };
  const cause = new Error('secret path');
  const { publisher, run } = await connected({
    logger,
    run: async function* () {
      yield text('a');
      throw cause;
    },
  });
  const end = await run();
  expect(end).toEqual({ type: 'run-ended', end: 'failed', inputId: end.inputId });
  expect(logger.error).toHaveBeenCalledWith('a run failed', { inputId: end.inputId, cause });
  expect(JSON.stringify(publisher.events)).not.toContain('secret');
});

test.each(['throws', 'returns'])('B5: a run that %s failed(code) ends failed with its declared code', async (how) => {
  const { run } = await connected({
    codes: ['out-of-luck'],
    run: async function* () {
      yield text('a');
      if (how === 'throws') throw failed('out-of-luck');
      return failed('out-of-luck');
    },
  });
  expect(await run()).toMatchObject({ end: 'failed', code: 'out-of-luck' });
});

test('B5: a code that was not declared is not published', async () => {
  const { run } = await connected({
    run: async function* () {
      yield text('a');
      return refused('never-declared');
    },
  });
  const end = await run();
  expect(end).toEqual({ type: 'run-ended', end: 'refused', inputId: end.inputId });
});

test('B5: codes of the wrong form are a TypeError when the backend is made', () => {
  const run = async function* () {
    yield text('a');
  };
  expect(() => generatorBackend({ id: 'generator', codes: ['Not Kebab'], run })).toThrow(TypeError);
});

test('W7: a second input while one is open answers busy, and its generator is never made', async () => {
  const run = vi.fn(async function* () {
    yield text('a');
    await never;
  });
  const { dispatch, backend } = await connected({ run, cancelGraceMs: 0 });
  const answers = [(await dispatch()).outcome, (await dispatch()).outcome];
  expect(answers).toEqual(['accepted', 'busy']);
  expect(run).toHaveBeenCalledTimes(1);
  await backend[Symbol.asyncDispose]();
});

test('W8: the last 64 inputs answer accepted again and run once', async () => {
  const run = vi.fn(async function* () {
    yield text('a');
  });
  const { dispatch, ended } = await connected({ run });
  const inputIds = Array.from({ length: 64 }, () => InputId(crypto.randomUUID()));
  for (const inputId of inputIds) {
    await dispatch(inputId);
    await ended(inputId);
  }
  for (const inputId of inputIds) expect((await dispatch(inputId)).outcome).toBe('accepted');
  expect(run).toHaveBeenCalledTimes(64);
});

test('W11: cancel aborts the signal, and is answered after run-ended cancelled was published', async () => {
  const seen = gate();
  const { backend, handle, publisher, dispatch } = await connected({
    run: async function* (_, { signal }) {
      yield text('a');
      await new Promise((_, reject) => signal.addEventListener('abort', () => (seen.open(), reject(new Error()))));
    },
  });
  const { inputId } = await dispatch();
  await publisher.next(({ type }) => type === 'text-delta', call.signal);
  const answer = await backend.cancel(handle, { inputId, deadlineMs: 1_000 }, call);
  await seen.opened;
  expect(answer).toEqual({ outcome: 'accepted' });
  expect(publisher.events.at(-1)).toEqual({ type: 'run-ended', end: 'cancelled', inputId });
});

test('W11: a generator that catches its cancel and returns ends cancelled all the same', async () => {
  const { backend, handle, publisher, dispatch } = await connected({
    run: async function* (_, { signal }) {
      yield text('a');
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
    },
  });
  const { inputId } = await dispatch();
  await backend.cancel(handle, { inputId, deadlineMs: 1_000 }, call);
  expect(publisher.events.at(-1)).toMatchObject({ end: 'cancelled' });
});

test('W11: a generator that yields on and on is returned at its next yield, its finally runs', async () => {
  const cleaned = gate();
  const { backend, handle, publisher, dispatch } = await connected({
    run: async function* () {
      try {
        for (;;) yield text('on');
      } finally {
        cleaned.open();
      }
    },
  });
  const { inputId } = await dispatch();
  await publisher.next(({ type }) => type === 'text-delta', call.signal);
  await backend.cancel(handle, { inputId, deadlineMs: 10_000 }, call);
  await cleaned.opened;
  expect(types(publisher.events.slice(-2))).toEqual(['text-delta', 'run-ended']);
});

test('W11: a generator that ignores its signal is left alone: it ends cancelled, and what it yields later is dropped', async () => {
  const stuck = gate();
  const left = gate();
  const { backend, handle, publisher, dispatch, ended } = await connected({
    cancelGraceMs: 1,
    run: async function* () {
      try {
        await stuck.opened;
        yield text('too late');
      } finally {
        left.open();
      }
    },
  });
  const { inputId } = await dispatch();
  expect(await backend.cancel(handle, { inputId, deadlineMs: 1_000 }, call)).toEqual({ outcome: 'accepted' });
  stuck.open();
  await left.opened;
  const next = await dispatch();
  await ended(next.inputId);
  expect(publisher.events.filter((event) => event.inputId === inputId)).toEqual([
    { type: 'run-ended', end: 'cancelled', inputId },
  ]);
});

test('W11: cancel ends a run that waits for room in its window, and its finally runs', async () => {
  const cleaned = gate();
  const { backend, handle, publisher, dispatch } = await connected(
    {
      cancelGraceMs: 60_000,
      run: async function* () {
        try {
          for (;;) yield text('on');
        } finally {
          cleaned.open();
        }
      },
    },
    { windowEvents: 2, recordUpTo: 0 },
  );
  const { inputId } = await dispatch();
  await publisher.until(() => publisher.events.length === 2, call.signal, 'a full window');
  expect(await backend.cancel(handle, { inputId, deadlineMs: 120_000 }, call)).toEqual({ outcome: 'accepted' });
  await cleaned.opened;
  expect(types(publisher.events)).toEqual(['text-delta', 'text-delta', 'run-ended']);
});

test('P2: a generator is not asked for more while its window is full', async () => {
  let yielded = 0;
  const { publisher, dispatch, ended } = await connected(
    {
      run: async function* () {
        for (; yielded < 10; yielded += 1) yield text('on');
      },
    },
    { windowEvents: 4, recordUpTo: 0 },
  );
  const { inputId } = await dispatch();
  await publisher.until(() => publisher.events.length === 4, call.signal, 'a full window');
  expect(yielded).toBe(3);
  publisher.release();
  await ended(inputId);
});

test('W17: ask gives the answer to the generator after answer was answered', async () => {
  const order: string[] = [];
  const { backend, handle, publisher, dispatch, ended } = await connected({
    run: async function* (_, { ask }) {
      const answer = await ask({ prompt: 'Which?', options: [{ optionId: 'a', label: 'A' }] });
      order.push('generator');
      yield text(JSON.stringify(answer));
    },
  });
  const { inputId } = await dispatch();
  const asked = await publisher.next(({ type }) => type === 'question-asked', call.signal);
  if (asked.type !== 'question-asked') return expect.fail('a question');
  const question = { questionId: asked.questionId, answer: { optionId: 'a' } };
  expect(await backend.answer(handle, question, call)).toEqual({ outcome: 'accepted' });
  order.push('answer');
  await ended(inputId);
  expect(order).toEqual(['answer', 'generator']);
  expect(publisher.events).toContainEqual(expect.objectContaining({ text: '{"optionId":"a"}' }));
});

test.each([
  ['withdrawn', () => new Error('no longer needed')],
  ['expired', () => new DOMException('too late', 'TimeoutError')],
] as const)(
  'W17: a question whose signal aborts is withdrawn as %s, and ask rejects with its reason',
  async (cause, reason) => {
    const controller = new AbortController();
    const { publisher, dispatch, ended } = await connected({
      run: async function* (_, { ask }) {
        const answer = await ask({ prompt: 'Which?' }, { signal: controller.signal }).catch(
          (cause: unknown) => (cause as Error).message,
        );
        yield text(JSON.stringify(answer));
      },
    });
    const { inputId } = await dispatch();
    await publisher.next(({ type }) => type === 'question-asked', call.signal);
    controller.abort(reason());
    await ended(inputId);
    const [asked, withdrawn, said] = publisher.events;
    expect(withdrawn).toEqual({
      type: 'question-withdrawn',
      cause,
      inputId,
      questionId: asked && 'questionId' in asked ? asked.questionId : '',
    });
    expect(said).toMatchObject({ text: JSON.stringify(reason().message) });
  },
);

test('P1: a question that is refused rejects ask', async () => {
  const { run, publisher } = await connected(
    {
      run: async function* (_, { ask }) {
        await ask({ prompt: 'Which?' });
        yield text('never');
      },
    },
    { refuseWith: 'event-invalid' },
  );
  expect(await run()).toMatchObject({ end: 'failed' });
  expect(types(publisher.events)).toEqual(['question-asked', 'run-ended']);
});

test('W5: a start that throws refuses the spawn with no code, its cause as detail', async () => {
  const cause = new Error('no such model');
  const { spawned, dispatch } = await connected({
    start: () => {
      throw cause;
    },
    run: async function* () {
      yield text('never');
    },
  });
  expect(spawned).toEqual({ outcome: 'errored', detail: cause });
  expect((await dispatch()).outcome).toBe('rejected');
});

test('B5: a start that throws refused(code) rejects the spawn with its declared code', async () => {
  const { spawned } = await connected({
    codes: ['no-seat'],
    start: () => {
      throw refused('no-seat');
    },
    run: async function* () {
      yield text('never');
    },
  });
  expect(spawned).toMatchObject({ outcome: 'rejected', code: 'no-seat' });
});

test('W13: stop closes the session once its run has ended, and answers stopped', async () => {
  const order: string[] = [];
  const running = gate();
  const { backend, handle, dispatch } = await connected({
    start: () => 'session',
    close: (session) => void order.push(`closed ${session}`),
    run: async function* (_, { signal }) {
      running.open();
      await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      order.push('run ended');
      yield text('too late');
    },
  });
  await dispatch();
  await running.opened;
  expect(await backend.stop(handle, { graceMs: 1_000 }, call)).toEqual({ outcome: 'accepted', end: 'stopped' });
  expect(order).toEqual(['run ended', 'closed session']);
});

test('W13: stop of a run that ignores its signal answers killed when the grace is over', async () => {
  const running = gate();
  const { backend, handle, dispatch } = await connected({
    run: async function* () {
      running.open();
      await never;
      yield text('never');
    },
  });
  await dispatch();
  await running.opened;
  expect(await backend.stop(handle, { graceMs: 1 }, call)).toEqual({ outcome: 'accepted', end: 'killed' });
});

test('W18: stop settles a spawn whose start hangs, and a session that comes late is closed', async () => {
  const starting = gate();
  const started = gate();
  const closed = gate();
  const backend = generatorBackend({
    id: 'generator',
    start: () => (starting.open(), started.opened),
    close: () => closed.open(),
    run: async function* () {
      yield text('never');
    },
  });
  const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
  const spawned = backend.spawn({ ...handle, profile }, new RecordingPublisher(handle), call);
  await starting.opened;
  expect(await backend.stop(handle, { graceMs: 1 }, call)).toEqual({ outcome: 'accepted', end: 'killed' });
  expect((await spawned).outcome).toBe('rejected');
  started.open();
  await closed.opened;
});

test('E6: a spawn that comes after the stop of its generation connects nothing', async () => {
  const start = vi.fn();
  const backend = generatorBackend({
    id: 'generator',
    start,
    run: async function* () {
      yield text('never');
    },
  });
  const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(3) };
  await backend.stop(handle, { graceMs: 0 }, call);
  const answer = await backend.spawn({ ...handle, profile }, new RecordingPublisher(handle), call);
  expect([answer.outcome, start.mock.calls]).toEqual(['rejected', []]);
});

test('W15: a run whose events are refused as stale ends with its execution', async () => {
  const ended = gate();
  const { dispatch } = await connected(
    {
      run: async function* () {
        try {
          for (;;) yield text('on');
        } finally {
          ended.open();
        }
      },
    },
    { refuseWith: 'stale-generation' },
  );
  await dispatch();
  await ended.opened;
  expect((await dispatch()).outcome).toBe('rejected');
});

test('W16: a generator that never waits leaves room for its cancel', async () => {
  const { backend, handle, dispatch } = await connected({
    run: async function* () {
      for (;;) yield text('on');
    },
  });
  const { inputId } = await dispatch();
  await new Promise((resolve) => setImmediate(resolve));
  expect(await backend.cancel(handle, { inputId, deadlineMs: 1_000 }, call)).toEqual({ outcome: 'accepted' });
});

test('R2: a take-over that is asked for twice is adopted twice, with the same events', async () => {
  const { backend, handle, publisher, dispatch, ended } = await connected(
    {
      recover: true,
      run: async function* () {
        yield text('a');
        yield text('b');
      },
    },
    { recordUpTo: 1 },
  );
  const { inputId } = await dispatch();
  await ended(inputId);
  const next = { ...handle, generation: Generation(2) };
  const request = { handle: next, position: { generation: Generation(1), sequence: 1 }, inputId, deadlineMs: 1_000 };
  for (let count = 0; count < 2; count += 1) {
    const taker = new RecordingPublisher({ ...next, recordUpTo: 0 });
    const answer = await backend.recover(request, taker, call);
    expect(answer).toMatchObject({ outcome: 'adopted', taken: true });
    expect(taker.events).toEqual(publisher.events.slice(1));
  }
});

test('O7: a take-over from a position whose events are gone is lost', async () => {
  const { backend, handle, run } = await connected({
    recover: true,
    run: async function* () {
      yield text('a');
    },
  });
  await run();
  await vi.waitFor(async () => {
    const next = { ...handle, generation: Generation(2) };
    const request = { handle: next, position: { generation: Generation(1), sequence: 0 }, deadlineMs: 1_000 };
    expect(await backend.recover(request, new RecordingPublisher(next), call)).toEqual({ outcome: 'lost' });
  });
});

test('R2: a take-over ends a run that its host does not know of, without a word', async () => {
  const { backend, handle, publisher, dispatch } = await connected(
    {
      recover: true,
      run: async function* (_, { signal }) {
        yield text('a');
        await new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));
      },
    },
    { recordUpTo: 0 },
  );
  await dispatch();
  await publisher.next(({ type }) => type === 'text-delta', call.signal);
  const next = { ...handle, generation: Generation(2) };
  const taker = new RecordingPublisher(next);
  const request = { handle: next, position: { generation: Generation(1), sequence: 0 }, deadlineMs: 1_000 };
  expect((await backend.recover(request, taker, call)).outcome).toBe('adopted');
  const inputId = InputId(crypto.randomUUID());
  expect((await backend.dispatch(next, { inputId, parts }, call)).outcome).toBe('accepted');
  expect(types(publisher.events)).toEqual(['text-delta']);
  expect(taker.events.filter((event) => event.inputId !== inputId)).toEqual([]);
});

test('W15: what the former host says of an event after a take-over does not touch the run', async () => {
  const answered = gate();
  class Fenced extends RecordingPublisher {
    override async publish(event: BackendEvent): Promise<PublishResult> {
      void super.publish(event);
      await answered.opened;
      return { outcome: 'refused', code: 'stale-generation' };
    }
  }
  const goOn = gate();
  const backend = generatorBackend({
    id: 'generator',
    recover: true,
    run: async function* () {
      yield text('a');
      await goOn.opened;
      yield text('b');
    },
  });
  const handle = { workerId: WorkerId(crypto.randomUUID()), generation: Generation(1) };
  const former = new Fenced({ ...handle, recordUpTo: 0 });
  await backend.spawn({ ...handle, profile }, former, call);
  const inputId = InputId(crypto.randomUUID());
  await backend.dispatch(handle, { inputId, parts }, call);
  await former.next(({ type }) => type === 'text-delta', call.signal);
  const next = { ...handle, generation: Generation(2) };
  const taker = new RecordingPublisher({ ...next, windowEvents: 1, recordUpTo: 0 });
  const request = { handle: next, position: { generation: Generation(1), sequence: 0 }, inputId, deadlineMs: 1_000 };
  await backend.recover(request, taker, call);
  answered.open();
  await new Promise((resolve) => setImmediate(resolve));
  taker.release();
  goOn.open();
  const end = await taker.next(({ type }) => type === 'run-ended', call.signal);
  expect(end).toMatchObject({ end: 'completed' });
  expect(types(taker.events)).toEqual(['text-delta', 'text-delta', 'run-ended']);
});
