import { describe, expect, test, vi } from 'vitest';

import { startServe } from '../support/host-process.js';
import type { HostProcess } from '../support/host-process.js';
import { isRunning } from '../support/programs.js';
import { isEndOf, said, say, streamUntil } from '../support/worker-stream.js';
import type { Seen } from '../support/worker-stream.js';

const isAnEnd = ({ event }: Seen): boolean => event.type === 'input-ended';
const gone = (...pids: readonly number[]): Promise<unknown> =>
  vi.waitFor(async () => expect(await Promise.all(pids.map(isRunning))).toEqual(pids.map(() => false)), 10_000);

async function createAndWait(host: HostProcess, text: string): Promise<string> {
  const worker = await host.create({ profile: 'javascript', input: { text } });
  await streamUntil(host, worker, { after: 'start' }, isAnEnd);
  return worker;
}

test('a Worker of the built-in profile keeps its variables from input to input', async () => {
  const host = await startServe();
  const worker = await createAndWait(host, 'const a = 6; a * 7');
  expect(await said(host, worker)).toEqual(['assistant: 42']);
  expect(await say(host, worker, 'a + 1')).toEqual(['assistant: 7']);
  expect(await say(host, worker, 'b')).toEqual([expect.stringMatching(/^tool: ReferenceError: b/), 'system: failed']);
  expect(await say(host, worker, 'a')).toEqual(['assistant: 6']);
});

test('W7: a second input while a loop runs is 409 busy; its cancel leaves the Worker idle with its variables', async () => {
  const host = await startServe();
  const worker = await createAndWait(host, 'const a = 6');
  const endless = await host.post(`${worker}/inputs`, { text: 'while (true) {}' });
  expect(endless.status).toBe(202);
  expect(await host.post(`${worker}/inputs`, { text: 'a' })).toMatchObject({
    status: 409,
    body: { code: 'busy', outcome: 'busy', inputId: endless.body.inputId },
  });
  const cancelled = await host.post(`${worker}/inputs/${endless.body.inputId ?? ''}/cancel`);
  expect(cancelled).toEqual({ status: 200, body: { end: 'quiesced' } });
  expect((await host.get(worker)).body.worker).toMatchObject({ status: 'idle' });
  expect(await say(host, worker, 'a')).toEqual(['assistant: 6']);
});

test('a stream that is cut and resumed by Last-Event-ID, again and again, loses and doubles nothing', async () => {
  const host = await startServe();
  const worker = await createAndWait(host, '1');
  const loop = 'for (let i = 0; i < 3000; i++) { console.log(i); if (i % 50 === 0) await new Promise(setImmediate); }';
  const { body } = await host.post(`${worker}/inputs`, { text: loop });
  const seen = [...(await streamUntil(host, worker, { after: 'start' }, (_, count) => count === 7))];
  const isEnd = isEndOf(body.inputId);
  for (let pieces = 1; !isEnd(seen.at(-1)!); pieces += 1) {
    const isLast = (one: Seen, count: number): boolean => isEnd(one) || count === 13 * pieces;
    seen.push(...(await streamUntil(host, worker, { lastEventId: seen.at(-1)!.cursor }, isLast)));
  }
  expect(seen.map(({ sequence }) => sequence)).toEqual(seen.map((_, index) => index + 1));
  const printed = seen.filter(({ event }) => event.type === 'output').map(({ event }) => event.text);
  expect(printed.join('')).toBe(Array.from({ length: 3000 }, (_, index) => `${index}\n`).join(''));
});

test('a Worker that is stopped has no process any more, takes no input, can be read and deleted', async () => {
  const host = await startServe();
  const worker = await createAndWait(host, 'process.pid');
  const [line = ''] = await said(host, worker);
  const pid = Number(line.replace('assistant: ', ''));
  expect(await isRunning(pid)).toBe(true);
  expect(await host.post(`${worker}/stop`)).toMatchObject({ status: 200, body: { end: 'stopped' } });
  expect(await isRunning(pid)).toBe(false);
  expect(await host.post(`${worker}/inputs`, { text: '1' })).toMatchObject({
    status: 409,
    body: { code: 'worker-stopped' },
  });
  expect(await said(host, worker)).toEqual([line]);
  expect((await host.ask(worker, { method: 'DELETE' })).status).toBe(204);
  expect((await host.get(worker)).status).toBe(404);
});

describe('of a host that is killed with SIGKILL', () => {
  const tree = `const { spawn } = require('node:child_process');
    const child = spawn('sleep', ['1000']);
    [process.pid, process.ppid, child.pid].join(' ')`;

  test('no process is left, while a loop runs and while a Worker is idle', async () => {
    const host = await startServe();
    const workers = await Promise.all([createAndWait(host, tree), createAndWait(host, tree)]);
    const pids = (await Promise.all(workers.map((worker) => said(host, worker)))).flatMap(([line = '']) =>
      line.replace('assistant: ', '').replaceAll("'", '').split(' ').map(Number),
    );
    expect(pids).toHaveLength(6);
    expect(await Promise.all(pids.map(isRunning))).toEqual(pids.map(() => true));
    await host.post(`${workers[0]}/inputs`, { text: 'while (true) {}' });
    host.child.kill('SIGKILL');
    await gone(...pids);
  });
});
