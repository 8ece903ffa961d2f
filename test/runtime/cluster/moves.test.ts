import { expect, test } from 'vitest';

import { judge } from '../../support/log-rules.js';
import { framesOf, inputId, observeUntil, isType, runtimeId } from '../../support/runtime.js';
import { able, accepted, connected, delta, runEnded } from '../../support/scripted-backend.js';
import { leaseMs, scriptedCluster, until } from '../../support/scripted-cluster.js';
import type { ScriptedHost } from '../../support/scripted-cluster.js';

const adopted = { outcome: 'adopted', capabilities: able, taken: true } as const;

const isAsked = (host: ScriptedHost, method: 'recover' | 'stop') => () => host.backend.callsOf(method).length > 0;

test('R1, R2: the Workers of a host that is gone are taken over within two leases, and its runs go on', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  heir.backend.on('recover', () => adopted);
  const { worker, id } = await owner.busy();
  await owner.backend.publisher().publish(delta('before', id));
  const frames = framesOf(heir.runtime, worker, 'start');
  const goneAt = cluster.clock.now();
  owner.pause();
  await until(cluster, isAsked(heir, 'recover'));
  expect(cluster.clock.now() - goneAt).toBeLessThanOrEqual(2 * leaseMs);
  const { request } = await heir.backend.next('recover');
  expect(request).toMatchObject({ handle: { generation: 2 }, position: { generation: 1 }, inputId: id });
  await heir.backend.publisher().publish(runEnded(id));
  const seen: number[] = [];
  while (heir.backend.calls.length > 0) {
    const { value, done } = await frames.next();
    if (done || value.type !== 'events') continue;
    seen.push(...value.observations.map(({ sequence }) => sequence));
    if (value.observations.some(isType('input-ended'))) break;
  }
  expect(seen).toEqual(seen.map((_, index) => index + 1));
  expect(await heir.view(worker)).toMatchObject({ status: 'idle' });
  await frames.return?.();
});

test('W19, E6: a host that was stopped and goes on writes nothing of a Worker that has moved, and ends what it ran', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  heir.backend.on('recover', () => adopted);
  const { worker, id } = await owner.busy();
  const stale = owner.backend.publisher();
  owner.pause();
  await until(cluster, isAsked(heir, 'recover'));
  await until(cluster, async () => (await heir.view(worker)).status === 'busy');
  owner.resume();
  const late = await stale.publish(delta('late', id));
  expect(late).toMatchObject({ outcome: 'refused' });
  await until(cluster, isAsked(owner, 'stop'));
  expect(owner.backend.callsOf('stop')[0]).toMatchObject({ generation: 1, request: { graceMs: 0 } });
  await heir.backend.publisher().publish(runEnded(id));
  expect(await heir.story(worker)).not.toContain('text-delta late');
  judge(await heir.log(worker));
  // The former owner is one more host among the others now.
  const again = owner.input(worker);
  (await heir.backend.next('dispatch')).answer(accepted);
  expect(await again).toMatchObject({ outcome: 'accepted' });
});

test('a host that lost its lease leaves what can be recovered until somebody has, and ends what cannot', async () => {
  await using cluster = scriptedCluster();
  const owner = await cluster.host();
  const { worker: kept } = await owner.busy();
  owner.backend.on('spawn', () => connected({ capabilities: { ...able, recover: false } }));
  const { worker: ended } = await owner.busy();
  owner.backend.on('recover', () => adopted);
  owner.endLease();
  await until(cluster, isAsked(owner, 'stop'));
  expect(owner.backend.callsOf('stop').map(({ workerId }) => workerId)).toEqual([ended.workerId]);
  await until(cluster, async () => (await owner.view(kept)).status === 'busy');
  const stopsOfKept = () => owner.backend.callsOf('stop').filter(({ workerId }) => workerId === kept.workerId);
  await until(cluster, () => stopsOfKept().length > 0);
  expect(stopsOfKept()[0]).toMatchObject({ generation: 1 });
  expect(await owner.view(ended)).toMatchObject({ status: 'unconnected' });
});

test('R2, W19: a host that drains after its lease has ended ends nothing that another one is to recover', async () => {
  await using cluster = scriptedCluster();
  const owner = await cluster.host();
  const { worker } = await owner.busy();
  owner.endLease();
  await until(cluster, async () => (await owner.runtime.read({ type: 'workers', runtimeId })).outcome === 'answered');
  await owner.runtime.drain();
  await cluster.clock.advance(3 * leaseMs);
  const heir = await cluster.host();
  heir.backend.on('recover', () => adopted);
  await until(cluster, isAsked(heir, 'recover'), 60_000);
  expect(owner.backend.callsOf('stop')).toEqual([]);
  await until(cluster, async () => (await heir.view(worker)).status === 'busy');
});

test('W8: an input that was being dispatched as its host went is once, and who asked is told', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir, asker] = [await cluster.host(), await cluster.host(), await cluster.host()];
  const worker = await owner.idle();
  const id = inputId();
  const asked = asker.input(worker, id);
  await owner.backend.next('dispatch');
  for (const { backend } of [heir, asker]) backend.on('recover', () => adopted);
  owner.pause();
  const recovered = () => [heir, asker].some(({ backend }) => backend.callsOf('recover').length > 0);
  await until(cluster, recovered);
  let told: unknown;
  void asked.then((outcome) => (told = outcome));
  await until(cluster, () => told !== undefined, 60_000);
  expect(told).toSatisfy(
    (outcome: { outcome: string }) => outcome.outcome === 'accepted' || outcome.outcome === 'rejected',
  );
  const log = await heir.log(worker);
  expect(log.filter(isType('input-accepted')).length).toBeLessThanOrEqual(1);
  judge(log);
});

test('W18: a host that drains hands each Worker over as it rests; what is asked of one meanwhile is answered by the next', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  const idle = await owner.idle();
  const { worker: busy, id } = await owner.busy();
  const spared = owner.backend.publisher(busy.workerId);
  heir.backend.on('recover', () => adopted);
  const drained = owner.runtime.drain();
  await until(cluster, () => heir.backend.callsOf('recover').some(({ workerId }) => workerId === idle.workerId));
  expect(heir.backend.callsOf('recover').map(({ workerId }) => workerId)).toEqual([idle.workerId]);
  const input = heir.input(busy);
  await spared.publish(runEnded(id));
  await drained;
  await until(cluster, () => heir.backend.callsOf('dispatch').length > 0);
  (await heir.backend.next('dispatch')).answer(accepted);
  expect(await input).toMatchObject({ outcome: 'accepted' });
  expect(owner.backend.callsOf('stop')).toEqual([]);
  judge(await heir.log(busy));
});

test('a host that ends leaves its Workers to the others at once', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  heir.backend.on('recover', () => adopted);
  const worker = await owner.idle();
  await owner[Symbol.asyncDispose]();
  const endedAt = cluster.clock.now();
  await until(cluster, isAsked(heir, 'recover'));
  expect(cluster.clock.now() - endedAt).toBeLessThan(leaseMs);
  expect((await heir.view(worker)).status).toMatch(/idle|connecting/u);
});

test('a host that is apart from the others answers log-unavailable, and its callers are told in time', async () => {
  await using cluster = scriptedCluster();
  const [owner, heir] = [await cluster.host(), await cluster.host()];
  const worker = await heir.idle();
  owner.cut();
  let told: unknown;
  void owner.input(worker).then((outcome) => (told = outcome));
  await until(cluster, () => told !== undefined);
  expect(told).toMatchObject({ outcome: 'errored', code: 'log-unavailable', executed: 'no' });
  expect(heir.backend.callsOf('dispatch')).toEqual([]);
});

test('a Worker whose owner is gone is taken by whoever is asked for it', async () => {
  await using cluster = scriptedCluster();
  const owner = await cluster.host();
  const worker = await owner.idle();
  await owner[Symbol.asyncDispose]();
  const heir = await cluster.host();
  heir.backend.on('recover', () => adopted);
  expect(await heir.input(worker)).toEqual({ outcome: 'rejected', code: 'worker-connecting' });
  await until(cluster, async () => (await heir.view(worker)).status === 'idle');
  const input = heir.input(worker);
  (await heir.backend.next('dispatch')).answer(accepted);
  expect(await input).toMatchObject({ outcome: 'accepted' });
  expect(await observeUntil(heir.runtime, worker, isType('input-accepted'))).toHaveLength(
    (await heir.log(worker)).length,
  );
});
