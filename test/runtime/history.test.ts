import { expect, test, vi } from 'vitest';

import { createRuntime, defineBackend, inMemoryLog } from '../../src/index.js';
import type { ObservationPublisher, WorkerLog } from '../../src/index.js';
import { createWorker, framesOf, isType, observeUntil, textPart } from '../support/runtime.js';

/** A backend whose runs print `chunks` texts of 64 KiB. */
function printing(chunks: number) {
  let publisher: ObservationPublisher | undefined;
  const print = async (inputId: Parameters<ObservationPublisher['decide']>[0]): Promise<void> => {
    const event = { type: 'output', stream: 'stdout', text: 'x'.repeat(65_536), inputId } as const;
    for (let count = 0; count < chunks; count += 1) await publisher?.publish(event);
    await publisher?.publish({ type: 'run-ended', end: 'completed', inputId });
  };
  return defineBackend({
    id: 'printing',
    spawn: (_request, given) => {
      publisher = given;
      return { outcome: 'connected' };
    },
    dispatch: (_handle, { inputId }) => {
      void print(inputId);
      return Promise.resolve({ outcome: 'accepted' });
    },
  });
}

function countingLog(): { readonly log: WorkerLog; readonly reads: () => number } {
  const log = inMemoryLog();
  let count = 0;
  const read = log.read.bind(log);
  log.read = (...args) => {
    count += 1;
    return read(...args);
  };
  return { log, reads: () => count };
}

test('P3, W18: transcripts of a long run that nobody waits for any more read on no page', async () => {
  const { log, reads } = countingLog();
  await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: printing(200) } }, log });
  const worker = await createWorker(runtime, 'test');
  await runtime.execute({ type: 'input', worker, parts: textPart('go') });
  await observeUntil(runtime, worker, isType('input-ended'));

  const before = reads();
  const controller = new AbortController();
  const { signal } = controller;
  const asked = Array.from({ length: 40 }, () => runtime.read({ type: 'transcript', worker }, { signal }));
  setImmediate(() => controller.abort(new Error('gone')));
  const answers = await Promise.allSettled(asked);
  expect(answers.every(({ status }) => status === 'rejected')).toBe(true);
  const whole = await runtime.read({ type: 'transcript', worker });
  expect(whole.outcome === 'answered' && whole.entries.length).toBe(2);
  const pagesOfOne = Math.ceil((200 * 65_536) / (1024 * 1024)) + 2;
  expect(reads() - before).toBeLessThan(3 * pagesOfOne);
});

test('W13: who reads a log while it is removed is told that there is no such Worker', async () => {
  const log = inMemoryLog();
  const remove = log.remove.bind(log);
  let release = (): void => undefined;
  const swept = new Promise<void>((resolve) => (release = resolve));
  log.remove = async (...args) => {
    await remove(...args);
    await swept;
  };
  await using runtime = createRuntime({ profiles: { test: { label: 'Test', backend: null } }, log });
  const worker = await createWorker(runtime, 'test');
  await runtime.execute({ type: 'stop', worker });
  const deleted = runtime.execute({ type: 'delete', worker });
  const unknown = { outcome: 'rejected', code: 'worker-unknown' };
  await vi.waitFor(async () => expect(await runtime.read({ type: 'observations', worker })).toEqual(unknown));
  expect(await runtime.read({ type: 'transcript', worker })).toEqual(unknown);
  expect(await framesOf(runtime, worker).next()).toEqual({
    value: { type: 'end', code: 'worker-deleted' },
    done: false,
  });
  release();
  expect(await deleted).toEqual({ outcome: 'accepted' });
});
