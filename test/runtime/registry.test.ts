import { expect, test } from 'vitest';

import { registry, RuntimeId } from '../../src/index.js';
import type { BrowserGateway } from '../../src/index.js';
import { textPart } from '../support/runtime.js';
import { runtimeView, scriptedGateway, workerId } from '../support/scripted-gateway.js';
import { virtualClock } from '../support/virtual-clock.js';

const [one, two, three] = [RuntimeId('one'), RuntimeId('two'), RuntimeId('three')];
const named = (runtimeId: RuntimeId) =>
  scriptedGateway({
    read: (query) =>
      query.type === 'runtimes'
        ? { outcome: 'answered', runtimes: [{ ...runtimeView, runtimeId }] }
        : { outcome: 'answered', profiles: [] },
  });
const hanging: BrowserGateway = { ...scriptedGateway(), read: () => new Promise(() => undefined) };
const throwing: BrowserGateway = { ...scriptedGateway(), read: () => Promise.reject(new Error('/secret')) };

test('B4: a command, a read and a stream reach the Runtime that they name, and no other', async () => {
  const [first, second] = [named(one), named(two)];
  const gateway = registry(
    new Map([
      [one, first],
      [two, second],
    ]),
  );
  const worker = { runtimeId: two, workerId };
  await gateway.execute({ type: 'input', worker, parts: textPart('go') });
  await gateway.execute({ type: 'create', runtimeId: two, profile: 'test' });
  await gateway.read({ type: 'profiles', runtimeId: two });
  for await (const frame of gateway.observe(worker)) expect(frame.type).toBe('problem');
  expect([first.commands, first.queries, first.observed].map(({ length }) => length)).toEqual([0, 0, 0]);
  expect([second.commands, second.queries, second.observed].map(({ length }) => length)).toEqual([2, 1, 1]);
});

test('W18: a Runtime that hangs, and one that throws, hide none of the others', async () => {
  const clock = virtualClock();
  const runtimes = new Map<RuntimeId, BrowserGateway>([
    [one, hanging],
    [two, throwing],
    [three, named(three)],
  ]);
  const answer = registry(runtimes, { clock, listMs: 1_000 }).read({ type: 'runtimes' });
  await clock.advance(1_000);
  expect(await answer).toEqual({ outcome: 'answered', runtimes: [{ ...runtimeView, runtimeId: three }] });
});

test('W18: who aborts does not wait for a Runtime that hangs', async () => {
  const gone = new AbortController();
  const runtimes = new Map<RuntimeId, BrowserGateway>([[one, hanging]]);
  const answer = registry(runtimes, { clock: virtualClock() }).read({ type: 'runtimes' }, { signal: gone.signal });
  gone.abort(new Error('gone'));
  await expect(answer).rejects.toThrow('gone');
});

test('B4: a Runtime that nobody mounted is unknown', async () => {
  const gateway = registry(new Map());
  expect(await gateway.read({ type: 'profiles', runtimeId: one })).toEqual({
    outcome: 'rejected',
    code: 'runtime-unknown',
  });
  expect(await gateway.read({ type: 'runtimes' })).toEqual({ outcome: 'answered', runtimes: [] });
});
