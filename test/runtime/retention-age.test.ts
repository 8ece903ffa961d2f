import { expect, test, vi } from 'vitest';

import { inMemoryLog } from '../../src/index.js';
import type { WorkerRef } from '../../src/ports/browser-gateway.js';
import type { WorkerLog } from '../../src/ports/worker-log.js';
import { inputId } from '../support/runtime.js';
import { accepted, delta, noticed, runEnded } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted } from '../support/scripted-runtime.js';
import { virtualClock } from '../support/virtual-clock.js';

const hourMs = 60 * 60 * 1_000;
const limits = { retainedMs: 10 * hourMs };

async function run(host: Scripted, worker: WorkerRef, text: string): Promise<void> {
  const id = inputId();
  host.backend.on('dispatch', () => accepted);
  await host.input(worker, id);
  const publisher = host.backend.publisher(worker.workerId);
  await publisher.publish(delta(text, id));
  await publisher.publish(runEnded(id));
  await host.clock.settle();
}

const texts = async (host: Scripted, worker: WorkerRef): Promise<readonly string[]> =>
  (await host.story(worker)).filter((line) => line.startsWith('text-delta')).map((line) => line.slice(11));

test('O7: a run that ended too long ago is trimmed when something is appended, whole, and no younger one', async () => {
  await using host = scripted({ limits });
  const worker = await host.idle();
  for (const text of ['a', 'b', 'c']) {
    await run(host, worker, text);
    await host.clock.advance(4 * hourMs);
  }
  expect(await texts(host, worker)).toEqual(['a', 'b', 'c']);
  await run(host, worker, 'd');
  await vi.waitFor(async () => expect(await texts(host, worker)).toEqual(['b', 'c', 'd']));
  expect((await host.log(worker))[0]?.event.type).toBe('input-accepted');
});

test('O7: the latest run stays, however old it is', async () => {
  await using host = scripted({ limits });
  const worker = await host.idle();
  await run(host, worker, 'a');
  await run(host, worker, 'b');
  await host.clock.advance(1_000 * hourMs);
  await host.backend.publisher(worker.workerId).publish(noticed('late'));
  await vi.waitFor(async () => expect(await texts(host, worker)).toEqual(['b']));
  expect((await host.story(worker)).at(-1)).toBe('notice late');
});

test('O7: what an earlier life left is trimmed at opening where it is too old', async () => {
  const shared = inMemoryLog();
  const log: WorkerLog = { ...bound(shared), [Symbol.asyncDispose]: () => Promise.resolve() };
  const clock = virtualClock();
  let worker: WorkerRef | undefined;
  {
    await using host = scripted({ log, clock });
    worker = await host.idle();
    await run(host, worker, 'a');
    await clock.advance(4 * hourMs);
    await run(host, worker, 'b');
  }
  await clock.advance(7 * hourMs);
  await using host = scripted({ log, clock, limits });
  const found = worker;
  await vi.waitFor(async () => expect(await texts(host, found)).toEqual(['b']));
});

test('O7: without a limit of age nothing is trimmed for it', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await run(host, worker, 'a');
  await host.clock.advance(10_000 * hourMs);
  await run(host, worker, 'b');
  await run(host, worker, 'c');
  expect(await texts(host, worker)).toEqual(['a', 'b', 'c']);
});

/** A log as a plain object, to be changed in part. */
function bound(log: WorkerLog): WorkerLog {
  return {
    durability: log.durability,
    append: log.append.bind(log),
    read: log.read.bind(log),
    follow: log.follow.bind(log),
    head: log.head.bind(log),
    heads: log.heads.bind(log),
    input: log.input.bind(log),
    trim: log.trim.bind(log),
    remove: log.remove.bind(log),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
  };
}
