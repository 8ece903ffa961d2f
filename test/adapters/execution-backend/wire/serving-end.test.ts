import { describe, expect, test, vi } from 'vitest';

import { backendServer } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import type { BackendServerOptions } from '../../../../src/adapters/execution-backend/wire/serving-end.js';
import { QuestionId } from '../../../../src/domain/ids.js';
import type { RawEnd } from './raw-end.js';
import { initialize, rawHost } from './raw-end.js';
import type { Overrides } from './support.js';
import { RecordingLogger, ScriptedBackend, TestClock, inputId, runEnded, text, worker1, worker2 } from './support.js';

function serve(overrides: Overrides = {}, options: BackendServerOptions = {}) {
  const author = new ScriptedBackend(overrides);
  const logger = new RecordingLogger();
  const server = backendServer(author, { logger, ...options });
  const connect = () => {
    const { raw, transport, pair } = rawHost();
    return { raw, pair, ended: server.accept(transport) };
  };
  const open = async (params: object = {}) => {
    const connection = connect();
    connection.raw.send(initialize(1, params), { method: 'initialized', params: {} });
    await connection.raw.answer(1);
    return connection;
  };
  /** A connection with one execution; of request ids, 1 and 2 are taken. */
  const spawned = async (params: object = {}) => {
    const connection = await open(params);
    connection.raw.send(spawn(2));
    await connection.raw.answer(2);
    return connection;
  };
  return { author, logger, server, connect, open, spawned };
}

const named = (generation = 1, workerId: string = worker1) => ({ workerId, generation });
const spawn = (id: number, generation = 1, workerId: string = worker1) => ({
  id,
  method: 'worker/spawn',
  params: { ...named(generation, workerId), profile: { name: 'p', options: {} } },
});
const input = (id: number, of = 1, generation = 1) => ({
  id,
  method: 'worker/input',
  params: { ...named(generation), inputId: inputId(of), parts: [{ type: 'text', text: 'go' }] },
});
const stop = (id: number, generation = 1, workerId: string = worker1) => ({
  id,
  method: 'worker/stop',
  params: { ...named(generation, workerId), graceMs: 0 },
});
const recover = (id: number, generation: number, position: { generation: number; sequence: number }, more = {}) => ({
  id,
  method: 'worker/recover',
  params: { ...named(generation), position, deadlineMs: 1000, ...more },
});
const ack = (sequence: number, generation = 1, more = {}) => ({
  method: '$/ack',
  params: { ...named(generation), sequence, ...more },
});
const events = (raw: RawEnd) => raw.lines.filter((line) => line.method === 'worker/events').map((line) => line.params);
const texts = (raw: RawEnd) =>
  events(raw).flatMap((params) => (params?.['events'] as { event: { text: string } }[]).map(({ event }) => event.text));

describe('handshake', () => {
  test('initialize is answered with the version and the smaller limits', async () => {
    const { connect } = serve();
    const { raw } = connect();
    raw.send(initialize(1, { limits: { maxLineBytes: 2048, windowEvents: 5000 } }));
    expect((await raw.answer(1)).result).toMatchObject({
      protocolVersion: 1,
      backend: { name: 'scripted' },
      limits: { maxLineBytes: 2048, windowEvents: 1024, windowBytes: 4 * 1024 * 1024 },
    });
  });

  test('no common version is answered with unsupported-version and what is supported', async () => {
    const { connect } = serve();
    const { raw } = connect();
    raw.send(initialize(1, { protocolVersions: [7] }));
    const { error } = await raw.answer(1);
    expect(error).toMatchObject({ code: -32000, message: 'Unsupported version' });
    expect(error?.data).toMatchObject({ kind: 'unsupported-version', supported: [1] });
  });

  test('E1: anything before initialize closes the connection, saying which line was wrong', async () => {
    const { connect } = serve();
    const { raw, ended } = connect();
    raw.send(spawn(1));
    await ended;
    await raw.closed();
    expect(raw.lines.at(-1)?.error?.data).toMatchObject({ kind: 'protocol-violation', line: 1 });
  });

  test('a host that says nothing is let go at the deadline', async () => {
    const clock = new TestClock();
    const { connect } = serve({}, { clock });
    const { raw, ended } = connect();
    clock.pass(10_000);
    await ended;
    await raw.closed();
    expect(raw.lines).toEqual([]);
  });
});

describe('E1, E2, E3: what cannot be read', () => {
  test('E1: three violations close the connection, two do not', async () => {
    const { open, logger } = serve();
    const { raw, ended } = await open();
    raw.sendRaw('hello\n');
    raw.sendRaw('[]\n');
    raw.send(stop(2));
    expect((await raw.answer(2)).result).toEqual({ outcome: 'accepted', end: 'stopped' });
    raw.sendRaw('{"jsonrpc":"2.0"}\n');
    await ended;
    await raw.closed();
    const told = raw.lines.filter((line) => line.id === null).map((line) => line.error?.data['line']);
    expect(told).toEqual([3, 4, 6]);
    expect(logger.lines.filter(({ message }) => message === 'protocol violation')).toHaveLength(3);
  });

  test('E1: an over-long line is a violation with its number', async () => {
    const { open } = serve({}, { limits: { maxLineBytes: 1024 } });
    const { raw } = await open();
    raw.sendRaw(`"${'x'.repeat(2000)}"\n`);
    expect((await raw.line((line) => line.id === null)).error?.data).toMatchObject({ line: 3 });
  });

  test('E3: an unknown request method answers -32601, unknown notifications and fields are ignored', async () => {
    const { open, logger, author } = serve();
    const { raw } = await open();
    raw.send({ id: 2, method: 'worker/dance', params: {} }, { method: 'worker/rest', params: {} });
    expect((await raw.answer(2)).error).toMatchObject({ code: -32601, message: 'Method not found' });
    raw.send({ ...spawn(3), extra: 1, params: { ...spawn(3).params, extra: { deep: 1 } } });
    expect((await raw.answer(3)).result).toMatchObject({ outcome: 'connected' });
    expect(author.calls).toEqual(['spawn 1']);
    raw.close();
    await vi.waitFor(() => {
      const end = logger.lines.find(({ message }) => message === 'connection ended');
      expect(end?.fields['ignored']).toMatchObject({ notifications: 1 });
    });
  });

  test('E2: wrong params answer -32602 with a fixed text and nothing of what was sent', async () => {
    const { open } = serve();
    const { raw } = await open();
    raw.send({ id: 2, method: 'worker/spawn', params: { workerId: 'secret-canary' } });
    const { error } = await raw.answer(2);
    expect(error).toMatchObject({ code: -32602, message: 'Invalid params', data: { kind: 'invalid-params' } });
    expect(raw.raw.join('')).not.toContain('canary');
  });

  test('E2: what a backend throws becomes errored / backend-fault; its text travels in log only', async () => {
    const { open } = serve({ spawn: () => Promise.reject(new Error('canary-path')) });
    const { raw } = await open();
    raw.send(spawn(2));
    expect((await raw.answer(2)).result).toEqual({ outcome: 'errored', code: 'backend-fault' });
    const log = await raw.method('log');
    expect(log.params?.['text']).toContain('canary-path');
    expect(raw.raw.filter((line) => line.includes('canary'))).toHaveLength(1);
  });

  test('E2: a refusal keeps its code and its detail goes to log only', async () => {
    const { open } = serve({ spawn: async () => ({ outcome: 'rejected', code: 'no-licence', detail: 'canary' }) });
    const { raw } = await open();
    raw.send(spawn(2));
    expect((await raw.answer(2)).result).toEqual({ outcome: 'rejected', code: 'no-licence' });
    expect(raw.raw.filter((line) => line.includes('canary')).every((line) => line.includes('"log"'))).toBe(true);
  });

  test('W16: an answer of a wrong shape becomes errored / backend-fault', async () => {
    const { spawned } = serve({ dispatch: async () => ({ outcome: 'maybe' }) as never });
    const { raw } = await spawned();
    raw.send(input(3));
    expect((await raw.answer(3)).result).toEqual({ outcome: 'errored', code: 'backend-fault' });
  });

  test('E3: an absent capability answers unsupported without asking the backend', async () => {
    const none = { cancel: false, stop: false, recover: false, questions: false };
    const { open, author } = serve({ spawn: async () => ({ outcome: 'connected', capabilities: none }) });
    const { raw } = await open({ graceMs: 0 });
    raw.send(spawn(2));
    expect((await raw.answer(2)).result).toEqual({ outcome: 'connected', capabilities: {} });
    raw.send({ id: 3, method: 'worker/cancel', params: { ...named(), inputId: inputId(1), deadlineMs: 1 } });
    raw.send({ id: 4, method: 'worker/answer', params: { ...named(), questionId: 'q', answer: { text: 'a' } } });
    raw.send(stop(5));
    for (const id of [3, 4, 5]) expect((await raw.answer(id)).result).toEqual({ outcome: 'unsupported' });
    expect(author.calls).toEqual(['spawn 1']);
  });

  test('pings are answered', async () => {
    const { open } = serve();
    const { raw } = await open();
    raw.send({ method: '$/ping', params: {} });
    await raw.method('$/pong');
  });
});

describe('events', () => {
  test('events are numbered from 1, their run beside them, what is ready in one line', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    void author.publisher.publish(text('a', inputId(1)));
    void author.publisher.publish(text('b'));
    await raw.method('worker/events');
    expect(events(raw)).toEqual([
      {
        ...named(),
        sequence: 1,
        events: [
          { inputId: inputId(1), event: { type: 'text-delta', messageId: 'm', text: 'a' } },
          { event: { type: 'text-delta', messageId: 'm', text: 'b' } },
        ],
      },
    ]);
  });

  test('one line carries at most 256 events', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    for (let index = 0; index < 300; index += 1) void author.publisher.publish(text(`${index}`));
    await vi.waitFor(() => expect(texts(raw)).toHaveLength(300));
    expect(events(raw).map((params) => [params?.['sequence'], (params?.['events'] as []).length])).toEqual([
      [1, 256],
      [257, 44],
    ]);
  });

  test('E1: an event that fits no line is refused before anything is written', async () => {
    const { spawned, author } = serve({}, { limits: { maxLineBytes: 1024 } });
    const { raw } = await spawned();
    const large = await author.publisher.publish(text('ä'.repeat(500)));
    expect(large).toEqual({ outcome: 'refused', code: 'event-too-large' });
    await author.publisher.publish(text('ä'.repeat(300)));
    await vi.waitFor(() => expect(texts(raw)).toEqual(['ä'.repeat(300)]));
    expect(raw.raw.every((line) => Buffer.byteLength(line) <= 1025)).toBe(true);
  });

  test('P1: what is not an event is refused event-invalid and takes no number', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    const circular: Record<string, unknown> = { type: 'usage' };
    circular['self'] = circular;
    for (const bad of [circular, {}, { type: 1 }, { type: 'text-delta', inputId: 'x' }]) {
      expect(await author.publisher.publish(bad as never)).toEqual({ outcome: 'refused', code: 'event-invalid' });
    }
    await author.publisher.publish(text('a'));
    await raw.method('worker/events');
    expect(events(raw)[0]).toMatchObject({ sequence: 1 });
  });

  test('E4: the last events are on the wire before the answers to cancel and stop', async () => {
    const { spawned, author } = serve({
      cancel: async () => {
        void author.publisher.publish(runEnded(inputId(1)));
        return { outcome: 'accepted' };
      },
      stop: async () => {
        void author.publisher.publish(text('last'));
        return { outcome: 'accepted', end: 'stopped' };
      },
    });
    const { raw } = await spawned();
    raw.send(input(3));
    await raw.answer(3);
    raw.send({ id: 4, method: 'worker/cancel', params: { ...named(), inputId: inputId(1), deadlineMs: 1 } });
    await raw.answer(4);
    raw.send(stop(5));
    await raw.answer(5);
    expect(raw.lines.slice(-4).map((line) => line.method ?? line.id)).toEqual(['worker/events', 4, 'worker/events', 5]);
  });

  test('E4: an answer goes behind what was published before it, and before what it causes', async () => {
    const author: ScriptedBackend = new ScriptedBackend({
      answer: () => {
        void author.publisher.publish(text('before'));
        queueMicrotask(() => queueMicrotask(() => void author.publisher.publish(text('caused'))));
        return Promise.resolve({ outcome: 'accepted' });
      },
    });
    const { raw, transport } = rawHost();
    void backendServer(author).accept(transport);
    raw.send(initialize(1), spawn(2));
    await raw.answer(2);
    raw.send({ id: 3, method: 'worker/answer', params: { ...named(), questionId: 'q', answer: { text: 'yes' } } });
    await vi.waitFor(() => expect(texts(raw)).toEqual(['before', 'caused']));
    expect(raw.lines.slice(-3).map((line) => line.method ?? line.id)).toEqual(['worker/events', 3, 'worker/events']);
  });

  test('worker/exited is the last frame of its generation, numbered after the last event', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    void author.publisher.publish(text('a'));
    await author.publisher.disconnect({ kind: 'code', value: 3 });
    expect(await author.publisher.publish(text('b'))).toEqual({ outcome: 'refused', code: 'stale-generation' });
    const exited = await raw.method('worker/exited');
    expect(exited.params).toEqual({ ...named(), sequence: 2, exit: { kind: 'code', value: 3 } });
    expect(texts(raw)).toEqual(['a']);
    expect(raw.lines.at(-1)).toBe(exited);
  });
});

describe('P2: the window', () => {
  const small = { limits: { windowEvents: 3 } };

  test('publish waits when the window is full and goes on when it is acknowledged', async () => {
    const { spawned, author } = serve({}, small);
    const { raw } = await spawned();
    const settled: string[] = [];
    const publish = (value: string) => author.publisher.publish(text(value)).then(() => settled.push(value));
    for (const value of ['1', '2', '3', '4']) void publish(value);
    await vi.waitFor(() => expect(texts(raw)).toEqual(['1', '2', '3']));
    expect(settled).toEqual(['1', '2']);
    raw.send(ack(2));
    await vi.waitFor(() => expect(settled).toEqual(['1', '2', '3', '4']));
    await vi.waitFor(() => expect(texts(raw)).toEqual(['1', '2', '3', '4']));
  });

  test('bytes count too, and one larger event goes alone', async () => {
    const { spawned, author } = serve({}, { limits: { windowBytes: 200 } });
    const { raw } = await spawned();
    void author.publisher.publish(text('a'.repeat(500)));
    void author.publisher.publish(text('b'));
    await vi.waitFor(() => expect(texts(raw)).toHaveLength(1));
    raw.send(ack(1));
    await vi.waitFor(() => expect(texts(raw)).toHaveLength(2));
  });

  test('who goes on past twice the window has the generation ended', async () => {
    const { spawned, author } = serve({}, small);
    const { raw } = await spawned();
    const results = Array.from({ length: 10 }, (_, index) => author.publisher.publish(text(`${index}`)));
    expect(await results.at(-1)).toEqual({ outcome: 'refused', code: 'stale-generation' });
    await vi.waitFor(() => expect(author.calls).toContain('stop 1'));
    for (const sequence of [3, 6]) {
      await vi.waitFor(() => expect(texts(raw)).toHaveLength(sequence));
      raw.send(ack(sequence));
    }
    await raw.method('worker/exited');
    expect(texts(raw)).toHaveLength(7);
  });

  test('P1: a refusal comes with the acknowledgement, to the waiting publish and to the listener', async () => {
    const { spawned, author } = serve({}, small);
    const { raw } = await spawned();
    const recorded: unknown[] = [];
    author.publisher.onRecorded((upTo) => recorded.push(upTo));
    const results = ['1', '2', '3'].map((value) => author.publisher.publish(text(value)));
    await vi.waitFor(() => expect(texts(raw)).toHaveLength(3));
    raw.send(
      ack(3, 1, {
        refused: [
          { sequence: 3, code: 'no-open-run' },
          { sequence: 2, code: '_private' },
        ],
      }),
    );
    expect(await results[2]).toEqual({ outcome: 'refused', code: 'no-open-run' });
    expect(recorded).toEqual([{ sequence: 3, refused: [{ sequence: 3, code: 'no-open-run' }] }]);
  });

  test('an acknowledgement of what was not sent is a violation', async () => {
    const { spawned } = serve();
    const { raw } = await spawned();
    raw.send(ack(1));
    await raw.line((line) => line.id === null);
  });

  test('a window that is full for one Worker holds up no other', async () => {
    const { open, author } = serve({}, small);
    const { raw } = await open();
    raw.send(spawn(2), spawn(3, 1, worker2));
    await raw.answer(3);
    const [first, second] = author.publishers;
    for (const value of ['1', '2', '3', '4']) void first?.publish(text(value));
    void second?.publish(text('other'));
    await vi.waitFor(() => expect(texts(raw)).toContain('other'));
  });

  test('a spawn that published more than the window before it answered is answered', async () => {
    const { open } = serve(
      {
        spawn: async (_request, publisher) => {
          for (const value of ['1', '2', '3', '4']) void publisher.publish(text(value));
          return {
            outcome: 'connected',
            capabilities: { cancel: false, stop: false, recover: false, questions: false },
          };
        },
      },
      small,
    );
    const { raw } = await open();
    raw.send(spawn(2));
    expect((await raw.answer(2)).result).toMatchObject({ outcome: 'connected' });
  });
});

describe('E6: fencing', () => {
  test('a lower generation answers stale-generation and does nothing', async () => {
    const { open, author } = serve();
    const { raw } = await open();
    raw.send(spawn(2, 5));
    await raw.answer(2);
    raw.send(spawn(3, 4), input(4, 1, 4), stop(5, 4), recover(6, 4, { generation: 4, sequence: 0 }));
    for (const id of [3, 4, 5, 6]) {
      expect((await raw.answer(id)).result).toEqual({ outcome: 'errored', code: 'stale-generation' });
    }
    expect(author.calls).toEqual(['spawn 5']);
  });

  test('a higher spawn first ends what is there', async () => {
    const { open, author } = serve();
    const { raw } = await open();
    raw.send(spawn(2, 1));
    await raw.answer(2);
    const former = author.publisher;
    raw.send(spawn(3, 2));
    expect((await raw.answer(3)).result).toMatchObject({ outcome: 'connected' });
    expect(author.calls).toEqual(['spawn 1', 'stop 1', 'spawn 2']);
    expect(await former.publish(text('late'))).toEqual({ outcome: 'refused', code: 'stale-generation' });
  });

  test('a stopped generation is never begun again', async () => {
    const { open, author } = serve();
    const { raw } = await open();
    raw.send(stop(2, 3));
    expect((await raw.answer(2)).result).toEqual({ outcome: 'accepted', end: 'stopped' });
    raw.send(spawn(3, 3));
    expect((await raw.answer(3)).result).toEqual({ outcome: 'errored', code: 'stale-generation' });
    expect(author.calls).toEqual(['stop 3']);
  });

  test('E5: a repeated spawn of the same generation is the same execution and the same answer', async () => {
    const { open, author } = serve();
    const { raw } = await open();
    raw.send(spawn(2), spawn(3));
    expect((await raw.answer(3)).result).toEqual((await raw.answer(2)).result);
    expect(author.calls).toEqual(['spawn 1']);
  });

  test('E5: a refused spawn asked again gets the same refusal', async () => {
    const { spawned, author } = serve({ spawn: async () => ({ outcome: 'busy' }) });
    const { raw } = await spawned();
    raw.send(spawn(3));
    expect((await raw.answer(3)).result).toEqual({ outcome: 'busy' });
    expect(author.calls).toEqual(['spawn 1']);
  });

  test('a Worker that is stopped while it begins is stopped once it has begun', async () => {
    let begin: () => void = () => undefined;
    const clock = new TestClock();
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const { open, author } = serve(
      {
        spawn: async () => {
          await begun;
          return { outcome: 'connected', capabilities: { cancel: true, stop: true, recover: false, questions: false } };
        },
      },
      { clock },
    );
    const { raw } = await open();
    raw.send(spawn(2), stop(3));
    await vi.waitFor(() => expect(clock.pending).toBeGreaterThan(1));
    clock.pass(0);
    expect((await raw.answer(3)).result).toEqual({ outcome: 'accepted', end: 'stopped' });
    begin();
    await vi.waitFor(() => expect(author.calls.filter((one) => one === 'stop 1')).toHaveLength(2));
  });
});

describe('W8: inputs that were taken', () => {
  test('the same input again is accepted and runs nothing', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    raw.send(input(3, 1), input(4, 1));
    await raw.answer(4);
    raw.send(input(5, 1));
    for (const id of [3, 4, 5]) expect((await raw.answer(id)).result).toEqual({ outcome: 'accepted' });
    expect(author.inputs).toEqual([inputId(1)]);
  });

  test('at least 64 are remembered', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    for (let of = 1; of <= 65; of += 1) raw.send(input(of + 10, of));
    await raw.answer(75);
    raw.send(input(100, 1));
    expect((await raw.answer(100)).result).toEqual({ outcome: 'accepted' });
    expect(author.inputs).toHaveLength(65);
  });

  test('a refusal is not remembered', async () => {
    const answers = [{ outcome: 'busy' }, { outcome: 'accepted' }] as const;
    let asked = 0;
    const { spawned } = serve({ dispatch: async () => answers[asked++] ?? { outcome: 'busy' } });
    const { raw } = await spawned();
    raw.send(input(3));
    expect((await raw.answer(3)).result).toEqual({ outcome: 'busy' });
    raw.send(input(4));
    expect((await raw.answer(4)).result).toEqual({ outcome: 'accepted' });
  });

  test('private parts of an input are left out', async () => {
    const parts: unknown[] = [];
    const { spawned } = serve({
      dispatch: async (_handle, given) => {
        parts.push(...given.parts);
        return { outcome: 'accepted' };
      },
    });
    const { raw } = await spawned();
    const message = input(3);
    raw.send({
      ...message,
      params: {
        ...message.params,
        parts: [
          { type: '_x', y: 1 },
          { type: 'text', text: 'go' },
        ],
      },
    });
    await raw.answer(3);
    expect(parts).toEqual([{ type: 'text', text: 'go' }]);
  });
});

describe('one way to resume', () => {
  test('the same generation: what follows the position is sent again under the same numbers, after the answer', async () => {
    const { open, author, spawned } = serve();
    const first = await spawned();
    for (const value of ['1', '2', '3']) void author.publisher.publish(text(value));
    await vi.waitFor(() => expect(texts(first.raw)).toHaveLength(3));
    first.pair.cut();
    const second = await open();
    second.raw.send(recover(2, 1, { generation: 1, sequence: 1 }, { inputId: inputId(9) }));
    expect((await second.raw.answer(2)).result).toMatchObject({ outcome: 'adopted', taken: false });
    await vi.waitFor(() => expect(texts(second.raw)).toEqual(['2', '3']));
    expect(events(second.raw)[0]).toMatchObject({ generation: 1, sequence: 2 });
    expect(second.raw.lines.map((line) => line.method ?? line.id)).toEqual([1, 2, 'worker/events']);
  });

  test('a higher generation: what follows the position comes first, under it, numbered from 1', async () => {
    const { open, author, spawned } = serve();
    const first = await spawned();
    first.raw.send(input(3));
    await first.raw.answer(3);
    for (const value of ['1', '2', '3']) void author.publisher.publish(text(value, inputId(1)));
    await vi.waitFor(() => expect(texts(first.raw)).toHaveLength(3));
    const second = await open();
    second.raw.send(recover(2, 2, { generation: 1, sequence: 2 }, { inputId: inputId(1) }));
    expect((await second.raw.answer(2)).result).toMatchObject({ outcome: 'adopted', taken: true });
    void author.publisher.publish(text('4', inputId(1)));
    await vi.waitFor(() => expect(texts(second.raw)).toEqual(['3', '4']));
    expect(events(second.raw)[0]).toMatchObject({ generation: 2, sequence: 1 });
    expect(texts(first.raw)).toEqual(['1', '2', '3']);
    expect(author.calls).toEqual(['spawn 1', 'dispatch 1']);
    second.raw.send(recover(3, 3, { generation: 1, sequence: 2 }));
    await vi.waitFor(() => expect(texts(second.raw)).toEqual(['3', '4', '3', '4']));
    expect(events(second.raw).at(-1)).toMatchObject({ generation: 3, sequence: 1 });
  });

  test('a position that is not covered any more answers lost', async () => {
    const { open, author, spawned } = serve();
    const first = await spawned();
    for (const value of ['1', '2', '3']) void author.publisher.publish(text(value));
    await vi.waitFor(() => expect(texts(first.raw)).toHaveLength(3));
    first.raw.send(ack(2));
    const second = await open();
    await vi.waitFor(() => expect(author.publishers).toHaveLength(1));
    second.raw.send(recover(2, 1, { generation: 1, sequence: 1 }), recover(3, 1, { generation: 1, sequence: 9 }));
    expect((await second.raw.answer(3)).result).toEqual({ outcome: 'lost' });
  });

  test('a Worker that is not here is asked of the backend, with its state', async () => {
    const seen: unknown[] = [];
    const { open } = serve({
      recover: async (request, publisher) => {
        seen.push(request);
        void publisher.publish(text('6'));
        return {
          outcome: 'adopted',
          taken: true,
          capabilities: { cancel: false, stop: true, recover: true, questions: false },
        };
      },
    });
    const { raw } = await open();
    const more = { recoverState: { at: 5 }, inputId: inputId(1) };
    raw.send(recover(2, 4, { generation: 4, sequence: 5 }, more));
    expect((await raw.answer(2)).result).toMatchObject({ outcome: 'adopted', taken: true });
    expect(seen).toMatchObject([{ handle: { ...named(4), recoverState: { at: 5 } }, position: { sequence: 5 } }]);
    await raw.method('worker/events');
    expect(events(raw)[0]).toMatchObject({ generation: 4, sequence: 6 });
    raw.send({ ...input(3, 1, 4) });
    expect((await raw.answer(3)).result).toEqual({ outcome: 'accepted' });
  });

  test('taken waits for the answer of an input that is undecided', async () => {
    let decide: () => void = () => undefined;
    const decided = new Promise<void>((resolve) => (decide = resolve));
    const { open, author, spawned } = serve({
      dispatch: async () => {
        await decided;
        return { outcome: 'accepted' };
      },
    });
    const first = await spawned();
    first.raw.send(input(3));
    await vi.waitFor(() => expect(author.calls).toContain('dispatch 1'));
    first.pair.cut();
    const second = await open();
    second.raw.send(recover(2, 1, { generation: 1, sequence: 0 }, { inputId: inputId(1) }));
    decide();
    expect((await second.raw.answer(2)).result).toMatchObject({ outcome: 'adopted', taken: true });
  });

  test('a run other than the one that is named is ended before the answer, and says nothing', async () => {
    const { open, author, spawned } = serve({
      cancel: async () => {
        expect(await author.publisher.publish(runEnded(inputId(1)))).toEqual({
          outcome: 'refused',
          code: 'no-open-run',
        });
        return { outcome: 'accepted' };
      },
    });
    const first = await spawned();
    first.raw.send(input(3));
    await first.raw.answer(3);
    first.pair.cut();
    const second = await open();
    second.raw.send(recover(2, 2, { generation: 1, sequence: 0 }));
    expect((await second.raw.answer(2)).result).toMatchObject({ outcome: 'adopted' });
    expect(author.calls).toContain('cancel 01');
    expect(events(second.raw)).toEqual([]);
  });

  test('W17: after a take-over a question that is waited for is asked again under a new id', async () => {
    const { open, author, spawned } = serve();
    const first = await spawned();
    first.raw.send(input(3));
    await first.raw.answer(3);
    void author.publisher.publish({
      type: 'question-asked',
      questionId: 'q1' as never,
      prompt: '?',
      inputId: inputId(1),
    });
    await first.raw.method('worker/events');
    const second = await open();
    second.raw.send(recover(2, 2, { generation: 1, sequence: 1 }, { inputId: inputId(1) }));
    const asked = (await second.raw.method('worker/events')).params as { events: { event: { questionId: string } }[] };
    const questionId = asked.events[0]?.event.questionId;
    expect(questionId).not.toBe('q1');
    second.raw.send({ id: 3, method: 'worker/answer', params: { ...named(2), questionId, answer: { text: 'a' } } });
    expect((await second.raw.answer(3)).result).toEqual({ outcome: 'accepted' });
    expect(author.calls).toContain('answer q1');
  });

  test('E5: the same answer to a question gets what it got, over a later connection too; another is asked', async () => {
    const { spawned, open, author } = serve({
      answer: async (_handle, { answer }) =>
        'text' in answer && answer.text === 'blue'
          ? { outcome: 'accepted' }
          : { outcome: 'rejected', code: 'question-closed' },
    });
    const reply = (id: number, of: string) => ({
      id,
      method: 'worker/answer',
      params: { ...named(), questionId: 'q', answer: { text: of } },
    });
    const first = await spawned();
    first.raw.send(reply(3, 'red'), reply(4, 'blue'), reply(5, 'blue'));
    expect((await first.raw.answer(3)).result).toEqual({ outcome: 'rejected', code: 'question-closed' });
    for (const id of [4, 5]) expect((await first.raw.answer(id)).result).toEqual({ outcome: 'accepted' });
    first.pair.cut();
    await first.ended;
    const { raw } = await open();
    raw.send(recover(2, 1, { generation: 1, sequence: 0 }));
    await raw.answer(2);
    raw.send(reply(3, 'blue'), reply(4, 'red'));
    expect((await raw.answer(3)).result).toEqual({ outcome: 'accepted' });
    expect((await raw.answer(4)).result).toEqual({ outcome: 'rejected', code: 'question-closed' });
    expect(author.calls.filter((call) => call === 'answer q')).toHaveLength(3);
  });

  test('W17: a question that is asked again under the id of an answered one waits for an answer of its own', async () => {
    const { spawned, author } = serve();
    const { raw } = await spawned();
    const asked = {
      type: 'question-asked',
      questionId: QuestionId('q'),
      prompt: 'Well?',
      inputId: inputId(1),
    } as const;
    const reply = (id: number) => ({
      id,
      method: 'worker/answer',
      params: { ...named(), questionId: 'q', answer: { text: 'blue' } },
    });
    void author.publisher.publish(asked);
    raw.send(reply(3));
    await raw.answer(3);
    void author.publisher.publish(asked);
    raw.send(reply(4));
    await raw.answer(4);
    expect(author.calls.filter((call) => call === 'answer q')).toHaveLength(2);
  });

  test('R5: without a host an execution is ended once its grace is over, not before', async () => {
    const clock = new TestClock();
    const { spawned, author } = serve({}, { clock });
    const { pair, ended } = await spawned({ graceMs: 5000 });
    pair.cut();
    await ended;
    clock.pass(4999);
    expect(author.calls).toEqual(['spawn 1']);
    clock.pass(1);
    await vi.waitFor(() => expect(author.calls).toEqual(['spawn 1', 'stop 1']));
  });

  test('without a grace an execution ends with its connection', async () => {
    const { spawned, author } = serve();
    const { pair } = await spawned({ graceMs: 0 });
    pair.cut();
    await vi.waitFor(() => expect(author.calls).toEqual(['spawn 1', 'stop 1']));
  });

  test('an exit that was not heard is said again, until it is acknowledged', async () => {
    const { open, author, spawned } = serve();
    const first = await spawned();
    first.pair.cut();
    await author.publisher.publish(text('a'));
    await author.publisher.disconnect({ kind: 'code', value: 0 });
    const second = await open();
    second.raw.send(recover(2, 1, { generation: 1, sequence: 0 }));
    expect((await second.raw.method('worker/exited')).params).toMatchObject({ sequence: 2 });
    second.raw.send(ack(2), recover(3, 1, { generation: 1, sequence: 1 }));
    expect((await second.raw.answer(3)).result).toEqual({ outcome: 'lost' });
  });

  test('R2: an exit without a host is kept for as long as the execution would have been', async () => {
    const clock = new TestClock();
    const { open, author, spawned } = serve({}, { clock });
    const first = await spawned({ graceMs: 300_000 });
    first.pair.cut();
    await first.ended;
    await author.publisher.publish(text('a'));
    await author.publisher.disconnect({ kind: 'code', value: 0 });
    clock.pass(240_000);
    const second = await open();
    second.raw.send(recover(2, 1, { generation: 1, sequence: 0 }));
    expect((await second.raw.answer(2)).result).toMatchObject({ outcome: 'adopted' });
    expect((await second.raw.method('worker/exited')).params).toMatchObject({ sequence: 2 });
    expect(texts(second.raw)).toEqual(['a']);
  });
});

test('shutdown ends what this host holds, then answers', async () => {
  const { open, author } = serve();
  const { raw } = await open();
  raw.send(spawn(2), spawn(3, 1, worker2));
  await raw.answer(3);
  raw.send({ id: 4, method: 'shutdown', params: { graceMs: 10 } });
  expect((await raw.answer(4)).result).toEqual({});
  expect(author.calls).toEqual(['spawn 1', 'spawn 1', 'stop 1', 'stop 1']);
});

test('disposing ends the executions, the connections and the backend, once', async () => {
  const { spawned, author, server } = serve();
  const { ended } = await spawned();
  await Promise.all([server[Symbol.asyncDispose](), server[Symbol.asyncDispose]()]);
  await ended;
  expect(author.calls).toEqual(['spawn 1', 'stop 1', 'dispose']);
});
