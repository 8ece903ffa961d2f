import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { ScriptedHost } from '../../../support/scripted-host.js';
import { carriers, upTo, watching } from '../../../support/watched.js';

const longest = 10_000;

describe.each(carriers)('a stream over %s', (carrier) => {
  test('P5: begins with a snapshot, goes on with what comes, and says that it is open', async () => {
    const { host, clock, states, watch } = watching(carrier);
    host.say(2);
    const seen = watch();
    await clock.settle();
    host.say(2);
    await clock.settle();
    expect(seen.frames[0]?.type).toBe('snapshot');
    expect(seen.sequences).toEqual([3, 4]);
    expect(states).toEqual(['open']);
    expect(host.tokens).toEqual(['good']);
  });

  const cuts = carrier === 'SSE' ? upTo(1200, 0).filter((at) => at % 37 === 0) : upTo(6, 1);
  test.each(cuts)('P5: that is cut after %i goes on with exactly the next event', async (cutAfter) => {
    const { host, clock, states, watch } = watching(carrier);
    host.say(4);
    host.fates.push({ cutAfter });
    const seen = watch('start');
    await clock.advance(longest);
    host.say(2);
    await clock.advance(longest);
    expect(seen.sequences).toEqual(upTo(6));
    expect(states.at(-1)).toBe('open');
    expect(host.asked).toHaveLength(2);
  });

  test('P5: that is cut at every place of several connections shows every event once, in order', async () => {
    const { host, clock, watch } = watching(carrier);
    const seen = watch('start');
    const fates = carrier === 'SSE' ? [300, 14, 250, 700, 40] : [2, 1, 3, 1, 4];
    host.fates.push(...fates.map((cutAfter) => ({ cutAfter })));
    for (let count = 0; count < 12; count += 1) {
      host.say(1);
      await clock.advance(longest);
    }
    expect(seen.sequences).toEqual(upTo(12));
  });

  test('P5: that is cut at random places shows every event once, in order', async () => {
    const fate = fc.record({ cutAfter: fc.nat(carrier === 'SSE' ? 1_500 : 8), said: fc.nat(5) });
    await fc.assert(
      fc.asyncProperty(fc.array(fate, { minLength: 1, maxLength: 12 }), async (fates) => {
        const { host, clock, client, watch } = watching(carrier);
        const seen = watch('start');
        host.fates.push(...fates.map(({ cutAfter }) => ({ cutAfter: cutAfter + 1 })));
        let said = 0;
        for (const one of fates) {
          host.say(one.said);
          said += one.said;
          await clock.advance(longest);
        }
        for (let count = 0; count < fates.length; count += 1) host.cut();
        await clock.advance(fates.length * longest);
        expect(seen.sequences).toEqual(upTo(said));
        await client.close();
      }),
      { numRuns: 60 },
    );
  });

  test('that ends without a word is lost as well', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    host.fates.push({ cutAfter: carrier === 'SSE' ? 100 : 2, quietly: true });
    const seen = watch('start');
    await clock.advance(longest);
    expect(seen.sequences).toEqual([1]);
    expect(host.asked).toHaveLength(2);
  });

  test('that is lost before its snapshot gets one', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    host.fates.push({ cutAfter: carrier === 'SSE' ? 20 : 1 });
    const seen = watch();
    await clock.advance(longest);
    expect(seen.types).toEqual(['snapshot']);
    expect(host.asked).toEqual([undefined, undefined]);
  });

  test('P5: whose host has begun another epoch starts again from a snapshot', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(2);
    const seen = watch('start');
    await clock.settle();
    host.restart();
    host.cut();
    await clock.advance(longest);
    host.say(1);
    await clock.settle();
    expect(seen.types.filter((type) => type === 'snapshot')).toEqual(['snapshot']);
    expect(seen.types.at(-1)).toBe('events');
    expect(seen.sequences.at(-1)).toBe(3);
  });

  test('P3: that comes back behind retention gets a gap and a snapshot', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    const seen = watch('start');
    await clock.settle();
    host.fates.push('unreachable');
    host.end('slow-consumer');
    host.say(8);
    host.retainFrom(5);
    await clock.advance(longest);
    expect(seen.types).toEqual(['events', 'gap', 'snapshot']);
    expect(seen.frames[1]).toEqual({ type: 'gap', from: 2, to: 4 });
  });

  test('P3: that is lost between a gap and its snapshot shows both once', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(8);
    host.retainFrom(5);
    host.fates.push({ cutAfter: carrier === 'SSE' ? 60 : 2 });
    const seen = watch('start');
    await clock.advance(longest);
    expect(host.asked).toHaveLength(2);
    expect(seen.types).toEqual(['gap', 'snapshot']);
  });

  test.each(['server-draining', 'slow-consumer'])('that the host ends as %s comes back', async (code) => {
    const { host, clock, states, watch } = watching(carrier);
    host.say(1);
    const seen = watch('start');
    await clock.settle();
    host.end(code);
    host.say(1);
    await clock.advance(longest);
    expect(seen.types.filter((type) => type.startsWith('end'))).toEqual([]);
    expect(seen.sequences).toEqual([1, 2]);
    expect(states).toEqual(['open', 'reconnecting', 'open']);
  });

  test.each([
    ['worker-deleted', 'good'],
    ['worker-deleted', () => 'good'],
    ['revoked', 'good'],
    ['revoked', undefined],
  ])('that the host ends as %s ends so where the token is %s', async (code, token) => {
    const { host, clock, states, watch } = watching(carrier, { token });
    const seen = watch();
    await clock.settle();
    host.end(code);
    await seen.pulled;
    expect(seen.types).toEqual(['snapshot', `end ${code}`]);
    expect(host.asked).toHaveLength(1);
    await clock.advance(0);
    expect([states, host.open, clock.pending]).toEqual([['open', 'idle'], 0, 0]);
  });

  test.each([
    ['runtime-draining', 503],
    ['quota-exceeded', 429],
    ['log-unavailable', 503],
  ])('whose resumption is refused as %s waits for a better time', async (problem, status) => {
    const { host, clock, states, watch } = watching(carrier);
    host.say(1);
    const seen = watch('start');
    await clock.settle();
    host.fates.push(...Array.from({ length: 5 }, () => ({ problem, status })));
    host.cut();
    host.say(1);
    await clock.advance(2 * longest);
    expect(seen.sequences).toEqual([1, 2]);
    expect(states).toEqual(['open', 'reconnecting', 'open']);
  });

  test('that meets a page of a proxy, or no network, on its way back goes on asking', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    const seen = watch('start');
    await clock.settle();
    host.fates.push({ page: '<h1>Bad gateway</h1>', status: 502 }, { page: '<h1>Hello</h1>', status: 200 });
    host.fates.push(...Array.from({ length: 4 }, () => 'unreachable' as const));
    host.cut();
    host.say(1);
    await clock.advance(3 * longest);
    expect(seen.sequences).toEqual([1, 2]);
    expect(host.fates).toEqual([]);
  });

  test.each([
    ['worker-unknown', 404, 'worker-deleted'],
    ['runtime-unknown', 404, 'worker-deleted'],
    ['forbidden', 403, 'revoked'],
  ])('B4: whose resumption is refused as %s ends', async (problem, status, code) => {
    const { host, clock, watch } = watching(carrier);
    const seen = watch();
    await clock.settle();
    host.fates.push({ problem, status });
    host.cut();
    await clock.advance(longest);
    await seen.pulled;
    expect(seen.types).toEqual(['snapshot', `end ${code}`]);
  });

  test('whose token is refused on its way back asks for it once more, and goes on with another', async () => {
    const tokens = ['one', 'two', 'three'];
    const { host, clock, watch } = watching(carrier, { token: () => tokens.shift() ?? '' });
    const seen = watch();
    await clock.settle();
    host.fates.push({ problem: 'unauthenticated', status: 401, close: 4001 });
    host.cut();
    host.say(1);
    await clock.advance(2 * longest);
    expect(seen.sequences).toEqual([1]);
    expect(host.tokens).toEqual(['one', 'two', 'three']);
  });

  test('whose token is refused twice on its way back is revoked', async () => {
    const { host, clock, watch } = watching(carrier);
    const seen = watch();
    await clock.settle();
    const denied = { problem: 'unauthenticated', status: 401, close: 4001 };
    host.fates.push(denied, denied);
    host.cut();
    await clock.advance(2 * longest);
    await seen.pulled;
    expect(seen.types).toEqual(['snapshot', 'end revoked']);
  });

  test('that the host ends as revoked goes on with the next token, each time it expires', async () => {
    const tokens = ['one', 'two', 'three'];
    const { host, clock, states, watch } = watching(carrier, { token: async () => tokens.shift() ?? '' });
    const seen = watch();
    for (let expiries = 0; expiries < 2; expiries += 1) {
      await clock.advance(2 * longest);
      host.end('revoked');
      host.say(1);
    }
    await clock.advance(longest);
    expect([seen.types, seen.sequences]).toEqual([
      ['snapshot', 'events', 'events'],
      [1, 2],
    ]);
    expect(host.tokens).toEqual(['one', 'two', 'three']);
    expect(states).toEqual(['open', 'reconnecting', 'open', 'reconnecting', 'open']);
  });

  const denied = { problem: 'unauthenticated', status: 401, close: 4001 };
  test.each([
    ['refused', (host: ScriptedHost) => void host.fates.push(denied)],
    ['taken and ended so at once', () => undefined],
  ])('that the host ends as revoked, and whose next token is %s, ends so', async (_, prepare) => {
    const { host, clock, watch } = watching(carrier, { token: () => 'good' });
    const seen = watch();
    await clock.settle();
    prepare(host);
    host.end('revoked');
    await clock.advance(1_000);
    host.end('revoked');
    await seen.pulled;
    expect(seen.types).toEqual(['snapshot', 'end revoked']);
    expect(host.tokens).toEqual(['good', 'good']);
    await clock.advance(0);
    expect([host.open, clock.pending]).toEqual([0, 0]);
  });

  test.each([
    ['worker-unknown', 404],
    ['runtime-draining', 503],
    ['quota-exceeded', 429],
  ])('that is refused as %s from the first says so, and no more', async (code, status) => {
    const { host, clock, states, watch } = watching(carrier);
    host.fates.push({ problem: code, status });
    const seen = watch();
    await seen.pulled;
    expect(seen.frames).toEqual([{ type: 'problem', problem: { outcome: 'rejected', code } }]);
    await clock.advance(0);
    expect([host.asked.length, clock.pending, states]).toEqual([1, 0, []]);
  });

  test('that is unauthenticated from the first says so', async () => {
    const { host, watch } = watching(carrier);
    host.fates.push({ problem: 'unauthenticated', status: 401, close: 4001 });
    const seen = watch();
    await seen.pulled;
    const problem = { outcome: 'rejected', code: 'unauthenticated' };
    expect(seen.frames).toEqual([{ type: 'problem', problem }]);
  });

  test('W18: that never gets an answer is runtime-unavailable after a few attempts', async () => {
    const { host, clock, watch } = watching(carrier);
    host.fates.push('unreachable', 'hang', { page: 'busy', status: 503 }, 'unreachable');
    const seen = watch();
    await clock.advance(4 * 60_000);
    await seen.pulled;
    expect(seen.frames).toEqual([
      {
        type: 'problem',
        problem: {
          outcome: 'errored',
          code: 'runtime-unavailable',
          executed: 'no',
          correlationId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
        },
      },
    ]);
    expect([host.fates, clock.pending]).toEqual([[], 0]);
  });

  test('W18: that is silent for longer than a host is counts as lost', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    const seen = watch('start');
    await clock.settle();
    host.silence();
    host.say(1);
    await clock.advance(60_000);
    expect(seen.sequences).toEqual([1, 2]);
    expect(host.asked).toHaveLength(2);
  });

  test('W18: who leaves while nothing comes does not wait, and holds nothing', async () => {
    const { host, clock, states, watch } = watching(carrier);
    const seen = watch();
    await clock.settle();
    await seen.leave();
    await clock.advance(0);
    expect([seen.state, host.open, clock.pending]).toEqual([{ isOver: true, cause: undefined }, 0, 0]);
    expect(states).toEqual(['open', 'idle']);
  });

  test('W18: who leaves between two attempts does not wait, and holds nothing', async () => {
    const { host, clock, states, watch } = watching(carrier);
    const seen = watch();
    await clock.settle();
    host.fates.push('unreachable', 'unreachable', 'unreachable');
    host.cut();
    await clock.settle();
    expect(states.at(-1)).toBe('reconnecting');
    await seen.leave();
    await clock.advance(0);
    expect([seen.state.isOver, clock.pending, states.at(-1)]).toEqual([true, 0, 'idle']);
  });

  test('W18: abort releases everything, also where nobody waits for a frame', async () => {
    const { host, clock, client, states } = watching(carrier);
    const gone = new AbortController();
    const worker = { runtimeId: 'local', workerId: 'w' } as never;
    const frames = client.observe(worker, undefined, { signal: gone.signal })[Symbol.asyncIterator]();
    await frames.next();
    expect(host.open).toBe(1);
    gone.abort(new Error('enough'));
    await clock.advance(0);
    expect([host.open, clock.pending, states.at(-1)]).toEqual([0, 0, 'idle']);
    await expect(frames.next()).rejects.toThrow('enough');
  });

  test('delays grow from a quarter of a second to ten, with half of each left to chance', async () => {
    const { host, clock, watch } = watching(carrier);
    host.say(1);
    watch('start');
    await clock.settle();
    host.fates.push(...Array.from({ length: 12 }, () => 'unreachable' as const));
    const delays: number[] = [];
    host.cut();
    await clock.settle();
    for (let left = host.fates.length; left > 0; left = host.fates.length) {
      const from = clock.now();
      while (host.fates.length === left) await clock.advance(25);
      delays.push(clock.now() - from);
    }
    delays.forEach((delay, index) => {
      const full = Math.min(10_000, 250 * 2 ** index);
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThanOrEqual(full + 50);
    });
  });

  test.each([
    ['told something', 1, 100],
    ['was there for a while', 0, 12_000],
  ])('that has come back and %s begins with the shortest delay again', async (_, count, forMs) => {
    const { host, clock, watch } = watching(carrier);
    watch('start');
    await clock.settle();
    host.fates.push(...Array.from({ length: 6 }, () => 'unreachable' as const));
    host.cut();
    host.say(count);
    while (host.open === 0) await clock.advance(100);
    await clock.advance(forMs);
    host.cut();
    await clock.advance(300);
    expect(host.open).toBe(1);
  });
});
