import fc from 'fast-check';
import { expect, test, vi } from 'vitest';

import { createRuntime, inMemoryLog } from '../../src/index.js';
import type { Frame, RuntimeId, WorkerLog, WorkerRef } from '../../src/index.js';
import type { AnswerOf } from '../../src/ports/browser-gateway.js';
import { Sequence } from '../../src/domain/ids.js';
import type { Observation } from '../../src/domain/observation/event.js';
import { emptyTranscript, entriesOf, foldTranscript } from '../../src/domain/observation/transcript-fold.js';
import { faultyLog } from '../support/faulty-log.js';
import { inputId, runtimeId } from '../support/runtime.js';
import { accepted, delta, noticed, runEnded, scriptedBackend, say } from '../support/scripted-backend.js';
import { scripted } from '../support/scripted-runtime.js';
import type { Scripted } from '../support/scripted-runtime.js';

const plain = (observation: Observation): Observation => JSON.parse(JSON.stringify(observation)) as Observation;

/** A run of `texts`, from its acceptance to its end. */
async function run(host: Scripted, worker: WorkerRef, texts: readonly string[]): Promise<void> {
  const id = inputId();
  host.backend.on('dispatch', () => accepted);
  await host.input(worker, id);
  const publisher = host.backend.publisher(worker.workerId);
  for (const text of texts) await publisher.publish(delta(text, id));
  await publisher.publish(runEnded(id));
  await host.clock.settle();
}

/** Frames one at a time. */
const reader = (host: Scripted, worker: WorkerRef, from?: string): AsyncIterator<Frame, undefined> =>
  (host.runtime.observe(worker, from) as AsyncIterable<Frame, undefined>)[Symbol.asyncIterator]();

test('P5: a snapshot shows the Worker and its transcript up to exactly its cursor, then comes the next sequence', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await run(host, worker, ['a', 'b']);
  const frames = reader(host, worker);
  const { value: snapshot } = await frames.next();
  if (snapshot?.type !== 'snapshot') throw new Error('no snapshot');
  const log = await host.log(worker);
  expect(snapshot.cursor).toBe(log.at(-1)?.cursor);
  expect(snapshot.worker.lastCursor).toBe(snapshot.cursor);
  expect(snapshot.transcript.map(({ role, complete }) => [role, complete])).toEqual([
    ['user', true],
    ['assistant', true],
  ]);
  await host.backend.publisher().publish(noticed('next'));
  const { value: events } = await frames.next();
  expect(events).toMatchObject({ type: 'events', observations: [{ sequence: log.length + 1 }] });
  await frames.return?.();
});

test('P5: snapshot and tail leave no event out and double none, whenever one looks', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom('publish', 'run', 'look', 'wait'), { maxLength: 30 }), async (steps) => {
      await using host = scripted();
      const worker = await host.idle();
      const id = inputId();
      host.backend.on('dispatch', () => accepted);
      await host.input(worker, id);
      const publisher = host.backend.publisher();
      const looks: Promise<{ folded: string; shown: string; first: number; at: number }>[] = [];
      const look = async () => {
        const frames = reader(host, worker);
        const { value } = await frames.next();
        const { value: next } = await frames.next();
        await frames.return?.();
        if (value?.type !== 'snapshot' || next?.type !== 'events') throw new Error('unforeseen frames');
        const whole = await host.log(worker);
        const at = Number.parseInt(value.cursor.slice(-16), 16);
        const folded = entriesOf(
          foldTranscript(emptyTranscript, whole.filter(({ sequence }) => sequence <= at).map(plain)),
        );
        return {
          folded: JSON.stringify(folded.slice(-50)),
          shown: JSON.stringify(value.transcript),
          first: next.observations[0]?.sequence ?? 0,
          at,
        };
      };
      for (const [index, step] of steps.entries()) {
        if (step === 'publish') void publisher.publish(delta(`${index}`, id));
        else if (step === 'run')
          void publisher.publish(say({ type: 'output', stream: 'stdout', text: `${index}\n` }, id));
        else if (step === 'look') looks.push(look());
        else await Promise.resolve();
      }
      await host.clock.settle();
      await publisher.publish(noticed('last'));
      for (const { folded, shown, first, at } of await Promise.all(looks)) {
        expect(shown).toBe(folded);
        expect(first).toBe(at + 1);
      }
    }),
    { numRuns: 60 },
  );
});

test('P5: resumed from any cursor the stream goes on with the next sequence, in the same bytes', async () => {
  await using host = scripted();
  const worker = await host.idle();
  await run(host, worker, ['a', 'b', 'c']);
  const whole = await host.log(worker);
  for (const [index, { cursor }] of whole.slice(0, -1).entries()) {
    const frames = reader(host, worker, cursor);
    const { value } = await frames.next();
    await frames.return?.();
    if (value?.type !== 'events') throw new Error('no events');
    expect(JSON.stringify(value.observations)).toBe(JSON.stringify(whole.slice(index + 1)));
  }
});

test.each([
  ['nonsense', 'cursor-invalid'],
  ['wo_0000000_0000000000000001', 'cursor-invalid'],
  ['wo_00000000_000000000000000G', 'cursor-invalid'],
  ['wo_00000000_0000000000000001', 'cursor-unknown'],
  ['ahead', 'cursor-unknown'],
  ['zero', 'cursor-unknown'],
])('P5: the cursor %s is %s, for pages and streams alike', async (from, code) => {
  await using host = scripted();
  const worker = await host.idle();
  const last = (await host.log(worker)).at(-1)?.cursor ?? '';
  const cursor = from === 'ahead' ? last.replace(/2$/, '3') : from === 'zero' ? last.replace(/2$/, '0') : from;
  const problem = { outcome: 'rejected', code };
  expect(await host.runtime.read({ type: 'observations', worker, after: cursor })).toEqual(problem);
  const frames: Frame[] = [];
  for await (const frame of host.runtime.observe(worker, cursor)) frames.push(frame);
  expect(frames).toEqual([{ type: 'problem', problem }]);
});

test('P3, O7: behind retention comes a gap, then a fresh snapshot, then what follows it', async () => {
  await using host = scripted({ limits: { retainedEvents: 20 } });
  const worker = await host.idle();
  const first = (await host.log(worker))[0]?.cursor;
  for (let index = 0; index < 10; index += 1) await run(host, worker, ['a', 'b']);
  await host.clock.settle();
  const page = await host.runtime.read({ type: 'observations', worker });
  if (page.outcome !== 'answered') throw new Error('not answered');
  const oldest = page.observations[0]?.sequence ?? 0;
  expect(page.gap).toEqual({ from: 1, to: oldest - 1 });
  expect(page.observations[0]?.event.type).toBe('input-accepted');
  const frames = reader(host, worker, first);
  expect((await frames.next()).value).toEqual({ type: 'gap', from: 2, to: oldest - 1 });
  expect((await frames.next()).value).toMatchObject({ type: 'snapshot' });
  await host.backend.publisher().publish(noticed('next'));
  expect((await frames.next()).value).toMatchObject({ type: 'events', observations: [{ event: { text: 'next' } }] });
  await frames.return?.();
});

test('O7: retention keeps at most what it may, begins at a run’s boundary, and is gapless', async () => {
  await using host = scripted({ limits: { retainedEvents: 30 } });
  const worker = await host.idle();
  for (let index = 0; index < 25; index += 1) {
    await run(
      host,
      worker,
      Array.from({ length: index % 7 }, (_, text) => `${text}`),
    );
    const log = await vi.waitFor(async () => {
      const retained = await host.log(worker);
      expect(retained.length).toBeLessThanOrEqual(30);
      return retained;
    });
    const sequences = log.map(({ sequence }) => sequence);
    expect(sequences).toEqual(sequences.map((_, offset) => (sequences[0] ?? 0) + offset));
    expect(['worker-created', 'input-accepted']).toContain(log[0]?.event.type);
  }
});

test('O7: a run longer than what is retained stays whole until another one has ended, and is trimmed then', async () => {
  await using host = scripted({ limits: { retainedEvents: 10 } });
  const { worker, id } = await host.busy();
  const publisher = host.backend.publisher();
  for (let index = 0; index < 40; index += 1) await publisher.publish(delta(`${index}`, id));
  await host.clock.settle();
  expect((await host.log(worker)).filter(({ inputId: from }) => from === id)).toHaveLength(41);
  await publisher.publish(runEnded(id));
  await publisher.publish(noticed('after'));
  await host.clock.settle();
  expect((await host.log(worker)).filter(({ inputId: from }) => from === id)).toHaveLength(42);
  await run(host, worker, ['b']);
  await vi.waitFor(async () =>
    expect(await host.story(worker)).toEqual([
      'notice after',
      'input-accepted',
      'text-delta b',
      'input-ended completed',
    ]),
  );
});

test('O7: what follows the latest run is bounded, and takes the run with it when it is too much alone', async () => {
  await using host = scripted({ limits: { retainedEvents: 20 } });
  const worker = await host.idle();
  await run(host, worker, ['a']);
  for (let index = 0; index < 100; index += 1) await host.backend.publisher().publish(noticed(`${index}`));
  await vi.waitFor(async () => {
    const log = await host.log(worker);
    expect(log.length).toBeLessThanOrEqual(20);
    expect(log.at(-1)?.event).toMatchObject({ type: 'notice', text: '99' });
  });
});

test('O7: a Worker without runs is bounded too', async () => {
  await using host = scripted({ limits: { retainedEvents: 20 } });
  const worker = await host.idle();
  for (let index = 0; index < 100; index += 1) await host.backend.publisher().publish(noticed(`${index}`));
  await vi.waitFor(async () => {
    const log = await host.log(worker);
    expect(log.length).toBeLessThanOrEqual(20);
    expect(log.at(-1)?.sequence).toBe(102);
  });
});

test('O7: retention by bytes removes the oldest runs', async () => {
  await using host = scripted({ limits: { retainedBytes: 20_000 } });
  const worker = await host.idle();
  for (let index = 0; index < 10; index += 1) await run(host, worker, ['x'.repeat(5_000)]);
  const log = await vi.waitFor(async () => {
    const retained = await host.log(worker);
    expect(JSON.stringify(retained).length).toBeLessThanOrEqual(21_000);
    return retained;
  });
  expect(log.length).toBeGreaterThan(3);
});

test('O7: a Runtime that takes over a long log trims what is too much, and no more', async () => {
  const log = inMemoryLog();
  let worker: WorkerRef;
  {
    await using before = scripted({ log, limits: { retainedEvents: 50 } });
    worker = await before.idle();
    for (let index = 0; index < 30; index += 1) await run(before, worker, ['a', 'b']);
  }
  await using host = scripted({ log, limits: { retainedEvents: 50 } });
  host.backend.on('recover', () => ({ outcome: 'lost' }));
  await host.runtime.ready();
  await host.runtime.execute({ type: 'reconnect', worker });
  await host.clock.settle();
  await run(host, worker, ['a']);
  const kept = await vi.waitFor(async () => {
    const retained = await host.log(worker);
    expect(retained.length).toBeLessThanOrEqual(50);
    return retained;
  });
  expect(kept.length).toBeGreaterThan(35);
});

test('P3: a reader that does not read costs neither the backend nor another reader', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const slow = reader(host, worker, 'start');
  await slow.next();
  const fast = reader(host, worker, 'start');
  for (let index = 0; index < 3_000; index += 1) await host.backend.publisher().publish(noticed(`${index}`));
  let seen = 0;
  while (seen < 3_002) {
    const { value } = await fast.next();
    if (value?.type === 'events') seen += value.observations.length;
  }
  const { value } = await slow.next();
  expect(value?.type === 'events' && value.observations[0]?.sequence).toBe(3);
  await Promise.all([fast.return?.(), slow.return?.()]);
});

test('P3: observers at the same place of the log get the very same frame, those behind get what they miss', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const readers = Array.from({ length: 20 }, () => reader(host, worker));
  await Promise.all(readers.map((frames) => frames.next()));
  const behind = reader(host, worker, 'start');
  const waiting = readers.map((frames) => frames.next());
  await host.clock.settle();
  await host.backend.publisher().publish(noticed('next'));
  const [first, ...others] = await Promise.all(waiting);
  expect(first?.value).toMatchObject({ type: 'events', observations: [{ event: { text: 'next' } }] });
  for (const { value } of others) expect(value).toBe(first?.value);
  const seen: number[] = [];
  while (seen.length < 3) {
    const { value } = await behind.next();
    if (value?.type === 'events') seen.push(...value.observations.map(({ sequence }) => sequence));
  }
  expect(seen).toEqual([1, 2, 3]);
  for (const frames of [...readers, behind]) await frames.return?.();
});

test('P5: observers that share frames leave nothing out and double nothing, whenever each of them looks', async () => {
  const step = fc.oneof(fc.constantFrom('publish', 'wait', 'open'), fc.nat({ max: 7 }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      await using host = scripted({ log: inMemoryLog({ followLimit: 4 }) });
      const worker = await host.idle();
      const readers: { frames: AsyncIterator<Frame, undefined>; seen: number[]; reading?: Promise<void> }[] = [];
      const readOnce = async (one: (typeof readers)[number]): Promise<void> => {
        const { value } = await one.frames.next();
        if (value?.type === 'events') one.seen.push(...value.observations.map(({ sequence }) => sequence));
        delete one.reading;
      };
      const read = (number: number): void => {
        const chosen = readers[number % readers.length];
        if (chosen) chosen.reading ??= readOnce(chosen);
      };
      let last = 2;
      for (const chosen of steps) {
        if (typeof chosen === 'number') read(chosen);
        else if (chosen === 'open') readers.push({ frames: reader(host, worker, 'start'), seen: [] });
        else if (chosen === 'wait') await host.clock.settle();
        else {
          last += 1;
          void host.backend.publisher().publish(noticed(`${last}`));
        }
      }
      await host.clock.settle();
      await host.backend.publisher().publish(noticed('last'));
      last += 1;
      for (const one of readers) {
        await one.reading;
        while ((one.seen.at(-1) ?? 0) < last) await readOnce(one);
        expect(one.seen).toEqual(Array.from({ length: last }, (_, index) => index + 1));
        await one.frames.return?.();
      }
    }),
    { numRuns: 100 },
  );
});

/** A log that counts who follows it. */
function countedLog(): WorkerLog & { readonly followers: number } {
  const log = faultyLog(inMemoryLog());
  let followers = 0;
  return {
    ...log,
    async *follow(...args) {
      followers += 1;
      try {
        yield* log.follow(...args);
      } finally {
        followers -= 1;
      }
    },
    get followers() {
      return followers;
    },
  };
}

test('P3: break, return while nothing comes, and abort each release the log', async () => {
  const log = countedLog();
  await using host = scripted({ log });
  const worker = await host.idle();
  for await (const frame of host.runtime.observe(worker, 'start')) {
    if (frame.type === 'events') break;
  }
  expect(log.followers).toBe(0);
  const waiting = reader(host, worker);
  await waiting.next();
  const next = waiting.next();
  await host.clock.settle();
  await waiting.return?.();
  expect(await next).toEqual({ done: true, value: undefined });
  const gone = new AbortController();
  const aborted = host.runtime.observe(worker, undefined, { signal: gone.signal })[Symbol.asyncIterator]();
  await aborted.next();
  const pending = aborted.next();
  await host.clock.settle();
  gone.abort(new Error('gone'));
  await expect(pending).rejects.toThrow('gone');
  await host.clock.settle();
  expect(log.followers).toBe(0);
});

test('P3: dispose ends every stream with server-draining, also one that begins later', async () => {
  const log = countedLog();
  const host = scripted({ log });
  const worker = await host.idle();
  const frames = reader(host, worker);
  await frames.next();
  const next = frames.next();
  await host[Symbol.asyncDispose]();
  const rest: Frame[] = [];
  for (let { value, done } = await next; !done && value; { value, done } = await frames.next()) rest.push(value);
  expect(rest.at(-1)).toEqual({ type: 'end', code: 'server-draining' });
  expect(await reader(host, worker).next()).toMatchObject({ value: { type: 'end', code: 'server-draining' } });
  expect(log.followers).toBe(0);
});

test('P3: a stream is refused with a problem for a Worker that nobody knows', async () => {
  await using host = scripted();
  const nobody = { runtimeId, workerId: '00000000-0000-7000-8000-000000000000' as never };
  expect(await reader(host, nobody).next()).toMatchObject({
    value: { type: 'problem', problem: { outcome: 'rejected', code: 'worker-unknown' } },
  });
});

test('W3: transcript pages join to the fold of the whole log, for every limit', async () => {
  await using host = scripted();
  const worker = await host.idle();
  for (let index = 0; index < 12; index += 1) await run(host, worker, [`${index}`]);
  const whole = entriesOf(foldTranscript(emptyTranscript, (await host.log(worker)).map(plain)));
  for (const limit of [1, 2, 5, 24, 100]) {
    const read = [];
    let after: Sequence | undefined = Sequence(0);
    while (after !== undefined) {
      const page: AnswerOf<{ readonly type: 'transcript'; readonly worker: WorkerRef }> = await host.runtime.read({
        type: 'transcript',
        worker,
        after,
        limit,
      });
      if (page.outcome !== 'answered') throw new Error('not answered');
      read.push(...page.entries);
      after = page.next;
    }
    expect(read).toEqual(whole);
  }
});

test('W3: a transcript asked from far past its end is empty, at once', async () => {
  await using host = scripted();
  const worker = await host.idle();
  const after = Sequence(Number.MAX_SAFE_INTEGER);
  expect(await host.runtime.read({ type: 'transcript', worker, after })).toEqual({ outcome: 'answered', entries: [] });
});

test.each([0, -1, 501, 1.5, Number.NaN])('W3: the limit %d is limit-invalid', async (limit) => {
  await using host = scripted();
  const worker = await host.idle();
  const invalid = { outcome: 'rejected', code: 'limit-invalid' };
  expect(await host.runtime.read({ type: 'transcript', worker, limit })).toEqual(invalid);
  expect(await host.runtime.read({ type: 'observations', worker, limit })).toEqual(invalid);
  expect(await host.runtime.read({ type: 'workers', runtimeId, limit })).toEqual(invalid);
});

test('W3: pages of Workers hold each of them once, however they were made', async () => {
  await using host = scripted();
  const made = await Promise.all(Array.from({ length: 60 }, () => host.idle()));
  const seen: string[] = [];
  for (let after: WorkerRef['workerId'] | undefined, isFirst = true; isFirst || after; isFirst = false) {
    const page: AnswerOf<{ readonly type: 'workers'; readonly runtimeId: RuntimeId }> = await host.runtime.read({
      type: 'workers',
      runtimeId,
      after,
      limit: 7,
    });
    if (page.outcome !== 'answered') throw new Error('not answered');
    seen.push(...page.workers.map(({ workerId }) => workerId));
    after = page.next;
  }
  expect(seen).toEqual(made.map(({ workerId }) => workerId).toSorted());
});

test('P5: a snapshot of a run of 50,000 events costs no more than reading them once', async () => {
  const backend = scriptedBackend();
  await using runtime = createRuntime({
    profiles: { test: { label: 'Test', backend } },
    limits: { retainedEvents: 1e6 },
  });
  const made = await runtime.execute({ type: 'create', runtimeId, profile: 'test' });
  if (made.outcome !== 'accepted') throw new Error('not made');
  const worker = { runtimeId, workerId: made.worker.workerId };
  backend.on('dispatch', () => accepted);
  const id = inputId();
  await runtime.execute({ type: 'input', worker, inputId: id, parts: [{ type: 'text', text: 'go' }] });
  const publisher = backend.publisher();
  const cost = async (count: number): Promise<number> => {
    for (let index = 0; index < count; index += 1) {
      await publisher.publish(say({ type: 'text-completed', messageId: `m${index}-${count}`, text: 'x' }, id));
    }
    const frames = runtime.observe(worker)[Symbol.asyncIterator]();
    const began = performance.now();
    expect((await frames.next()).value).toMatchObject({ type: 'snapshot' });
    const took = performance.now() - began;
    await frames.return?.();
    return took;
  };
  const [few, many] = [await cost(10_000), await cost(40_000)];
  expect(many / few).toBeLessThan(15);
});
