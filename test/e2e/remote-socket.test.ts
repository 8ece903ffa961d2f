import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, onTestFinished, test, vi } from 'vitest';

import type { HostProcess } from '../support/host-process.js';
import { startServe } from '../support/host-process.js';
import { firstLine, programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import type { Seen } from '../support/worker-stream.js';
import { isEndOf, streamUntil } from '../support/worker-stream.js';

interface ServerProcess {
  kill(): Promise<void>;
}

/** A backend server in a process of its own. */
async function startServer(path: string): Promise<ServerProcess> {
  await rm(path, { force: true });
  const child = spawn(process.execPath, [programPath('listens-on-a-socket.mjs'), path], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  expect(await firstLine(child.stdout)).toBe('listening');
  return { kill };
}

const kill = async (host: HostProcess): Promise<void> => {
  host.child.kill('SIGKILL');
  await host.ended;
};

/** A host whose profile `far` is behind the socket. */
async function startHost(path: string, data: string, graceMs = 60_000): Promise<HostProcess> {
  const cwd = await temporaryFolder();
  const far = { label: 'Far', backend: { type: 'remote-socket', address: `unix:${path}`, graceMs } };
  await writeFile(join(cwd, 'workport.config.json'), JSON.stringify({ profiles: { far } }));
  return startServe({ cwd, args: ['--data', data] });
}

async function begin(host: HostProcess, text: string, profile = 'far') {
  const worker = await host.create({ profile });
  const { status, body } = await host.post(`${worker}/inputs`, { text });
  expect(status).toBe(202);
  return { worker, inputId: body.inputId };
}

const statusOf = async (host: HostProcess, worker: string) => (await host.get(worker)).body.worker?.status;
const isText = ({ event }: Seen): boolean => event.type === 'text-delta';
const textOf = (seen: readonly Seen[]): string => seen.map(({ event }) => event.text ?? '').join('');
const counted = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1} `).join('');
const isDisconnected = ({ event }: Seen): boolean => event.type === 'execution-disconnected';

describe('workport serve with a backend behind a socket', () => {
  test('R2: is killed again and again in the midst of a run, and the next host adopts it: nothing is lost or doubled', async () => {
    const folder = await temporaryFolder();
    const [path, data] = [join(folder, 'b.sock'), join(folder, 'data')];
    await startServer(path);
    const flags = ['--data', data, '--profile', `far=unix:${path}`];
    let host = await startServe({ cwd: folder, args: flags });
    const { worker, inputId } = await begin(host, '400 5');
    for (let kills = 1; kills <= 3; kills += 1) {
      await streamUntil(host, worker, { after: 'start' }, (_, count) => count > 60 * kills);
      await kill(host);
      host = await startServe({ cwd: folder, args: flags });
    }
    const seen = await streamUntil(host, worker, { after: 'start' }, isEndOf(inputId));
    expect(textOf(seen.filter(isText))).toBe(counted(400));
    expect(seen.at(-1)?.event.end).toBe('completed');
    expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
    expect(seen.filter(({ event }) => event.type === 'input-accepted')).toHaveLength(1);
    // Where the run had ended before the last kill, the log tells so while the idle Worker is still being recovered.
    await vi.waitFor(async () => expect(await statusOf(host, worker)).toBe('idle'), 20_000);
  });

  test('whose server is killed and comes back: connection-lost at once, and the run is interrupted', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'b.sock');
    const server = await startServer(path);
    const host = await startHost(path, join(folder, 'data'));
    const { worker, inputId } = await begin(host, '100000 5');
    await streamUntil(host, worker, { after: 'start' }, isText);
    await server.kill();
    await startServer(path);
    const seen = await streamUntil(host, worker, { after: 'start' }, isDisconnected);
    expect(seen.at(-1)?.event).toMatchObject({ reason: 'connection-lost' });
    expect(seen.at(-2)).toMatchObject({ inputId, event: { type: 'input-ended', end: 'interrupted' } });
    expect(await statusOf(host, worker)).toBe('unconnected');
    // And what is new goes on there.
    const again = await begin(host, '3');
    const texts = await streamUntil(host, again.worker, { after: 'start' }, isEndOf(again.inputId));
    expect(textOf(texts.filter(isText))).toBe(counted(3));
    expect((await host.post(`${worker}/reconnect`)).status).toBe(200);
    expect(await statusOf(host, worker)).toBe('idle');
  });

  test('whose server is killed and does not come back: the same once the grace is over', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'b.sock');
    const server = await startServer(path);
    const host = await startHost(path, join(folder, 'data'), 1500);
    const { worker, inputId } = await begin(host, '100000 5');
    await streamUntil(host, worker, { after: 'start' }, isText);
    const killedAt = performance.now();
    await server.kill();
    expect(await statusOf(host, worker)).toBe('busy');
    const seen = await streamUntil(host, worker, { after: 'start' }, isDisconnected);
    expect(performance.now() - killedAt).toBeGreaterThan(1400);
    expect(seen.at(-1)?.event).toMatchObject({ reason: 'connection-lost' });
    expect(seen.at(-2)).toMatchObject({ inputId, event: { type: 'input-ended', end: 'interrupted' } });
    const created = await host.post('/workers', { profile: 'far' });
    expect(created.body).toMatchObject({ code: 'backend-unavailable' });
    expect(JSON.stringify(created.body)).not.toContain(folder);
    expect(host.stderr()).toContain('no backend server listens at the address');
  });

  test('E6, W19: that was paused while another took its Worker over is refused everywhere once it wakes', async () => {
    const folder = await temporaryFolder();
    const path = join(folder, 'b.sock');
    await startServer(path);
    const first = await startHost(path, join(folder, 'data'));
    const idle = await first.create({ profile: 'far' });
    const { worker, inputId } = await begin(first, '1200 5');
    await streamUntil(first, worker, { after: 'start' }, (_, count) => count > 20);
    first.child.kill('SIGSTOP');
    onTestFinished(() => void first.child.kill('SIGCONT'));
    await cp(join(folder, 'data'), join(folder, 'copy'), { recursive: true });
    const second = await startHost(path, join(folder, 'copy'));
    await streamUntil(second, worker, { after: 'start' }, (_, count) => count > 100);
    first.child.kill('SIGCONT');

    const input = await first.post(`${idle}/inputs`, { text: '1' });
    expect(input.body).toMatchObject({ code: 'worker-moved', executed: 'no' });
    const cancelled = await first.post(`${worker}/inputs/${inputId ?? ''}/cancel`, { deadlineMs: 200 });
    expect(cancelled.body).toMatchObject({ end: 'escalated' });
    expect((await first.post(`${worker}/stop`)).status).toBe(200);
    // What the first host has done has not touched the run.
    const seen = await streamUntil(second, worker, { after: 'start' }, isEndOf(inputId));
    expect(textOf(seen.filter(isText))).toBe(counted(1200));
    expect(seen.at(-1)?.event.end).toBe('completed');
    expect(await statusOf(second, worker)).toBe('idle');
    const elsewhere = await streamUntil(
      first,
      worker,
      { after: 'start' },
      ({ event }) => event.type === 'worker-stopped',
    );
    expect(elsewhere.filter(isText).length).toBeLessThan(1200);
    const taken = await second.post(`${idle}/inputs`, { text: '1' });
    expect(taken.status).toBe(202);
  });
});

describe('a program that has made a remote-socket backend', () => {
  const entry = fileURLToPath(new URL('../../dist/index.js', import.meta.url));
  const remote = fileURLToPath(
    new URL('../../dist/adapters/execution-backend/remote-socket/index.js', import.meta.url),
  );

  async function run(path: string, body: string): Promise<{ readonly code: number | null; readonly stdout: string }> {
    const file = join(await temporaryFolder(), 'program.mjs');
    await writeFile(
      file,
      `import { createRuntime } from ${JSON.stringify(entry)};
       import { remoteSocketBackend } from ${JSON.stringify(remote)};
       const backend = remoteSocketBackend({ address: ${JSON.stringify(`unix:${path}`)} });
       ${body}`,
    );
    const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, stdout };
  }

  test('ends by itself while nobody waits for anything, whether it is connected or not', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    expect(await run(path, '')).toMatchObject({ code: 0 });
    await startServer(path);
    expect(await run(path, 'await new Promise((resolve) => setTimeout(resolve, 300));')).toMatchObject({ code: 0 });
  });

  test('lives while a Worker of it runs, and ends once that is stopped', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    await startServer(path);
    const answer = await run(
      path,
      `const runtime = createRuntime({ profiles: { far: { label: 'Far', backend } } });
       const input = { parts: [{ type: 'text', text: '50 5' }] };
       const created = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'far', input });
       const worker = { runtimeId: 'local', workerId: created.worker.workerId };
       for await (const frame of runtime.observe(worker, 'start')) {
         const events = frame.type === 'events' ? frame.observations.map(({ event }) => event) : [];
         for (const event of events) if (event.type === 'text-delta') process.stdout.write(event.text);
         if (events.some(({ type }) => type === 'input-ended')) break;
       }
       await runtime.execute({ type: 'stop', worker });`,
    );
    expect(answer).toEqual({ code: 0, stdout: counted(50) });
  });

  test('lives while a call waits for its answer', async () => {
    const path = join(await temporaryFolder(), 'b.sock');
    const answer = await run(
      path,
      `const runtime = createRuntime({ profiles: { far: { label: 'Far', backend } } });
       const created = await runtime.execute({ type: 'create', runtimeId: 'local', profile: 'far' });
       console.log(created.code);`,
    );
    expect(answer).toEqual({ code: 0, stdout: 'backend-unavailable\n' });
  });
});

test('what is left of a host that has ended is nothing but its Workers at the server', async () => {
  const folder = await temporaryFolder();
  const [path, data] = [join(folder, 'b.sock'), join(folder, 'data')];
  await startServer(path);
  const first = await startHost(path, data);
  const { worker } = await begin(first, '100000 5');
  await streamUntil(first, worker, { after: 'start' }, isText);
  first.child.kill('SIGTERM');
  await vi.waitFor(() => expect(first.stderr()).toContain('ending: waits for an open input'));
  first.child.kill('SIGTERM');
  await first.ended;
  const second = await startHost(path, data);
  await vi.waitFor(async () => expect(await statusOf(second, worker)).toBe('busy'));
  expect((await second.post(`${worker}/stop`)).status).toBe(200);
});
