import { describe, expect, test, vi } from 'vitest';

import { wireBackend } from '../../../../src/adapters/execution-backend/wire/host-end.js';
import type { WireBackendOptions } from '../../../../src/adapters/execution-backend/wire/host-end.js';
import { WireError } from '../../../../src/adapters/execution-backend/wire/wire-error.js';
import { BackendId, WorkerId } from '../../../../src/domain/ids.js';
import { greet, rawBackend } from './raw-end.js';
import type { RawEnd } from './raw-end.js';
import {
  RecordingLogger,
  RecordingPublisher,
  TestClock,
  call,
  generation,
  handle,
  inputId,
  spawnRequest,
  text,
  worker1,
} from './support.js';

const all = { cancel: {}, stop: {}, recover: {}, questions: {} };
const input = (of = 1) => ({ inputId: inputId(of), parts: [{ type: 'text', text: 'go' } as const] });

function host(options: Partial<WireBackendOptions> = {}) {
  const logger = new RecordingLogger();
  const backend = wireBackend({ id: BackendId('wired'), loss: 'resumes', logger, ...options });
  const connect = async (limits: object = {}) => {
    const { raw, transport, pair } = rawBackend();
    const connected = backend.connect(transport);
    await greet(raw, limits);
    return { raw, pair, connected };
  };
  const spawned = async (capabilities: object = all, limits: object = {}, publisher = new RecordingPublisher()) => {
    const connection = await connect(limits);
    await connection.connected;
    const spawning = backend.spawn(spawnRequest(), publisher, call());
    const { id } = await connection.raw.method('worker/spawn');
    connection.raw.send({ id, result: { outcome: 'connected', capabilities } });
    await spawning;
    return { ...connection, publisher };
  };
  return { backend, logger, connect, spawned };
}

const events = (sequence: number, texts: readonly string[], of = 1) => ({
  method: 'worker/events',
  params: {
    workerId: worker1,
    generation: of,
    sequence,
    events: texts.map((value) => ({ event: { type: 'text-delta', messageId: 'm', text: value } })),
  },
});
const exited = (sequence: number, exit: object) => ({
  method: 'worker/exited',
  params: { workerId: worker1, generation: 1, sequence, exit },
});
const acks = (raw: RawEnd) => raw.lines.filter((line) => line.method === '$/ack').map((line) => line.params);

describe('handshake', () => {
  test('the host speaks first, with its versions, limits and grace, then says initialized', async () => {
    const { connect } = host({ graceMs: 7000, host: { name: 'test', version: '9' } });
    const { raw, connected } = await connect({ windowEvents: 10 });
    await connected;
    await raw.method('initialized');
    expect(raw.lines[0]).toMatchObject({
      method: 'initialize',
      params: {
        protocolVersions: [1],
        host: { name: 'test', version: '9' },
        graceMs: 7000,
        limits: { windowEvents: 1024 },
      },
    });
  });

  test('no answer until the deadline rejects with handshake-timeout and closes', async () => {
    const clock = new TestClock();
    const { backend } = host({ clock });
    const { raw, transport } = rawBackend();
    const connected = backend.connect(transport);
    await raw.method('initialize');
    clock.pass(10_000);
    await expect(connected).rejects.toMatchObject({ kind: 'handshake-timeout' });
    await raw.closed();
  });

  test('unsupported-version and a closed transport reject with their kind', async () => {
    const { backend } = host();
    const first = rawBackend();
    const connected = backend.connect(first.transport);
    const { id } = await first.raw.method('initialize');
    first.raw.send({
      id,
      error: { code: -32000, message: 'x', data: { kind: 'unsupported-version', supported: [9] } },
    });
    await expect(connected).rejects.toMatchObject({ kind: 'unsupported-version' });
    const second = rawBackend();
    const again = backend.connect(second.transport);
    second.raw.close();
    await expect(again).rejects.toMatchObject({ kind: 'connection-lost' });
    expect(backend.isConnected).toBe(false);
  });

  test('E1: what is printed before the answer closes the connection, with the number of its line', async () => {
    const { backend } = host();
    const { raw, transport } = rawBackend();
    const connected = backend.connect(transport);
    await raw.method('initialize');
    raw.sendRaw('\u001b[32mWelcome!\n');
    const error: unknown = await connected.catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(WireError);
    expect(error).toMatchObject({ kind: 'protocol-violation', line: 1 });
  });

  test('a backend that speaks before it is asked is closed', async () => {
    const { backend } = host();
    const { raw, transport } = rawBackend();
    const connected = backend.connect(transport);
    raw.send({ method: 'log', params: { level: 'info', text: 'hi' } });
    await expect(connected).rejects.toMatchObject({ kind: 'protocol-violation' });
  });
});

describe('requests', () => {
  test('spawn gives the facts of the execution; what was published before it stands before it', async () => {
    const { backend, connect } = host();
    const { raw, connected } = await connect();
    await connected;
    const publisher = new RecordingPublisher();
    const spawning = backend.spawn(spawnRequest(), publisher, call()).then((outcome) => {
      publisher.log.push('answer');
      return outcome;
    });
    const { id, params } = await raw.method('worker/spawn');
    expect(params).toEqual({ workerId: worker1, generation: 1, profile: { name: 'test', options: {} } });
    raw.send(events(1, ['a']), {
      id,
      result: {
        outcome: 'connected',
        capabilities: { stop: {}, _x: {} },
        codes: ['no-licence'],
        recoverState: { a: 1 },
      },
    });
    raw.send(events(2, ['b']));
    expect(await spawning).toEqual({
      outcome: 'connected',
      capabilities: { cancel: false, stop: true, recover: false, questions: false },
      codes: ['no-licence'],
      recoverState: { a: 1 },
    });
    await vi.waitFor(() => expect(publisher.log).toEqual(['text-delta', 'answer', 'text-delta']));
  });

  test('without a connection spawn is backend-unavailable and everything else backend-disconnected', async () => {
    const { backend } = host();
    const disconnected = { outcome: 'errored', code: 'backend-disconnected' };
    const publisher = new RecordingPublisher();
    expect(await backend.spawn(spawnRequest(), publisher, call())).toEqual({
      outcome: 'rejected',
      code: 'backend-unavailable',
    });
    expect(await backend.dispatch(handle(), input(), call())).toEqual(disconnected);
    expect(await backend.stop(handle(), { graceMs: 0 }, call())).toEqual(disconnected);
    const request = { handle: handle(), position: { generation: generation(1), sequence: 0 }, deadlineMs: 1 };
    expect(await backend.recover(request, publisher, call())).toEqual(disconnected);
  });

  test('E3: an absent capability is unsupported, and nothing is written', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned({});
    const before = raw.lines.length;
    expect(await backend.cancel(handle(), { inputId: inputId(1), deadlineMs: 1 }, call())).toEqual({
      outcome: 'unsupported',
    });
    expect(await backend.answer(handle(), { questionId: 'q' as never, answer: { text: 'a' } }, call())).toEqual({
      outcome: 'unsupported',
    });
    expect(await backend.stop(handle(), { graceMs: 0 }, call())).toEqual({ outcome: 'unsupported' });
    expect(raw.lines).toHaveLength(before);
  });

  test('E3: a method that the backend does not know is unsupported', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned();
    const cancelling = backend.cancel(handle(), { inputId: inputId(1), deadlineMs: 1 }, call());
    const { id } = await raw.method('worker/cancel');
    raw.send({ id, error: { code: -32601, message: 'Method not found' } });
    expect(await cancelling).toEqual({ outcome: 'unsupported' });
  });

  test('E1: an input that fits no line is rejected input-too-large before anything is written', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned(all, { maxLineBytes: 2048 });
    const large = { inputId: inputId(1), parts: [{ type: 'text', text: '€'.repeat(700) } as const] };
    expect(await backend.dispatch(handle(), large, call())).toEqual({ outcome: 'rejected', code: 'input-too-large' });
    expect(raw.lines.filter((line) => line.method === 'worker/input')).toEqual([]);
  });

  test('W8: a backend that failed at an input gives no answer, and its input is not known to have run', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned();
    const dispatching = backend.dispatch(handle(), input(), call());
    const { id } = await raw.method('worker/input');
    raw.send({ id, result: { outcome: 'errored', code: 'backend-fault' } });
    await expect(dispatching).rejects.toMatchObject({ kind: 'backend-fault' });
  });

  test('W16: a result of the wrong shape is a violation, and no answer', async () => {
    const { backend, spawned, logger } = host();
    const { raw } = await spawned();
    const dispatching = backend.dispatch(handle(), input(), call());
    const { id } = await raw.method('worker/input');
    raw.send({ id, result: { outcome: 'perhaps' } });
    await expect(dispatching).rejects.toMatchObject({ kind: 'protocol-violation' });
    expect(logger.lines.filter(({ message }) => message === 'protocol violation')).toHaveLength(1);
  });

  test('who stops waiting is told at once; a dispatch stays unknown, and a late answer is passed over', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned();
    const controller = new AbortController();
    const dispatching = backend.dispatch(handle(), input(), { signal: controller.signal });
    const { id } = await raw.method('worker/input');
    controller.abort();
    expect(await dispatching).toEqual({ outcome: 'unknown' });
    raw.send({ id, result: { outcome: 'accepted' } }, { method: '$/ping' });
    await raw.method('$/pong');
    expect(raw.isClosed).toBe(false);
  });

  test('a request of the backend answers -32601', async () => {
    const { connect } = host();
    const { raw } = await connect();
    raw.send({ id: 'x', method: 'worker/spawn', params: {} });
    expect((await raw.line((line) => line.id === 'x')).error?.code).toBe(-32601);
  });

  test('messages that cannot be served are told to the operator, bounded in number', async () => {
    const { connect, logger } = host();
    const { raw } = await connect();
    const complaint = { id: null, error: { code: -32700, message: 'Parse error', data: { line: 1 } } };
    for (let index = 0; index < 150; index += 1) raw.send({ id: index, method: 'no/such' }, complaint);
    raw.send({ method: '$/ping' });
    await raw.method('$/pong');
    await raw.answer(149);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(101);
    expect(logger.lines.at(-1)?.message).toBe('more of the same is only counted');
  });

  test('E2: log goes to the operator, bounded in length and number', async () => {
    const clock = new TestClock();
    const { connect, logger } = host({ clock });
    const { raw } = await connect();
    raw.send({ method: 'log', params: { level: '_shout', text: 'private' } });
    for (let index = 0; index < 150; index += 1)
      raw.send({ method: 'log', params: { level: 'info', text: 'x'.repeat(9000) } });
    raw.send({ method: '$/ping' });
    await raw.method('$/pong');
    const lines = logger.lines.filter(({ message }) => message === 'backend');
    expect(lines).toHaveLength(100);
    expect(String(lines[0]?.fields['text'])).toHaveLength(4096);
    clock.pass(1000);
    raw.send({ method: 'log', params: { level: 'warn', text: 'later' } });
    await vi.waitFor(() => expect(logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { text: 'later' } }));
    expect(logger.lines.at(-2)?.fields).toEqual({ count: 50 });
  });
});

describe('events and acknowledgements', () => {
  test('events are handed on in order, their run put into them; one acknowledgement covers all that is recorded', async () => {
    const { spawned } = host();
    const { raw, publisher } = await spawned(all, {}, new RecordingPublisher(worker1, 1, { isRecording: false }));
    const line = events(1, ['a', 'b']);
    raw.send({
      ...line,
      params: { ...line.params, events: [{ inputId: inputId(1), ...line.params.events[0] }, line.params.events[1]] },
    });
    raw.send(events(3, ['c']));
    await vi.waitFor(() => expect(publisher.events).toEqual([text('a', inputId(1)), text('b'), text('c')]));
    publisher.record(1);
    publisher.record(2);
    await vi.waitFor(() => expect(acks(raw)).toEqual([{ workerId: worker1, generation: 1, sequence: 2 }]));
    publisher.record(3, [{ sequence: 3, code: 'event-invalid' }]);
    await vi.waitFor(() => expect(acks(raw)).toHaveLength(2));
    expect(acks(raw)[1]).toMatchObject({ sequence: 3, refused: [{ sequence: 3, code: 'event-invalid' }] });
  });

  test('what came together is acknowledged together, also behind an answer', async () => {
    const { backend, spawned } = host();
    const { raw } = await spawned();
    const dispatching = backend.dispatch(handle(), input(), call());
    const { id } = await raw.method('worker/input');
    const messages = [events(1, ['a']), { id, result: { outcome: 'accepted' } }, events(2, ['b'])];
    raw.sendRaw(messages.map((message) => `${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`).join(''));
    expect(await dispatching).toEqual({ outcome: 'accepted' });
    await vi.waitFor(() => expect(acks(raw)).toEqual([{ workerId: worker1, generation: 1, sequence: 2 }]));
  });

  test('a run inside an event is not its run', async () => {
    const { spawned } = host();
    const { raw, publisher } = await spawned();
    const line = events(1, ['a']);
    const inside = { event: { ...line.params.events[0]?.event, inputId: inputId(1) } };
    raw.send({ ...line, params: { ...line.params, events: [inside] } });
    await vi.waitFor(() => expect(publisher.events).toEqual([text('a')]));
  });

  test('a gap, a repetition, an empty line and one of another shape are violations; three close the connection', async () => {
    const { spawned, backend } = host();
    const { raw, publisher } = await spawned();
    raw.send(events(2, ['gap']), events(1, ['a']), events(1, ['again']), events(2, []));
    await raw.closed();
    expect(publisher.texts).toEqual(['a']);
    expect(backend.isConnected).toBe(false);
  });

  test('P2: more than the window is a violation', async () => {
    const { spawned, logger } = host();
    const publisher = new RecordingPublisher(worker1, 1, { isRecording: false });
    const { raw } = await spawned(all, { windowEvents: 3, windowBytes: 4000 }, publisher);
    raw.send(events(1, ['1', '2', '3']), events(4, ['4']));
    await raw.line((line) => line.id === null);
    expect(publisher.texts).toEqual(['1', '2', '3']);
    publisher.record(3);
    raw.send(events(4, ['x'.repeat(9000)]));
    await vi.waitFor(() => expect(publisher.texts).toHaveLength(4));
    raw.send(events(5, ['5']));
    await vi.waitFor(() =>
      expect(logger.lines.filter(({ fields }) => fields['reason'] === 'window-exceeded')).toHaveLength(2),
    );
  });

  test('who never reads how its events were refused loses the connection, before they pile up', async () => {
    const { raw, transport } = rawBackend();
    let isFull = false;
    const stuck = new Promise<void>(() => undefined);
    const write = (text: string) => (isFull ? stuck : transport.write(text));
    const { backend } = host();
    const connected = backend.connect({
      closed: transport.closed,
      start: (onChunk) => transport.start(onChunk),
      close: () => transport.close(),
      write,
    });
    await greet(raw);
    await connected;
    const publisher = new RecordingPublisher(worker1, 1, { isRecording: false });
    const spawning = backend.spawn(spawnRequest(), publisher, call());
    raw.send({ id: (await raw.method('worker/spawn')).id, result: { outcome: 'connected', capabilities: all } });
    await spawning;
    isFull = true;
    let recorded = 0;
    while (backend.isConnected && recorded < 100_000) {
      const refused = Array.from({ length: 1000 }, (_, index) => ({
        sequence: recorded + index + 1,
        code: 'event-invalid' as const,
      }));
      recorded += refused.length;
      publisher.record(recorded, refused);
      await new Promise(setImmediate);
    }
    expect(recorded).toBeLessThan(20_000);
  });

  test('a generation that is over is acknowledged at once, so that its sender is not held', async () => {
    const { spawned } = host();
    const publisher = new RecordingPublisher(worker1, 1, { isRecording: false });
    publisher.answerWith = { outcome: 'refused', code: 'stale-generation' };
    const { raw } = await spawned(all, {}, publisher);
    raw.send(events(1, ['a', 'b']));
    await vi.waitFor(() =>
      expect(acks(raw)[0]).toMatchObject({ sequence: 2, refused: [{ code: 'stale-generation' }] }),
    );
    raw.send(events(3, ['c']));
    await vi.waitFor(() => expect(acks(raw)[1]).toMatchObject({ sequence: 3 }));
  });

  test('events of another generation or Worker are passed over', async () => {
    const { spawned } = host();
    const { raw, publisher } = await spawned();
    raw.send(events(1, ['x'], 7), events(1, ['a']));
    await vi.waitFor(() => expect(publisher.texts).toEqual(['a']));
  });

  test('a publisher that throws or rejects stops nothing', async () => {
    const { spawned, logger } = host();
    const publisher = new RecordingPublisher();
    const publish = publisher.publish.bind(publisher);
    publisher.publish = (event) => {
      if (event.type === 'notice') throw new Error('thrown');
      if (event.type === 'usage') return Promise.reject(new Error('rejected'));
      return publish(event);
    };
    const { raw } = await spawned(all, {}, publisher);
    const line = events(1, ['a']);
    raw.send({
      ...line,
      params: { ...line.params, events: [{ event: { type: 'notice' } }, { event: { type: 'usage' } }] },
    });
    raw.send(events(3, ['c']));
    await vi.waitFor(() => expect(publisher.texts).toEqual(['c']));
    expect(logger.lines.filter(({ message }) => message === 'the publisher failed')).toHaveLength(2);
  });

  test('worker/exited ends the generation with what it says, and is acknowledged', async () => {
    const { spawned, backend } = host();
    const { raw, publisher } = await spawned();
    raw.send(events(1, ['a']), exited(2, { kind: 'signal', value: 'SIGKILL' }), events(3, ['late']));
    await vi.waitFor(() => expect(acks(raw).at(-1)).toMatchObject({ sequence: 2 }));
    expect(publisher.texts).toEqual(['a']);
    expect(publisher.exits).toEqual([{ kind: 'signal', value: 'SIGKILL' }]);
    expect(await backend.dispatch(handle(), input(), call())).toMatchObject({ code: 'backend-disconnected' });
  });

  test('an exit of a private kind is unknown; one with a gap before it is a violation', async () => {
    const { spawned } = host();
    const { raw, publisher } = await spawned();
    raw.send(exited(2, { kind: 'code' }));
    await raw.line((line) => line.id === null);
    raw.send(exited(1, { kind: '_melted' }));
    await vi.waitFor(() => expect(publisher.exits).toEqual([{ kind: 'unknown' }]));
  });
});

describe('E5: loss of the connection', () => {
  test('every pending request settles at once: a dispatch unknown, the others errored', async () => {
    const { spawned, backend } = host({ clock: new TestClock() });
    const { raw, pair } = await spawned();
    const pending = [
      backend.dispatch(handle(), input(), call()),
      backend.cancel(handle(), { inputId: inputId(1), deadlineMs: 1 }, call()),
      backend.answer(handle(), { questionId: 'q' as never, answer: { text: 'a' } }, call()),
      backend.stop(handle(), { graceMs: 0 }, call()),
    ];
    await raw.method('worker/stop');
    pair.cut();
    const disconnected = { outcome: 'errored', code: 'backend-disconnected' };
    expect(await Promise.all(pending)).toEqual([{ outcome: 'unknown' }, disconnected, disconnected, disconnected]);
  });

  test('with `ends` every execution ends as the other end did', async () => {
    const { spawned } = host({ loss: 'ends', exit: () => Promise.resolve({ kind: 'code', value: 7 }) });
    const { raw, publisher } = await spawned();
    raw.send(events(1, ['a']));
    await vi.waitFor(() => expect(publisher.texts).toEqual(['a']));
    raw.close();
    await vi.waitFor(() => expect(publisher.exits).toEqual([{ kind: 'code', value: 7 }]));
    expect(raw.lines[0]?.params).toMatchObject({ graceMs: 0 });
  });

  test('W18: with `ends` an end that is not told soon is an unknown one', async () => {
    const clock = new TestClock();
    const { spawned } = host({ loss: 'ends', exit: () => new Promise<never>(() => undefined), clock });
    const { raw, publisher } = await spawned();
    raw.close();
    await vi.waitFor(() => {
      clock.pass(100);
      expect(publisher.exits).toEqual([{ kind: 'unknown' }]);
    });
  });

  test('with `resumes` worker/recover is asked with the same generation, the position and the undecided input', async () => {
    const { spawned, connect, backend } = host({ clock: new TestClock() });
    const { raw, pair, publisher } = await spawned();
    raw.send(events(1, ['a', 'b']));
    await vi.waitFor(() => expect(acks(raw)).toHaveLength(1));
    publisher.isRecording = false;
    raw.send(events(3, ['c']));
    const dispatching = backend.dispatch(handle(), input(4), call());
    await raw.method('worker/input');
    pair.cut();
    expect(await dispatching).toEqual({ outcome: 'unknown' });
    expect(await backend.dispatch(handle(), input(5), call())).toEqual({
      outcome: 'errored',
      code: 'backend-disconnected',
    });
    const second = await connect();
    const { id, params } = await second.raw.method('worker/recover');
    expect(params).toMatchObject({
      workerId: worker1,
      generation: 1,
      position: { generation: 1, sequence: 2 },
      inputId: inputId(4),
    });
    second.raw.send({ id, result: { outcome: 'adopted', capabilities: all, taken: true } }, events(3, ['c', 'd']));
    await second.connected;
    await vi.waitFor(() => expect(publisher.texts).toEqual(['a', 'b', 'c', 'd']));
    expect(publisher.decisions).toEqual([{ inputId: inputId(4), taken: true }]);
    expect(publisher.exits).toEqual([]);
  });

  test('an input that was decided is named at the resumption, and not decided again', async () => {
    const { spawned, connect, backend } = host({ clock: new TestClock() });
    const { raw, pair, publisher } = await spawned();
    const dispatching = backend.dispatch(handle(), input(4), call());
    raw.send({ id: (await raw.method('worker/input')).id, result: { outcome: 'accepted' } });
    expect(await dispatching).toEqual({ outcome: 'accepted' });
    pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    const second = await connect();
    const { id, params } = await second.raw.method('worker/recover');
    expect(params).toMatchObject({ inputId: inputId(4) });
    second.raw.send({ id, result: { outcome: 'adopted', capabilities: all, taken: true } });
    await second.connected;
    expect(publisher.decisions).toEqual([]);
  });

  test('a resumption that is answered lost, or not in time, ends the generation with connection-lost', async () => {
    const clock = new TestClock();
    for (const answer of ['lost', 'silence'] as const) {
      const { spawned, connect, backend } = host({ clock });
      const { pair, publisher } = await spawned();
      pair.cut();
      await vi.waitFor(() => expect(backend.isConnected).toBe(false));
      const second = await connect();
      const { id } = await second.raw.method('worker/recover');
      if (answer === 'lost') second.raw.send({ id, result: { outcome: 'lost' } });
      else clock.pass(10_000);
      await second.connected;
      expect(publisher.exits).toEqual([{ kind: 'connection-lost' }]);
    }
  });

  test('where nothing at all comes in on a watched connection, that is closed, and the Worker waits for the next one', async () => {
    const clock = new TestClock();
    const { spawned, connect, backend } = host({ clock, heartbeat: true, graceMs: 60_000 });
    const { pair, publisher } = await spawned();
    pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    const second = await connect();
    await second.raw.method('worker/recover');
    clock.pass(10_000);
    await expect(second.connected).rejects.toMatchObject({ kind: 'connection-lost' });
    expect(publisher.exits).toEqual([]);
    const third = await connect();
    const { id } = await third.raw.method('worker/recover');
    third.raw.send({ id, result: { outcome: 'adopted', capabilities: all } });
    await third.connected;
    clock.pass(49_999);
    expect(publisher.exits).toEqual([]);
  });

  test('a grace goes on through a connection that resumes nothing', async () => {
    const clock = new TestClock();
    const { spawned, connect, backend } = host({ clock, graceMs: 5000 });
    const { pair, publisher } = await spawned();
    pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    clock.pass(4000);
    const second = await connect();
    await second.raw.method('worker/recover');
    second.pair.cut();
    await expect(second.connected).rejects.toMatchObject({ kind: 'connection-lost' });
    clock.pass(1000);
    expect(publisher.exits).toEqual([{ kind: 'connection-lost' }]);
  });

  test('who dials is told when a connection is open, and why it ended', async () => {
    const told: unknown[] = [];
    const { backend } = host({ clock: new TestClock(), onHeld: (count) => told.push(count) });
    const { raw, transport, pair } = rawBackend();
    const onEnd = (reason: WireError): void => void told.push(reason.kind);
    const connected = backend.connect(transport, { onOpen: () => told.push('open'), onEnd });
    await greet(raw);
    await connected;
    const publisher = new RecordingPublisher();
    const spawning = backend.spawn(spawnRequest(), publisher, call());
    raw.send({ id: (await raw.method('worker/spawn')).id, result: { outcome: 'rejected', code: 'no' } });
    await spawning;
    pair.cut();
    await vi.waitFor(() => expect(told).toEqual(['open', 1, 0, 'connection-lost']));
  });

  test('after the grace every execution is connection-lost, not before', async () => {
    const clock = new TestClock();
    const { spawned, backend } = host({ clock, graceMs: 5000 });
    const { pair, publisher } = await spawned();
    pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    clock.pass(4999);
    expect(publisher.exits).toEqual([]);
    clock.pass(1);
    expect(publisher.exits).toEqual([{ kind: 'connection-lost' }]);
  });

  test('W8: a connection that is replaced while it resumes lets no input through before the newer one is answered', async () => {
    const { spawned, connect, backend } = host({ clock: new TestClock() });
    const first = await spawned();
    first.pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    const second = await connect();
    const replaced = expect(second.connected).rejects.toMatchObject({ kind: 'connection-lost' });
    await second.raw.method('worker/recover');
    const third = await connect();
    const { id } = await third.raw.method('worker/recover');
    await replaced;
    const sent = backend.dispatch(handle(), input(1), { signal: AbortSignal.timeout(500) });
    expect(await sent).toEqual({ outcome: 'errored', code: 'backend-disconnected' });
    third.raw.send({ id, result: { outcome: 'adopted', capabilities: all } });
    await third.connected;
  });

  test('a grace that ends while a resumption is under way leaves its end to the resumption', async () => {
    const clock = new TestClock();
    for (const end of ['adopted', 'lost', 'cut'] as const) {
      const { spawned, connect, backend } = host({ clock, graceMs: 5000 });
      const { pair, publisher } = await spawned();
      pair.cut();
      await vi.waitFor(() => expect(backend.isConnected).toBe(false));
      const second = await connect();
      const { id } = await second.raw.method('worker/recover');
      clock.pass(5000);
      expect(publisher.exits).toEqual([]);
      if (end === 'cut') second.pair.cut();
      else second.raw.send({ id, result: { outcome: end, ...(end === 'adopted' && { capabilities: all }) } });
      await second.connected.catch(() => undefined);
      const exits = end === 'adopted' ? [] : [{ kind: 'connection-lost' }];
      await vi.waitFor(() => expect(publisher.exits).toEqual(exits));
    }
  });

  test('R2: Workers whose resumptions together are more than may wait to be written are all resumed', async () => {
    const recoverState = 'x'.repeat(60 * 1024);
    const count = 300;
    const clock = new TestClock();
    const { backend, connect } = host({ clock });
    const first = await connect();
    await first.connected;
    const publishers = Array.from({ length: count }, (_, index) => {
      const workerId = WorkerId(`01900000-0000-7000-8000-${String(index).padStart(12, '0')}`);
      return new RecordingPublisher(workerId);
    });
    const serve = (raw: RawEnd, answered: Set<unknown>): void => {
      for (const { id, method } of raw.lines) {
        if (id === undefined || answered.has(id) || !method?.startsWith('worker/')) continue;
        answered.add(id);
        const outcome = method === 'worker/spawn' ? 'connected' : 'adopted';
        raw.send({ id, result: { outcome, capabilities: all, recoverState } });
      }
    };
    const spawning = publishers.map((publisher) => backend.spawn(spawnRequest(publisher.workerId), publisher, call()));
    const begun = new Set<unknown>();
    await vi.waitFor(() => {
      serve(first.raw, begun);
      expect(begun.size).toBe(count);
    });
    await Promise.all(spawning);
    first.pair.cut();
    await vi.waitFor(() => expect(backend.isConnected).toBe(false));
    const second = await connect();
    const resumed = new Set<unknown>();
    await vi.waitFor(
      () => {
        clock.pass(20);
        serve(second.raw, resumed);
        expect(resumed.size).toBe(count);
      },
      { timeout: 4000 },
    );
    await second.connected;
    expect(publishers.filter(({ exits }) => exits.length > 0)).toEqual([]);
  });

  test('an execution that cannot be recovered is connection-lost at once', async () => {
    const { spawned } = host({ clock: new TestClock() });
    const { pair, publisher } = await spawned({ stop: {} });
    pair.cut();
    await vi.waitFor(() => expect(publisher.exits).toEqual([{ kind: 'connection-lost' }]));
  });

  test('a new connection takes the place of the one before, and its pending requests settle', async () => {
    const { spawned, connect, backend } = host({ clock: new TestClock() });
    const first = await spawned();
    const dispatching = backend.dispatch(handle(), input(1), call());
    await first.raw.method('worker/input');
    const second = await connect();
    const { id } = await second.raw.method('worker/recover');
    expect(await dispatching).toEqual({ outcome: 'unknown' });
    second.raw.send({ id, result: { outcome: 'adopted', capabilities: all, taken: false } });
    await second.connected;
    await first.raw.closed();
    expect(first.publisher.decisions).toEqual([{ inputId: inputId(1), taken: false }]);
  });
});

describe('ends', () => {
  test('stop lets go of the generation; shutdown asks, waits, and closes', async () => {
    const { spawned, backend } = host();
    const { raw, publisher } = await spawned();
    const stopping = backend.stop(handle(), { graceMs: 5 }, call());
    const { id, params } = await raw.method('worker/stop');
    expect(params).toEqual({ workerId: worker1, generation: 1, graceMs: 5 });
    raw.send({ id, result: { outcome: 'accepted', end: 'killed' } }, events(1, ['late']));
    expect(await stopping).toEqual({ outcome: 'accepted', end: 'killed' });
    const shutting = backend.shutdown(50);
    const { id: shutdown } = await raw.method('shutdown');
    raw.send({ id: shutdown, result: {} });
    await shutting;
    await raw.closed();
    expect(publisher.texts).toEqual([]);
  });

  test('shutdown does not wait past its grace', async () => {
    const clock = new TestClock();
    const { connect, backend } = host({ clock });
    const { raw, connected } = await connect();
    await connected;
    const shutting = backend.shutdown(50);
    await raw.method('shutdown');
    clock.pass(50);
    await shutting;
    await raw.closed();
  });

  test('a disposed backend takes no connection', async () => {
    const { backend } = host();
    await backend[Symbol.asyncDispose]();
    const { raw, transport } = rawBackend();
    await expect(backend.connect(transport)).rejects.toMatchObject({ kind: 'disposed' });
    await raw.closed();
  });
});
