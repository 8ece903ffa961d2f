import { describe, expect, it } from 'vitest';

import { inMemoryLog } from '../../../src/adapters/worker-log/in-memory/index.js';
import { Sequence } from '../../../src/domain/ids.js';
import type { LogPage, WorkerLog } from '../../../src/ports/worker-log.js';
import { headAt, workerIdOf } from '../../support/heads.js';
import { encodedNotices } from '../../support/observations.js';

const workerId = workerIdOf(1);
const call = { signal: new AbortController().signal };
const append = (log: WorkerLog, revision: number, after: number, count: number) =>
  log.append(workerId, Sequence(after), {
    observations: encodedNotices(after + 1, after + count),
    head: headAt(workerId, revision, after + count),
  });
const sequencesOf = (page: LogPage) => page.observations.map(({ sequence }) => sequence);
const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

/** A signal that tells how many listen to it. */
function countingSignal() {
  const controller = new AbortController();
  let listeners = 0;
  const { signal } = controller;
  const add = signal.addEventListener.bind(signal);
  const remove = signal.removeEventListener.bind(signal);
  signal.addEventListener = (...given: Parameters<typeof add>) => ((listeners += 1), add(...given));
  signal.removeEventListener = (...given: Parameters<typeof remove>) => ((listeners -= 1), remove(...given));
  return { controller, signal, listening: () => listeners };
}

describe('the in-memory log', () => {
  it('O7: a reader that changes its page takes nothing from those who read the same', async () => {
    const log = inMemoryLog();
    await append(log, 1, 0, 3);
    const page = await log.read(workerId, Sequence(0), 10, call);
    expect(() => (page.observations as unknown[]).shift()).toThrow(TypeError);
    expect(() => ((page as { last: Sequence }).last = Sequence(0))).toThrow(TypeError);
    expect(sequencesOf(await log.read(workerId, Sequence(0), 10, call))).toEqual([1, 2, 3]);
  });

  it('W18: who reads page after page hears an abort that came from outside', async () => {
    const log = inMemoryLog();
    await append(log, 1, 0, 1000);
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    let pages = 0;
    const readOn = async (): Promise<void> => {
      for (; pages < 100; pages += 1) await log.read(workerId, Sequence(pages), 10, { signal: controller.signal });
    };
    await expect(readOn()).rejects.toThrow();
    expect(pages).toBeLessThan(100);
  });

  it('P3: after any row of appends and trims every page is exactly what is retained', async () => {
    const log = inMemoryLog();
    const steps = [3, 1, 7, 2, 30, 1, 1, 40].map((count, index) => ({ count, keep: [2, 9, 4, 40][index % 4] ?? 1 }));
    let last = 0;
    let first = 1;
    for (const [index, { count, keep }] of steps.entries()) {
      await append(log, index + 1, last, count);
      last += count;
      first = Math.max(first, last - keep + 1);
      await log.trim(workerId, Sequence(first));
      for (const after of range(0, last)) {
        const page = await log.read(workerId, Sequence(after), 5, call);
        const from = Math.max(after + 1, first);
        expect([page.first, page.last, ...sequencesOf(page)]).toEqual([
          first,
          last,
          ...range(from, Math.min(last, from + 4)),
        ]);
      }
    }
  });

  it('P3: a follower gets what is there in pages of the limit', async () => {
    const log = inMemoryLog({ followLimit: 2 });
    await append(log, 1, 0, 5);
    const pages: number[][] = [];
    for await (const page of log.follow(workerId, Sequence(0), call)) {
      pages.push(sequencesOf(page));
      if (page.observations.at(-1)?.sequence === page.last) break;
    }
    expect(pages).toEqual([[1, 2], [3, 4], [5]]);
  });

  it('P3: a page that cannot be too long is read without a look at its observations', async () => {
    const log = inMemoryLog();
    let looks = 0;
    const observations = encodedNotices(1, 50).map(({ sequence, json }) => ({
      sequence,
      get json() {
        looks += 1;
        return json;
      },
    }));
    await log.append(workerId, Sequence(0), { observations, head: headAt(workerId, 1, 50) });
    looks = 0;
    const page = await log.read(workerId, Sequence(10), 20, call);
    expect(sequencesOf(page)).toEqual(range(11, 30));
    expect(looks).toBe(0);
  });

  it('a follower that waits listens once, and not at all once it has left', async () => {
    const log = inMemoryLog();
    await append(log, 1, 0, 1);
    const { signal, listening } = countingSignal();
    const pages = log.follow(workerId, Sequence(1), { signal })[Symbol.asyncIterator]();
    const next = pages.next();
    await Promise.resolve();
    expect(listening()).toBe(1);
    expect(await pages.return?.()).toMatchObject({ done: true });
    expect(await next).toMatchObject({ done: true });
    expect(listening()).toBe(0);
  });

  it('a follower listens once, however many pages it gets, until it leaves', async () => {
    const log = inMemoryLog();
    await append(log, 1, 0, 1);
    const { signal, listening } = countingSignal();
    const pages = log.follow(workerId, Sequence(1), { signal })[Symbol.asyncIterator]();
    const next = pages.next();
    await append(log, 2, 1, 1);
    expect((await next).value).toMatchObject({ last: 2 });
    const second = pages.next();
    await append(log, 3, 2, 1);
    expect((await second).value).toMatchObject({ last: 3 });
    expect(listening()).toBe(1);
    await pages.return?.();
    expect(listening()).toBe(0);
  });

  it('disposal ends who follows; the log can be handed to the next', async () => {
    const log = inMemoryLog();
    await append(log, 1, 0, 1);
    const next = log.follow(workerId, Sequence(1), call)[Symbol.asyncIterator]().next();
    await log[Symbol.asyncDispose]();
    expect(await next).toMatchObject({ done: true });
    const again = log.follow(workerId, Sequence(1), call)[Symbol.asyncIterator]().next();
    expect(await append(log, 2, 1, 1)).toBe('appended');
    expect((await again).value).toMatchObject({ last: 2 });
  });
});
