import { expect, test } from 'vitest';

import { createRuntime, inMemoryLog } from '../../src/index.js';
import type { WorkerHead, WorkerLog, WorkerRef } from '../../src/index.js';
import { faultyLog } from '../support/faulty-log.js';
import { recordingLogger } from '../support/recording-logger.js';
import { expectAccepted, inputId, ref, runtimeId, textPart } from '../support/runtime.js';
import {
  able,
  accepted,
  asking,
  connected,
  delta,
  noticed,
  runEnded,
  scriptedBackend,
  stopped,
  unable,
} from '../support/scripted-backend.js';
import type { ScriptedBackend } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted } from '../support/scripted-runtime.js';

const adopted = (fields: object = {}) => ({ outcome: 'adopted', capabilities: able, ...fields });

/** A host that ended without a word: what it ran goes on, what it knew is in the log. */
interface Crash {
  readonly log: WorkerLog;
  readonly backend: ScriptedBackend;
}

/** The log is handed on as it stands; the first host goes on in vain, for nothing that it appends arrives any more. */
async function crashed(play: (host: Scripted) => Promise<unknown>): Promise<Crash> {
  const shared = inMemoryLog();
  let isOver = false;
  const log: WorkerLog = {
    ...faultyLog(shared),
    append: (...args) => (isOver ? new Promise(() => undefined) : shared.append(...args)),
    remove: (...args) => (isOver ? new Promise(() => undefined) : shared.remove(...args)),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  const host = scripted({ log });
  await play(host);
  await host.clock.settle();
  isOver = true;
  return { log: shared, backend: scriptedBackend() };
}

async function headsOf(log: WorkerLog): Promise<readonly WorkerHead[]> {
  const heads: WorkerHead[] = [];
  for await (const head of log.heads({ signal: new AbortController().signal })) heads.push(head);
  return heads;
}

test('R2: an idle Worker is recovered under a new generation and is idle again', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => (worker = await host.idle()));
  await using host = scripted(crash);
  const recover = await crash.backend.next('recover');
  expect(recover.request).toMatchObject({ handle: { generation: 2 }, position: { generation: 1, sequence: 0 } });
  expect(recover.request).not.toHaveProperty('inputId');
  recover.answer(adopted());
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  expect((await host.view(worker)).status).toBe('idle');
  expect((await host.story(worker)).slice(2)).toEqual(['execution-connecting', 'execution-connected']);
});

test('R3: a recovery that takes long tells the operator how far it is, and nothing once it is over', async () => {
  const crash = await crashed(async (host) => {
    await host.idle();
    await host.idle();
  });
  const logger = recordingLogger();
  const told = () => logger.lines.filter(({ message }) => message === 'recovering Workers').map(({ fields }) => fields);
  await using host = scripted({ ...crash, logger });
  const [first, second] = [await crash.backend.next('recover'), await crash.backend.next('recover')];
  first.answer(adopted());
  await host.clock.settle();
  await host.clock.advance(5_000);
  expect(told()).toEqual([{ done: 1, of: 2 }]);
  second.answer(adopted());
  await host.runtime.ready();
  await host.clock.advance(60_000);
  expect(told()).toHaveLength(1);
});

test('R2: an open run is adopted with no event lost or doubled, from the position in the log', async () => {
  let run: { worker: WorkerRef; id: ReturnType<typeof inputId> } | undefined;
  const crash = await crashed(async (host) => {
    run = await host.busy();
    await host.backend.publisher().publish(delta('1', run.id));
    await host.backend.publisher().publish({ type: 'no' } as never);
    await host.clock.settle();
  });
  if (!run) throw new Error('no run');
  const { worker, id } = run;
  await using host = scripted(crash);
  const recover = await crash.backend.next('recover');
  expect(recover.request).toMatchObject({ inputId: id, position: { generation: 1, sequence: 2 } });
  await recover.publisher.publish(delta('2', id));
  recover.answer(adopted({ taken: true }));
  await host.runtime.ready();
  expect(await host.view(worker)).toMatchObject({ status: 'busy', openInput: { inputId: id } });
  await recover.publisher.publish(runEnded(id));
  await host.clock.settle();
  expect((await host.story(worker)).slice(2)).toEqual([
    'input-accepted',
    'text-delta 1',
    'execution-connecting',
    'execution-connected',
    'text-delta 2',
    'input-ended completed',
  ]);
});

const endings: readonly (readonly [string, unknown, string])[] = [
  ['lost', { outcome: 'lost' }, 'host-restarted'],
  ['unsupported', { outcome: 'unsupported' }, 'host-restarted'],
  ['rejected', { outcome: 'rejected', code: 'no' }, 'recover-refused'],
  ['errored', { outcome: 'errored' }, 'recover-refused'],
  ['nonsense', 'adopted', 'recover-refused'],
];
test.each(endings)(
  'R2: a recover answered %s leaves the Worker unconnected, its run interrupted',
  async (_, said, reason) => {
    let run: { worker: WorkerRef } | undefined;
    const crash = await crashed(async (host) => (run = await host.busy()));
    crash.backend.on('recover', () => said);
    await using host = scripted(crash);
    await host.runtime.ready();
    if (!run) throw new Error('no run');
    expect(await host.view(run.worker)).toMatchObject({ status: 'unconnected', reason });
    expect((await host.story(run.worker)).slice(4)).toEqual([
      'input-ended interrupted',
      `execution-disconnected ${reason}`,
    ]);
  },
);

test('R2: an execution that was never to be recovered is lost and ended by name', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => {
    host.backend.on('spawn', () => connected({ capabilities: { ...unable, stop: true } }));
    worker = await host.idle();
  });
  await using host = scripted(crash);
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'host-restarted' });
  expect(await crash.backend.next('stop')).toMatchObject({ generation: 1, request: { graceMs: 0 } });
});

test.each([
  [true, 'accepted'],
  [false, 'free'],
])('R2, W8: an undecided input that recover says was taken: %s is %s', async (taken, fate) => {
  const id = inputId();
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => {
    worker = await host.idle();
    void host.input(worker, id);
    await host.backend.next('dispatch');
  });
  crash.backend.on('recover', () => adopted({ taken }));
  await using host = scripted(crash);
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  const again = host.input(worker, id);
  if (fate === 'free') (await crash.backend.next('dispatch')).answer(accepted);
  expect(await again).toMatchObject({ outcome: 'accepted', inputId: id });
  expect(crash.backend.callsOf('dispatch')).toHaveLength(taken ? 0 : 1);
});

test('R2, W17: questions of an earlier life are interrupted; who still waits asks again', async () => {
  let run: { worker: WorkerRef; id: ReturnType<typeof inputId> } | undefined;
  const crash = await crashed(async (host) => {
    run = await host.busy();
    await host.backend.publisher().publish(asking(run.id));
  });
  if (!run) throw new Error('no run');
  const { worker, id } = run;
  await using host = scripted(crash);
  const recover = await crash.backend.next('recover');
  await recover.publisher.publish(asking(id, 'q2'));
  recover.answer(adopted({ taken: true }));
  await host.runtime.ready();
  await host.clock.settle();
  expect((await host.view(worker)).openQuestions.map(({ questionId }) => questionId)).toEqual(['q2']);
  expect((await host.story(worker)).slice(3)).toEqual([
    'question-asked',
    'question-closed interrupted',
    'execution-connecting',
    'execution-connected',
    'question-asked',
  ]);
});

test('R2, W14: stopped and unconnected Workers stay what they were, one that was stopping is stopped', async () => {
  const workers: WorkerRef[] = [];
  const crash = await crashed(async (host) => {
    for (let index = 0; index < 3; index += 1) workers.push(await host.idle());
    const [first, second, third] = workers as [WorkerRef, WorkerRef, WorkerRef];
    await host.runtime.execute({ type: 'stop', worker: first });
    await host.backend.publisher(second.workerId).disconnect({ kind: 'code', value: 1 });
    host.backend.on('stop');
    void host.runtime.execute({ type: 'stop', worker: third });
    await host.backend.next('stop');
  });
  await using host = scripted(crash);
  await host.runtime.ready();
  const views = await Promise.all(workers.map((worker) => host.view(worker)));
  expect(views.map(({ status, reason }) => reason ?? status)).toEqual(['stopped', 'exited', 'stopped']);
  expect(crash.backend.callsOf('recover')).toHaveLength(0);
});

test('R5: stops that are owed are asked again after a restart, also of Workers that nobody sees any more', async () => {
  const crash = await crashed(async (host) => {
    host.backend.on('stop');
    const killed = await host.idle();
    const gone = await host.idle();
    for (const worker of [killed, gone]) {
      const reply = host.runtime.execute({ type: 'stop', worker, graceMs: 0 });
      await host.clock.advance(5_000);
      expect(await reply).toMatchObject({ end: 'killed' });
    }
    await host.runtime.execute({ type: 'delete', worker: gone });
    host.backend.on('spawn', () => ({ outcome: 'busy' }));
    await host.create();
  });
  expect((await headsOf(crash.log)).map(({ stopsOwed }) => stopsOwed.length)).toEqual([1, 1, 1]);
  await using host = scripted(crash);
  await host.runtime.ready();
  await host.clock.settle();
  expect(crash.backend.callsOf('stop')).toHaveLength(3);
  expect((await headsOf(crash.log)).map(({ status }) => status.status)).toEqual(['stopped']);
});

test('R3: a start recovers at most 16 Workers at once, and one that hangs stops none of the others', async () => {
  const crash = await crashed(async (host) => {
    for (let index = 0; index < 40; index += 1) await host.idle();
  });
  await using host = scripted(crash);
  await host.clock.settle();
  expect(crash.backend.callsOf('recover')).toHaveLength(16);
  const [hanging, ...others] = crash.backend.callsOf('recover');
  for (const call of others) call.answer(adopted());
  crash.backend.on('recover', () => adopted());
  await host.clock.settle();
  expect(crash.backend.callsOf('recover')).toHaveLength(40);
  const page = await host.runtime.read({ type: 'workers', runtimeId, status: 'idle' });
  expect(page.outcome === 'answered' && page.workers).toHaveLength(39);
  const live = async () => {
    const answer = await host.runtime.read({ type: 'runtimes' });
    return answer.outcome === 'answered' && answer.runtimes[0]?.ready;
  };
  expect(await live()).toBe(false);
  await host.clock.advance(10_000);
  await host.runtime.ready();
  expect(await live()).toBe(true);
  if (!hanging) throw new Error('none asked');
  expect(await host.view(ref(hanging.workerId))).toMatchObject({ status: 'unconnected', reason: 'recover-timeout' });
});

test('R3: a backend that hangs delays no recovery of a Worker of another backend', async () => {
  const spare = (backend: ScriptedBackend) => ({ spare: { label: 'Spare', backend } });
  const shared = inMemoryLog();
  const first = scripted({ log: shared, profiles: spare(scriptedBackend('spare')) });
  for (let index = 0; index < 17; index += 1) await first.idle();
  const created = await first.create({ profile: 'spare' });
  const other = ref(expectAccepted(created).worker.workerId);
  const spareBackend = scriptedBackend('spare');
  spareBackend.on('recover', () => adopted());
  await using host = scripted({ log: shared, profiles: spare(spareBackend) });
  await host.clock.settle();
  expect(host.backend.callsOf('recover')).toHaveLength(16);
  expect(await host.view(other)).toMatchObject({ status: 'idle' });
});

test('R3, R5: executions that an earlier host left are ended by name 16 at once', async () => {
  const crash = await crashed(async (host) => {
    for (let index = 0; index < 40; index += 1) await host.idle();
  });
  crash.backend.on('recover', () => ({ outcome: 'lost' }));
  crash.backend.on('stop', undefined);
  await using host = scripted(crash);
  await host.runtime.ready();
  await host.clock.settle();
  const asked = crash.backend.callsOf('stop');
  expect(asked).toHaveLength(16);
  crash.backend.on('stop', () => stopped);
  for (const call of asked) call.answer(stopped);
  await host.clock.settle();
  expect(crash.backend.callsOf('stop')).toHaveLength(40);
});

test('R2: nothing that is asked at start meets the state of an earlier life', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => (worker = await host.idle()));
  await using host = scripted(crash);
  if (!worker) throw new Error('no Worker');
  expect(await host.input(worker)).toEqual({ outcome: 'rejected', code: 'worker-connecting' });
  expect(crash.backend.callsOf('dispatch')).toHaveLength(0);
  (await crash.backend.next('recover')).answer(adopted());
});

test('R3: a Worker that is stopped while its recovery waits for its turn is never recovered', async () => {
  const workers: WorkerRef[] = [];
  const crash = await crashed(async (host) => {
    for (let index = 0; index < 17; index += 1) workers.push(await host.idle());
  });
  await using host = scripted(crash);
  await host.clock.settle();
  const asked = crash.backend.callsOf('recover');
  const last = workers.find(({ workerId }) => !asked.some((call) => call.workerId === workerId));
  if (!last) throw new Error('all were asked');
  expect(await host.runtime.execute({ type: 'stop', worker: last })).toMatchObject({ end: 'stopped' });
  for (const call of asked) call.answer(adopted());
  await host.runtime.ready();
  expect(crash.backend.callsOf('recover')).toHaveLength(16);
});

test('P5: a start with a log that is not durable begins a new epoch: the cursors before it stay known', async () => {
  let worker: WorkerRef | undefined;
  let before: readonly string[] = [];
  const crash = await crashed(async (host) => {
    worker = await host.idle();
    before = (await host.log(worker)).map(({ cursor }) => cursor);
  });
  crash.backend.on('recover', () => adopted());
  await using host = scripted(crash);
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  const after = (await host.log(worker)).map(({ cursor }) => cursor);
  expect(after.slice(0, 2)).toEqual(before);
  expect(after[2]?.slice(0, 11)).not.toBe(before[0]?.slice(0, 11));
  const page = await host.runtime.read({ type: 'observations', worker, after: before[1] });
  expect(page).toMatchObject({ outcome: 'answered', observations: [{ sequence: 3 }, { sequence: 4 }] });
  const guessed = before[1]?.replace(/2$/, '3');
  expect(await host.runtime.read({ type: 'observations', worker, after: guessed })).toMatchObject({
    code: 'cursor-unknown',
  });
});

test('R2, P5: a start whose first append fails begins again when the log is back', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => (worker = await host.idle()));
  const log = faultyLog(crash.log);
  log.fault('failed');
  crash.backend.on('recover', () => adopted());
  await using host = scripted({ ...crash, log });
  await host.runtime.ready();
  await host.clock.advance(5_000);
  if (!worker) throw new Error('no Worker');
  expect((await host.view(worker)).status).toBe('idle');
  const epochs = new Set((await host.log(worker)).map(({ cursor }) => cursor.slice(0, 11)));
  expect(epochs.size).toBe(2);
});

test('W5, R5: a create cut short leaves nothing after a restart, and its key is free', async () => {
  const crash = await crashed(async (host) => {
    host.backend.on('spawn');
    void host.create({ idempotencyKey: 'k' });
    await host.backend.next('spawn');
  });
  await using host = scripted(crash);
  const one = host.create({ idempotencyKey: 'k' });
  await host.runtime.ready();
  expect(await one).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(await crash.backend.next('stop')).toMatchObject({ generation: 1 });
  expect(await host.create({ idempotencyKey: 'k' })).toMatchObject({ outcome: 'accepted', created: true });
  await host.clock.settle();
  expect((await headsOf(crash.log)).map(({ status }) => status.status)).toEqual(['idle']);
});

test('W5: a create whose first input may have run keeps its key over a restart', async () => {
  const first = { idempotencyKey: 'k', input: { parts: textPart('hello') } };
  const crash = await crashed(async (host) => {
    void host.create(first);
    await host.backend.next('dispatch');
  });
  await using host = scripted(crash);
  await host.runtime.ready();
  await host.clock.settle();
  expect(await host.create(first)).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  expect(await host.create({ idempotencyKey: 'k' })).toEqual({ outcome: 'rejected', code: 'worker-conflict' });
});

test('W5: keys of Workers, and of deleted ones, are in force again after a restart, until they expire', async () => {
  let made: unknown;
  const crash = await crashed(async (host) => {
    made = await host.create({ idempotencyKey: 'lives' });
    const worker = ref(expectAccepted(await host.create({ idempotencyKey: 'gone' })).worker.workerId);
    await host.runtime.execute({ type: 'stop', worker });
    await host.runtime.execute({ type: 'delete', worker });
  });
  crash.backend.on('recover', () => adopted());
  await using host = scripted(crash);
  await host.runtime.ready();
  expect(await host.create({ idempotencyKey: 'lives' })).toMatchObject({
    created: false,
    worker: { workerId: (made as { worker: { workerId: string } }).worker.workerId },
  });
  expect(await host.create({ idempotencyKey: 'gone' })).toEqual({ outcome: 'rejected', code: 'worker-unknown' });
  await host.clock.advance(24 * 60 * 60 * 1000);
  expect(await host.create({ idempotencyKey: 'gone' })).toMatchObject({ outcome: 'accepted', created: true });
});

test('R6: recovery uses backend and options as they were at create', async () => {
  const log = inMemoryLog();
  const old = scriptedBackend('one');
  const before = scripted({ log, backend: old });
  const worker = await before.idle();
  await before.clock.settle();
  await before[Symbol.asyncDispose]();
  const backend = scriptedBackend('one');
  backend.on('recover', () => ({ outcome: 'lost' }));
  const test = { label: 'Test', backend, options: { size: 99 } };
  await using runtime = createRuntime({ log, profiles: { test } });
  await runtime.ready();
  expectAccepted(await runtime.execute({ type: 'reconnect', worker }));
  expect(backend.callsOf('spawn').map(({ request }) => request.profile)).toEqual([
    { name: 'test', options: { size: 1 } },
  ]);
});

test('R2, R6: a Worker whose backend is not offered any more is recover-refused, its stop stays owed', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => (worker = await host.idle()));
  const other = scriptedBackend('another');
  await using host = scripted({ log: crash.log, backend: other });
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  expect(await host.view(worker)).toMatchObject({ status: 'unconnected', reason: 'recover-refused' });
  expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ code: 'backend-unavailable' });
  expect(await host.runtime.execute({ type: 'stop', worker })).toMatchObject({ end: 'stopped' });
  expect(other.calls).toHaveLength(0);
  expect(host.clock.pending).toBe(0);
});

test('R6: a placeholder takes the backend of its profile at the first reconnect that finds one', async () => {
  const log = inMemoryLog();
  const planned = { label: 'Planned', backend: null };
  const first = scripted({ log, profiles: { planned } });
  const worker = ref(expectAccepted(await first.create({ profile: 'planned' })).worker.workerId);
  expect(await first.runtime.execute({ type: 'reconnect', worker })).toEqual({
    outcome: 'rejected',
    code: 'backend-unavailable',
  });
  await first[Symbol.asyncDispose]();
  const backend = scriptedBackend('real');
  await using host = scripted({ log, profiles: { planned: { label: 'Real', backend } } });
  await host.runtime.ready();
  expect(await host.runtime.execute({ type: 'reconnect', worker })).toMatchObject({ worker: { status: 'idle' } });
});

test('R3: a log that cannot be read is told by ready, and everything else is log-unavailable', async () => {
  const broken: WorkerLog = {
    ...faultyLog(inMemoryLog()),
    heads: () => ({ [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('/secret')) }) }),
  };
  await using host = scripted({ log: broken });
  await expect(host.runtime.ready()).rejects.toThrow();
  expect(await host.create()).toMatchObject({ outcome: 'errored', code: 'log-unavailable', executed: 'no' });
  expect(await host.runtime.read({ type: 'workers', runtimeId })).toMatchObject({ code: 'log-unavailable' });
});

test('R3, W18: a log that tells no heads is one that cannot be read', async () => {
  const silent: WorkerLog = {
    ...faultyLog(inMemoryLog()),
    heads: () => ({ [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) }),
  };
  await using host = scripted({ log: silent });
  const reply = host.create();
  await host.clock.advance(10_000);
  expect(await reply).toMatchObject({ outcome: 'errored', code: 'log-unavailable' });
});

test('R3: a head that is damaged hides no other Worker', async () => {
  let worker: WorkerRef | undefined;
  const crash = await crashed(async (host) => (worker = await host.idle()));
  const log: WorkerLog = {
    ...faultyLog(crash.log),
    async *heads(call) {
      yield {} as never;
      yield* crash.log.heads(call);
    },
  };
  crash.backend.on('recover', () => adopted());
  await using host = scripted({ ...crash, log });
  await host.runtime.ready();
  if (!worker) throw new Error('no Worker');
  expect((await host.view(worker)).status).toBe('idle');
  await host.backend.publisher().publish(noticed('alive'));
  host.backend.on('stop', () => stopped);
});
