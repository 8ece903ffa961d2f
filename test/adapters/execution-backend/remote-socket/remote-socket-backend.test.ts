import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import { dialedBackend } from '../../../../src/adapters/execution-backend/remote-socket/remote-socket-backend.js';
import { remoteSocketBackend } from '../../../../src/adapters/execution-backend/remote-socket/index.js';
import type { RemoteSocketOptions } from '../../../../src/adapters/execution-backend/remote-socket/index.js';
import { createRuntime, Generation, QuestionId } from '../../../../src/index.js';
import type { CallContext, ExecutionBackend, InputId, RecoverOutcome, WorkerRef } from '../../../../src/index.js';
import { cancel, execution, neverAborted, send, spawn, stop } from '../../../support/backend-bench.js';
import type { Execution } from '../../../support/backend-bench.js';
import { scriptedBackend } from '../../../support/contracts/generator-harness.js';
import { selfSigned } from '../../../support/certificate.js';
import { listenBackend, writeKeyFile } from '../../../support/listening-backend.js';
import type { ListenOptions } from '../../../support/listening-backend.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { createWorker, expectAccepted, inputId, runtimeId, textPart } from '../../../support/runtime.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';
import { virtualClock } from '../../../support/virtual-clock.js';

const disconnected = { outcome: 'errored', code: 'backend-disconnected' };
const unavailable = expect.objectContaining({ outcome: 'rejected', code: 'backend-unavailable' });
const newKey = (id = 'default') => ({ id, secret: randomBytes(32) });

async function listen(options: ListenOptions = {}, open = new Set<unknown>()) {
  const server = await listenBackend(scriptedBackend({ open, recover: true }), options);
  onTestFinished(() => server[Symbol.asyncDispose]());
  return { ...server, open };
}

/** A backend in virtual time, whose real sockets are waited for. */
function remote(options: RemoteSocketOptions) {
  const [clock, logger] = [virtualClock(), recordingLogger()];
  const backend = dialedBackend(options, { clock, logger, random: () => 0 });
  onTestFinished(() => backend[Symbol.asyncDispose]());
  const connected = () =>
    vi.waitFor(() => expect(logger.lines.map(({ message }) => message)).toContain('connected to the backend server'));
  return { backend, clock, logger, connected };
}

/** Of the first generation, from after so many of its events. */
const recover = (
  backend: ExecutionBackend,
  { handle, publisher }: Execution,
  { signal }: CallContext = neverAborted,
  { sequence = 0, inputId }: { readonly sequence?: number; readonly inputId?: InputId } = {},
) =>
  backend.recover(
    { handle, position: { generation: Generation(1), sequence }, inputId, deadlineMs: 10_000 },
    publisher,
    { signal },
  );

describe('while nothing is connected', () => {
  test('E5: input, answer, cancel and stop are refused at once, and were not executed', async () => {
    const { backend } = remote({ address: `unix:${join(await temporaryFolder(), 'b.sock')}` });
    const { handle } = execution();
    const parts = textPart('go');
    const answers = await Promise.all([
      backend.dispatch(handle, { inputId: inputId(), parts }, neverAborted),
      backend.answer(handle, { questionId: QuestionId('q'), answer: { text: 'yes' } }, neverAborted),
      backend.cancel(handle, { inputId: inputId(), deadlineMs: 1000 }, neverAborted),
      backend.stop(handle, { graceMs: 0 }, neverAborted),
    ]);
    expect(answers).toEqual(Array(4).fill(disconnected));
  });

  test('a spawn waits for one attempt, and is refused where it fails', async () => {
    const { backend } = remote({ address: `unix:${join(await temporaryFolder(), 'b.sock')}` });
    expect(await spawn(backend, execution())).toEqual(unavailable);
    expect(await spawn(backend, execution())).toEqual(unavailable);
  });

  test('a spawn begins an attempt at once, whatever the next one waits for', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    const { backend } = remote({ address: `unix:${path}` });
    expect(await spawn(backend, execution())).toEqual(unavailable);
    await listen({ path });
    expect(await spawn(backend, execution())).toMatchObject({ outcome: 'connected' });
  });

  test('R2: a recover waits until the server is there', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    const { backend, clock } = remote({ address: `unix:${path}` });
    const recovered = recover(backend, execution());
    await clock.advance(9000);
    await listen({ path });
    await clock.advance(10_000);
    expect(await recovered).toEqual({ outcome: 'lost' });
  });

  test('E5, R2: a recover that is cut off is asked again on the next connection', async () => {
    const asked: unknown[] = [];
    let adopt: () => void = () => undefined;
    const capabilities = { cancel: true, stop: true, recover: true, questions: true };
    const recovering = new Promise<RecoverOutcome>((resolve) => {
      adopt = () => resolve({ outcome: 'adopted', capabilities });
    });
    const author = {
      ...scriptedBackend({ recover: true }),
      recover: (request: unknown) => (asked.push(request), recovering),
    };
    const server = await listenBackend(author);
    onTestFinished(() => server[Symbol.asyncDispose]());
    const { backend, clock } = remote({ address: server.address });
    const recovered = recover(backend, execution(undefined, 2));
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    server.cut();
    await vi.waitFor(async () => {
      await clock.advance(100);
      expect(server.counts.opened).toBe(2);
    });
    adopt();
    expect(await recovered).toMatchObject({ outcome: 'adopted' });
    expect(asked).toHaveLength(1);
  });

  test('R2: a recover waits no longer than its signal', async () => {
    const { backend } = remote({ address: `unix:${join(await temporaryFolder(), 'b.sock')}` });
    const abort = new AbortController();
    const recovered = recover(backend, execution(), abort);
    abort.abort();
    expect(await recovered).toEqual(unavailable);
  });

  test('R2: a recover is refused at once where the key is wrong: that no waiting mends', async () => {
    const { address } = await listen({ scheme: 'tcp', keys: [newKey()] });
    const keyFile = await writeKeyFile(join(await temporaryFolder(), 'key'), [newKey()]);
    const { backend } = remote({ address, keyFile });
    expect(await recover(backend, execution())).toEqual(unavailable);
  });

  test('a disposed backend refuses everything, and tries nothing any more', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    const { backend, clock } = remote({ address: `unix:${path}` });
    const spawning = spawn(backend, execution());
    await backend[Symbol.asyncDispose]();
    const server = await listen({ path });
    await clock.advance(100_000);
    expect([await spawning, await spawn(backend, execution())]).toEqual([unavailable, unavailable]);
    expect(await recover(backend, execution())).toEqual(unavailable);
    expect(server.counts.connections).toBe(0);
  });
});

describe('R6: a key', () => {
  test('is read anew for each connection', async () => {
    const [folder, key] = [await temporaryFolder(), newKey()];
    const keyFile = join(folder, 'key');
    await writeKeyFile(keyFile, [newKey()]);
    const { address } = await listen({ scheme: 'tcp', keys: [key] });
    const { backend } = remote({ address, keyFile });
    expect(await spawn(backend, execution())).toEqual(unavailable);
    await writeKeyFile(keyFile, [newKey('other'), key]);
    expect(await spawn(backend, execution())).toMatchObject({ outcome: 'connected' });
  });
});

describe('a certificate', () => {
  test('that is pinned is taken, whoever vouches for it and whatever name it is for', async () => {
    const [folder, key] = [await temporaryFolder(), newKey()];
    const certificate = selfSigned(folder, 'DNS:elsewhere');
    const { address } = await listen({ scheme: 'tls', keys: [key], certificate });
    const keyFile = await writeKeyFile(join(folder, 'key'), [key]);
    const { backend } = remote({ address, keyFile, fingerprint: certificate.fingerprint });
    expect(await spawn(backend, execution())).toMatchObject({ outcome: 'connected' });
  });
});

test.for<[reason: RegExp, options: RemoteSocketOptions]>([
  [/^address: "host:1" has no scheme/, { address: 'host:1' }],
  [/^keyFile: a tls: address needs a key file/, { address: 'tls:host:1' }],
  [/^keyFile: a tcp: address needs a key file/, { address: 'tcp:127.0.0.1:1' }],
  [/^address: this leads to another host in clear text/, { address: 'tcp:10.0.0.1:1', keyFile: 'k' }],
  [/^address: the port is 0/, { address: 'tls:host:0', keyFile: 'k' }],
  [/^fingerprint: a fingerprint is the SHA-256/, { address: 'tls:host:1', keyFile: 'k', fingerprint: 'ab' }],
  [/^ca: a ca is for a tls: address/, { address: 'unix:x', ca: 'c' }],
  [/^graceMs: a grace is 0 … 10800000 ms/, { address: 'unix:x', graceMs: -1 }],
])('options that do not fit together are refused: %s', ([reason, options]) => {
  expect(() => remoteSocketBackend(options)).toThrow(reason);
});

describe('executions', () => {
  test('go on at the server when the host end is disposed, and are ended there once the grace is over', async () => {
    const serverClock = virtualClock();
    const { open, address, counts } = await listen({ clock: serverClock });
    const { backend } = remote({ address, graceMs: 60_000 });
    const worker = execution();
    await spawn(backend, worker);
    await send(backend, worker, 'wait');
    await backend[Symbol.asyncDispose]();
    await vi.waitFor(() => expect(serverClock.pending).toBe(1));
    await serverClock.advance(59_000);
    expect([open.size, counts.connections]).toEqual([1, 1]);
    await serverClock.advance(1000);
    await vi.waitFor(() => expect(open.size).toBe(0));
  });

  test('of hosts with keys of their own are out of each other’s reach, and of one with the same key are not', async () => {
    const folder = await temporaryFolder();
    const [mine, yours] = [newKey('mine'), newKey('yours')];
    const { address, open } = await listen({ scheme: 'tcp', keys: [mine, yours] });
    const keyFile = await writeKeyFile(join(folder, 'keys'), [mine, yours]);
    const one = remote({ address, keyFile, keyId: 'mine' }).backend;
    const other = remote({ address, keyFile, keyId: 'yours' }).backend;
    const worker = execution();
    await spawn(one, worker);
    await send(one, worker, 'wait');

    const taken = execution(worker.handle.workerId, 2);
    expect(await recover(other, taken)).toEqual({ outcome: 'lost' });
    expect(await stop(other, taken)).toMatchObject({ outcome: 'accepted', end: 'stopped' });
    expect(open.size).toBe(1);

    const another = execution();
    await spawn(other, another);
    const run = await send(other, another, 'complete');
    await another.until((event) => event.type === 'run-ended' && event.inputId === run);
    expect(worker.events.map(({ type }) => type)).toEqual(['text-delta']);

    const same = remote({ address, keyFile, keyId: 'mine' }).backend;
    const taker = execution(worker.handle.workerId, 2);
    expect(await recover(same, taker, neverAborted, { sequence: 1 })).toMatchObject({ outcome: 'adopted' });
    expect(await stop(one, worker)).toEqual({ outcome: 'errored', code: 'stale-generation' });
  });

  test('E6: that another host has taken over are not resumed: they are lost to the first, and go on for the other', async () => {
    const server = await listen();
    const [first, second] = [remote({ address: server.address }), remote({ address: server.address })];
    const worker = execution();
    await spawn(first.backend, worker);
    const run = await send(first.backend, worker, 'wait');
    await worker.until(({ type }) => type === 'text-delta');
    const taker = execution(worker.handle.workerId, 2);
    const position = { sequence: 1, inputId: run };
    expect(await recover(second.backend, taker, neverAborted, position)).toMatchObject({ outcome: 'adopted' });
    server.cut();
    await vi.waitFor(async () => {
      await Promise.all([first.clock.advance(500), second.clock.advance(500)]);
      expect(server.counts.opened).toBe(4);
    });
    expect(await worker.exited).toEqual({ kind: 'connection-lost' });
    await vi.waitFor(async () => {
      expect(await cancel(second.backend, taker, run)).toEqual({ outcome: 'accepted' });
    });
    expect(worker.events).toHaveLength(1);
  });
});

describe('a Worker whose server', () => {
  async function busy(options: ListenOptions = {}, graceMs = 60_000, text = 'wait') {
    const path = join(await temporaryFolder(), 'b.sock');
    const server = await listen({ ...options, path });
    const [clock, logger] = [virtualClock(), recordingLogger()];
    const backend = dialedBackend({ address: `unix:${path}`, graceMs }, { clock, logger, random: () => 0 });
    const runtime = createRuntime({ clock, logger, profiles: { far: { label: 'Far', backend } } });
    onTestFinished(() => runtime[Symbol.asyncDispose]());
    const worker = await createWorker(runtime, 'far', text);
    await vi.waitFor(async () => expect(await story()).toHaveLength(4));

    async function view(of: WorkerRef) {
      const answer = await runtime.read({ type: 'worker', worker: of });
      if (answer.outcome !== 'answered') throw new Error(JSON.stringify(answer));
      return answer.worker;
    }
    async function story(): Promise<readonly string[]> {
      const page = await runtime.read({ type: 'observations', worker, limit: 500 });
      if (page.outcome !== 'answered') throw new Error(JSON.stringify(page));
      return page.observations.map(({ event }) => {
        const more = 'reason' in event ? event.reason : 'end' in event ? event.end : '';
        return `${event.type} ${more}`.trim();
      });
    }
    const isCut = () => vi.waitFor(() => expect(logger.lines.map(({ message }) => message)).toContain(lostLine));
    return { path, server, clock, runtime, worker, view, story, isCut };
  }
  const lostLine = 'the connection to the backend server is lost';
  const begun = ['worker-created', 'execution-connected', 'input-accepted', 'text-delta'];
  const lost = [...begun, 'input-ended interrupted', 'execution-disconnected connection-lost'];

  test('comes back without it is connection-lost at once, and its run is interrupted', async () => {
    const { path, server, clock, worker, view, story, isCut } = await busy();
    await server.close();
    await isCut();
    expect((await view(worker)).status).toBe('busy');
    await listen({ path });
    await vi.waitFor(async () => {
      await clock.advance(1000);
      expect((await view(worker)).status).toBe('unconnected');
    });
    expect(await story()).toEqual(lost);
  });

  test('does not come back keeps its status and refuses inputs for the grace, then is connection-lost', async () => {
    const { server, clock, runtime, worker, view, story, isCut } = await busy();
    await server.close();
    await isCut();
    await clock.advance(59_000);
    expect((await view(worker)).status).toBe('busy');
    expect(await story()).toEqual(begun);
    await clock.advance(1000);
    expect((await view(worker)).status).toBe('unconnected');
    expect(await story()).toEqual(lost);
    const answer = await runtime.execute({ type: 'input', worker, inputId: inputId(), parts: textPart('go') });
    expect(answer).toMatchObject({ outcome: 'rejected', code: 'worker-unconnected' });
  });

  test('is cut off refuses an input with backend-disconnected, which was not executed', async () => {
    const { server, clock, runtime, worker, view, isCut } = await busy();
    const open = (await view(worker)).openInput;
    const cancelled = runtime.execute({ type: 'cancel', worker, inputId: open?.inputId ?? inputId() });
    await vi.waitFor(async () => expect((await view(worker)).status).toBe('idle'));
    expectAccepted(await cancelled);
    await server.close();
    await isCut();
    const answer = await runtime.execute({ type: 'input', worker, inputId: inputId(), parts: textPart('go') });
    expect(answer).toMatchObject({ outcome: 'errored', code: 'backend-disconnected', executed: 'no' });
    expect((await view(worker)).status).toBe('idle');
    expect(clock.pending).toBeGreaterThan(0);
  });

  test('accepts and cuts again and again is connection-lost once its grace is over: no flapping extends it', async () => {
    const { path, server, clock, worker, view, story, isCut } = await busy();
    await server.close();
    await isCut();
    // It greets, and then is gone before it has resumed anything.
    const never = new Promise<never>(() => undefined);
    const sound = scriptedBackend({ recover: true });
    const flapping = await listenBackend({ ...sound, recover: () => never }, { path });
    onTestFinished(() => flapping[Symbol.asyncDispose]());
    const cutting = setInterval(() => flapping.cut(), 5);
    onTestFinished(() => clearInterval(cutting));
    let waitedMs = 0;
    await vi.waitFor(async () => {
      await clock.advance(500);
      waitedMs += 500;
      expect((await view(worker)).status).toBe('unconnected');
    }, 30_000);
    expect(flapping.counts.opened).toBeGreaterThan(1);
    expect(waitedMs).toBeLessThanOrEqual(61_000);
    expect(await story()).toEqual(lost);
  });

  test('is cut off and back goes on where it was: a question of before is answered', async () => {
    const { server, clock, runtime, worker, view, story } = await busy({}, 60_000, 'ask');
    const [question] = (await view(worker)).openQuestions;
    server.cut();
    await vi.waitFor(async () => {
      await clock.advance(100);
      const questionId = question?.questionId ?? QuestionId('none');
      const answer = { text: 'yes' };
      expectAccepted(await runtime.execute({ type: 'answer', worker, questionId, answer }));
    });
    await vi.waitFor(async () => expect((await view(worker)).status).toBe('idle'));
    expect(server.counts.opened).toBe(2);
    expect(await story()).toEqual([
      ...begun.slice(0, 3),
      'question-asked',
      'question-closed answered',
      'text-delta',
      'input-ended completed',
    ]);
  });
});

test('B2: a backend without a server is not available to whoever creates a Worker', async () => {
  const address = `unix:${join(await temporaryFolder(), 'b.sock')}`;
  await using runtime = createRuntime({
    profiles: { far: { label: 'Far', backend: remoteSocketBackend({ address }) } },
  });
  const created = await runtime.execute({ type: 'create', runtimeId, profile: 'far' });
  expect(created).toEqual({ outcome: 'rejected', code: 'backend-unavailable' });
});
