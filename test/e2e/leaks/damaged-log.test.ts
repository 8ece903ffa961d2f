import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';

import { openLevel } from '../../../src/adapters/worker-log/embedded/engine.js';
import { headKey } from '../../../src/adapters/worker-log/embedded/keys.js';
import { inMemoryLog } from '../../../src/adapters/worker-log/in-memory/index.js';
import { WorkerId } from '../../../src/domain/ids.js';
import { generatorBackend, text } from '../../../src/index.js';
import type { WorkerLog } from '../../../src/ports/worker-log.js';
import { changeValue, fileOf, intoTables, spoilBlock, tableFile } from '../../support/damaged-folder.js';
import { accessToken, runWorkport, startServe } from '../../support/host-process.js';
import type { HostProcess } from '../../support/host-process.js';
import type { Canaries } from '../../support/leaks/canary.js';
import { canaries } from '../../support/leaks/canary.js';
import { findLeaks } from '../../support/leaks/find-leaks.js';
import { inProcessHost } from '../../support/leaks/in-process-host.js';
import { leakingError } from '../../support/leaks/leaking-error.js';
import { recorder } from '../../support/leaks/recorder.js';
import { secretsOf } from '../../support/leaks/secrets.js';
import { recordSocket } from '../../support/leaks/socket-recorder.js';
import type { Told } from '../../support/leaks/tells-nothing.js';
import { tellsNothing } from '../../support/leaks/tells-nothing.js';
import { api, bodyOf } from '../../support/leaks/tour.js';
import { visit } from '../../support/leaks/visit.js';
import { programPath } from '../../support/programs.js';
import { suiteFolder } from '../../support/temporary-folder.js';
import { say } from '../../support/worker-stream.js';

/** Starts a host whose folder, program and options are told to nobody; what it is given is kept in its log. */
async function startHost(cwd: string, canary: Canaries, end: (() => Promise<void>)[]): Promise<HostProcess> {
  const backend = {
    type: 'subprocess',
    command: process.execPath,
    args: [programPath('echo-backend.mjs'), canary.name('argv')],
    env: { LITERAL: canary.text('env') },
  };
  const profiles = { echo: { label: 'Echo', backend, options: { secret: canary.text('options') } } };
  await writeFile(join(cwd, 'workport.config.json'), JSON.stringify({ profiles }));
  return startServe({ cwd, args: ['--data', join(cwd, 'data')], onEnd: (run) => end.push(run) });
}

const ended = async (host: HostProcess) => {
  host.child.kill('SIGTERM');
  return host.ended;
};

const idOf = (worker: string): WorkerId => WorkerId(worker.split('/').at(-1) ?? '');
const flipLast = (value: Buffer): void =>
  void value.writeUInt8(value.readUInt8(value.length - 3) ^ 1, value.length - 3);

/** Damages what was said last of the first Worker, what was said first of the second, and makes the head of the third unreadable. */
async function damage(log: string, [cut, last, headless]: readonly WorkerId[]): Promise<void> {
  const engine = await openLevel(log);
  const chunks = async (id = ''): Promise<readonly string[]> => {
    const keys: string[] = [];
    for await (const key of engine.keys({ gte: `o:${id}:`, lt: `o:${id};` })) keys.push(key);
    return keys;
  };
  const [ofCut, ofLast] = [await chunks(cut), await chunks(last)];
  await engine.close();
  await changeValue(log, ofCut.at(-1) ?? '', flipLast);
  await changeValue(log, ofLast[0] ?? '', flipLast);
  await changeValue(log, headKey(headless!), flipLast);
}

describe('of a host whose data folder is damaged', () => {
  let scene: Told;
  beforeAll(async () => {
    const canary = canaries();
    const end: (() => Promise<void>)[] = [];
    const cwd = join(await suiteFolder(), canary.name('folder'));
    await mkdir(cwd, { mode: 0o700 });
    const first = await startHost(cwd, canary, end);
    const workers: string[] = [];
    for (let count = 0; count < 3; count += 1) {
      const worker = await first.create({ profile: 'echo' });
      for (const word of ['one', 'two', 'three']) await say(first, worker, `echo ${word}`);
      workers.push(worker);
    }
    await ended(first);
    await damage(join(cwd, 'data', 'log'), workers.map(idOf));

    const host = await startHost(cwd, canary, end);
    const record = recorder(host.url, accessToken);
    await vi.waitFor(async () => {
      expect((await record.ask({ path: '/readyz', kind: 'ready' })).status).toBe(200);
    });
    await record.ask({ path: `${api}/workers`, kind: 'workers' });
    const socket = await recordSocket(host.url, { asked: 'socket', token: accessToken });
    for (const worker of workers) await visit(record, socket, { runtimeId: 'local', workerId: idOf(worker) });
    const { stdout, stderr } = await ended(host);
    await socket.closed;
    const recording = { replies: record.replies, sockets: [socket], ready: stdout };
    scene = { recording, planted: canary.planted, logged: stderr };
    return async () => {
      for (const run of end) await run();
    };
  });

  tellsNothing(() => scene);

  test('R4, W12: what is damaged is answered by its codes, and where it is stands in the operator log', () => {
    const bodies = scene.recording.replies?.map(({ body }) => body).join('\n');
    expect(bodies).toContain('"reason":"log-damaged"');
    expect(bodies).toContain('"code":"log-unavailable"');
    expect(scene.recording.sockets?.[0]?.messages.join('\n')).toContain('"code":"log-unavailable"');
    expect(scene.logged).toContain('a checksum does not fit');
  });
});

test('R4: a host that cannot open its data folder says why on stderr alone, and nothing on stdout', async () => {
  const canary = canaries();
  const cwd = join(await suiteFolder(), canary.name('folder'));
  await mkdir(cwd, { mode: 0o700 });
  const end: (() => Promise<void>)[] = [];
  const host = await startHost(cwd, canary, end);
  onTestFinished(async () => {
    for (const run of end) await run();
  });
  const worker = await host.create({ profile: 'echo' });
  await say(host, worker, 'echo one');
  await ended(host);
  const log = join(cwd, 'data', 'log');
  await intoTables(log);
  await spoilBlock(await fileOf(log, tableFile), 0);
  await writeFile(await fileOf(log, /^MANIFEST/), 'nothing');
  const again = runWorkport(['serve', '--json', '--port', '0', '--data', join(cwd, 'data')], {
    cwd,
    env: { WORKPORT_TOKEN: accessToken },
  });
  const { code, stdout, stderr } = await again.ended;
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toContain('data');
});

describe('of a log that fails with all that it knows', () => {
  let scene: Told & { readonly statuses: readonly number[] };
  beforeAll(async () => {
    const canary = canaries();
    const secret = secretsOf(canary);
    const log = inMemoryLog();
    let isBroken = false;
    const broken = new Proxy(log, {
      get(target, key: keyof WorkerLog) {
        const member: unknown = target[key];
        if (typeof member !== 'function') return member;
        return (...given: readonly unknown[]): unknown => {
          if (!isBroken || key === Symbol.asyncDispose) return Reflect.apply(member, target, given);
          const failure = Promise.reject(leakingError(secret));
          failure.catch(() => undefined);
          return Object.assign(failure, { [Symbol.asyncIterator]: () => ({ next: () => failure }) });
        };
      },
    });
    const echo = generatorBackend({
      id: 'echo',
      run: async function* () {
        yield text('content');
      },
    });
    const host = await inProcessHost(['connected'], () => echo, { secret: canary.text('options'), log: broken });
    const record = recorder(host.url, host.token);
    const create = () =>
      record.ask({ method: 'POST', path: `${api}/workers`, kind: 'create', body: { profile: 'connected' } });
    const workerIds = [bodyOf(await create()), bodyOf(await create())].map(({ worker }) => worker?.workerId ?? '');
    const socket = await recordSocket(host.url, { asked: 'socket', token: host.token });
    isBroken = true;
    await record.ask({ path: '/readyz', kind: 'ready' });
    await create();
    for (const workerId of workerIds) await visit(record, socket, { runtimeId: 'local', workerId });
    await record.ask({ path: `${api}/workers`, kind: 'workers' });
    isBroken = false;
    await host[Symbol.asyncDispose]();
    await socket.closed;
    const { replies } = record;
    scene = {
      recording: { replies, sockets: [socket] },
      planted: canary.planted,
      logged: host.logged(),
      statuses: replies.map(({ status }) => status),
    };
  });

  tellsNothing(() => scene);

  test('W19: its failures are answered as log-unavailable, and their causes are in the operator log', () => {
    expect(scene.statuses).toContain(503);
    expect(scene.statuses).not.toContain(500);
    expect(findLeaks(scene.logged, scene.planted)).toContain('errorStack');
  });
});
