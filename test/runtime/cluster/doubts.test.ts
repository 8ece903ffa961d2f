import { expect, test, vi } from 'vitest';

import type { WorkerId } from '../../../src/domain/ids.js';
import { inMemoryLog } from '../../../src/index.js';
import { keyNameOf } from '../../../src/runtime/cluster/router.js';
import { expectAccepted, framesOf, inputId, ref, runtimeId, textPart } from '../../support/runtime.js';
import { able, accepted, connected, delta } from '../../support/scripted-backend.js';
import { sharedLog } from '../../support/shared-log.js';
import { leaseMs, scriptedCluster, told, until } from '../../support/scripted-cluster.js';

const adopted = { outcome: 'adopted', capabilities: able, taken: true } as const;
const key = { idempotencyKey: 'one' };
const keyName = keyNameOf({ type: 'create', runtimeId, profile: 'test', ...key }, undefined);
const nobodys = '0190d1b2-0000-7000-8000-000000000001' as WorkerId;

test('W8: who is cut off while another host does what was asked is told that it may have been done', async () => {
  await using cluster = scriptedCluster();
  const [here, there] = [await cluster.host(), await cluster.host()];
  const worker = await there.idle();
  const input = here.input(worker);
  const call = await there.backend.next('dispatch');
  here.cut();
  expect(await told(cluster, input)).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  call.answer(accepted);
});

test('W5: a key of a Worker that came to nothing meanwhile is free', async () => {
  await using cluster = scriptedCluster();
  const one = await cluster.host();
  vi.spyOn(one.ownership, 'claimKey').mockResolvedValueOnce(nobodys);
  expect(await told(cluster, one.create(key))).toMatchObject({ outcome: 'accepted', created: true });
});

test('W5, W18: a key that was claimed by a host that was not told so is free once it is asked', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  await one.ownership.take(nobodys);
  await one.ownership.claimKey(keyName, nobodys);
  expect(await told(cluster, two.create(key))).toMatchObject({ outcome: 'accepted', created: true });
});

test('W5: a create whose host lost its lease before it began makes nothing', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  const claimKey = one.ownership.claimKey.bind(one.ownership);
  vi.spyOn(one.ownership, 'claimKey').mockImplementationOnce(async (name, workerId) => {
    one.endLease();
    return await claimKey(name, workerId);
  });
  expect(await told(cluster, one.create(key))).toMatchObject({ outcome: 'errored', executed: 'no' });
  expect(one.backend.calls).toEqual([]);
  expect(await told(cluster, two.create(key))).toMatchObject({ outcome: 'accepted', created: true });
});

test('W5: the key of a create whose host lost its lease, and whose input may have run, stays in force', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  const fields = { ...key, input: { inputId: inputId(), parts: textPart('go') } };
  const created = one.create(fields);
  await one.backend.next('dispatch');
  vi.spyOn(one.ownership, 'take').mockRejectedValue(new Error('not now'));
  one.endLease();
  expect(await told(cluster, created)).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  await cluster.clock.advance(2 * leaseMs);
  expect(await told(cluster, two.create(fields))).toMatchObject({ outcome: 'errored', executed: 'unknown' });
  expect([one, two].flatMap(({ backend }) => backend.callsOf('spawn'))).toHaveLength(1);
});

test('R1: a Worker that a host has taken without a word of it is taken over all the same', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  heir.backend.on('recover', () => adopted);
  const worker = await owner.idle();
  const take = heir.ownership.take.bind(heir.ownership);
  vi.spyOn(heir.ownership, 'take').mockImplementationOnce(async (workerId) => {
    await take(workerId);
    throw new Error('the engine does not answer in time');
  });
  await owner[Symbol.asyncDispose]();
  await until(cluster, () => heir.backend.callsOf('recover').length > 0);
  await cluster.clock.settle();
  expect(await heir.view(worker)).toMatchObject({ status: 'idle' });
});

test('a Worker that its host has not opened is opened for whoever asks at another host', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir, asker] = [await cluster.host(), await cluster.host(), await cluster.host()];
  const worker = await owner.idle();
  for (const { backend } of [heir, asker]) {
    backend.on('recover', () => adopted);
    backend.on('dispatch', () => accepted);
  }
  // Whoever takes it hears of nobody that it is free.
  const take = heir.ownership.take.bind(heir.ownership);
  for (const { ownership } of [heir, asker]) vi.spyOn(ownership, 'take').mockRejectedValue(new Error('not now'));
  await owner[Symbol.asyncDispose]();
  await take(worker.workerId);
  const input = await told(cluster, asker.input(worker));
  expect(['accepted', 'rejected'], JSON.stringify(input)).toContain(input.outcome);
  expect(heir.backend.callsOf('recover')).toHaveLength(1);
});

test('R5: what connects after its Worker was left to others is told to end', async () => {
  await using cluster = scriptedCluster();
  const owner = await cluster.host();
  owner.backend.on('spawn');
  const created = owner.create();
  const spawn = await owner.backend.next('spawn');
  owner.endLease();
  expect(await told(cluster, created)).toMatchObject({ outcome: 'errored', code: 'worker-moved' });
  await until(cluster, () => owner.backend.callsOf('stop').length > 0);
  await cluster.clock.advance(2 * leaseMs);
  const before = owner.backend.callsOf('stop').length;
  spawn.answer(connected());
  await cluster.clock.settle();
  expect(owner.backend.callsOf('stop').length).toBeGreaterThan(before);
});

test('E6: what could be recovered ends where it is left once its Worker is stopped and nobody ever will', async () => {
  await using cluster = scriptedCluster();
  const owner = await cluster.host();
  const heir = await cluster.host({ profiles: { test: { label: 'Test', backend: null } } });
  const worker = await owner.idle();
  owner.cut();
  await cluster.clock.advance(2 * leaseMs);
  expect(await heir.view(worker)).toMatchObject({ status: 'unconnected' });
  expect(await told(cluster, heir.runtime.execute({ type: 'stop', worker }))).toMatchObject({ outcome: 'accepted' });
  await until(cluster, () => owner.backend.callsOf('stop').length > 0);
  expect(owner.backend.callsOf('stop')[0]).toMatchObject({ generation: 1 });
});

test('P5: a cursor that another host handed out is known to the owner before it was told that it wrote it', async () => {
  const log = inMemoryLog();
  let isSlow = false;
  const written: (() => void)[] = [];
  await using cluster = scriptedCluster({
    log: {
      ...log,
      durability: log.durability,
      read: log.read.bind(log),
      follow: log.follow.bind(log),
      head: log.head.bind(log),
      heads: log.heads.bind(log),
      input: log.input.bind(log),
      trim: log.trim.bind(log),
      remove: log.remove.bind(log),
      [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
      async append(...args) {
        const result = await log.append(...args);
        if (isSlow) await new Promise<void>((resolve) => written.push(resolve));
        return result;
      },
    },
  });
  const [here, there] = [await cluster.host(), await cluster.host()];
  const { worker, id } = await there.busy();
  isSlow = true;
  void there.backend.publisher().publish(delta('ahead', id));
  const frames = framesOf(here.runtime, worker, 'start');
  let cursor = '';
  for (let seen = 0; seen < 4;) {
    const { value, done } = await frames.next();
    if (done || value.type !== 'events') throw new Error('no events');
    seen += value.observations.length;
    cursor = value.observations.at(-1)?.cursor ?? cursor;
  }
  const page = await there.runtime.read({ type: 'observations', worker, after: cursor });
  expect(page).toEqual({ outcome: 'answered', observations: [] });
  isSlow = false;
  for (const go of written.splice(0)) go();
  const again = framesOf(there.runtime, worker, cursor);
  void there.backend.publisher().publish(delta('next', id));
  expect(await again.next()).toMatchObject({ value: { type: 'events', observations: [{ sequence: 5 }] } });
  await Promise.all([frames.return?.(), again.return?.()]);
});

test('a host that was apart from all others for a lease, and was alone, has its Workers again', async () => {
  await using cluster = scriptedCluster();
  const only = await cluster.host();
  only.backend.on('recover', () => adopted);
  const worker = ref(expectAccepted(await only.create()).worker.workerId);
  only.cut();
  await cluster.clock.advance(2 * leaseMs);
  only.join();
  await until(cluster, () => only.backend.callsOf('recover').length > 0);
  const input = only.input(worker);
  (await only.backend.next('dispatch')).answer(accepted);
  expect(await told(cluster, input)).toMatchObject({ outcome: 'accepted' });
});

test('W14, W19: who takes over a Worker at rest hears of what its former host still writes', async () => {
  const log = { ...sharedLog(inMemoryLog()), durability: 'sync' as const };
  await using cluster = scriptedCluster({ log });
  const [owner, heir] = [await cluster.host({ log }), await cluster.host({ log })];
  owner.backend.on('spawn', () => connected({ capabilities: { ...able, recover: false } }));
  const worker = await owner.idle();
  await owner.backend.publisher().disconnect({ kind: 'code', value: 0 });
  await until(cluster, async () => (await owner.view(worker)).status === 'unconnected');
  owner.pause();
  const taken = () => heir.logger.lines.some(({ message }) => message === 'took a Worker over');
  await until(cluster, taken);
  const stopping = owner.runtime.execute({ type: 'stop', worker });
  // Its append is refused, and then it waits to be told whose the Worker is.
  await until(cluster, () => owner.logger.lines.some(({ message }) => message === 'append failed'));
  owner.resume();
  expect(await told(cluster, stopping)).toMatchObject({ outcome: 'accepted', end: 'stopped' });
  expect(await heir.view(worker)).toMatchObject({ status: 'stopped' });
});
