import { expect, test, vi } from 'vitest';

import { call } from '../../support/log-session.js';
import { expectAccepted, runtimeId } from '../../support/runtime.js';
import { accepted, able } from '../../support/scripted-backend.js';
import { leaseMs, scriptedCluster, told } from '../../support/scripted-cluster.js';

const key = { idempotencyKey: 'one' };
const idOf = (outcome: unknown) => expectAccepted(outcome as { outcome: 'accepted'; worker: { workerId: string } });

test('W5: a create with a key makes one Worker, whichever host is asked with it', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  const first = await one.create(key);
  const second = await two.create(key);
  expect(idOf(second).worker.workerId).toBe(idOf(first).worker.workerId);
  expect(await two.create({ ...key, displayName: 'other' })).toEqual({
    outcome: 'rejected',
    code: 'worker-conflict',
  });
  expect(two.backend.calls).toEqual([]);
  const list = await two.runtime.read({ type: 'workers', runtimeId });
  expect(list).toMatchObject({ workers: [{}] });
});

test('W5: creates with one key that are under way at several hosts at once make one Worker', async () => {
  await using cluster = scriptedCluster();
  const hosts = [await cluster.host(), await cluster.host(), await cluster.host()];
  const created = await Promise.all([...hosts, ...hosts, ...hosts].map((host) => host.create(key)));
  expect(new Set(created.map((outcome) => idOf(outcome).worker.workerId)).size).toBe(1);
  expect(hosts.flatMap(({ backend }) => backend.callsOf('spawn'))).toHaveLength(1);
});

test('W5: a key whose create came to nothing is free at every host', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  one.backend.on('spawn', () => ({ outcome: 'busy' }));
  expect(await one.create(key)).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
  expect(await two.create(key)).toMatchObject({ outcome: 'accepted' });
  expect(await one.create(key)).toMatchObject({ outcome: 'accepted' });
  expect(two.backend.callsOf('spawn')).toHaveLength(1);
});

test('W5: a key whose create comes to nothing while another host asks for its Worker is free for that one', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  let refuse = (): void => undefined;
  const refusal = new Promise<void>((resolve) => (refuse = resolve));
  one.backend.on('spawn', async () => {
    await refusal;
    return { outcome: 'busy' };
  });
  const refused = one.create(key);
  await one.backend.next('spawn');
  const claimKey = two.ownership.claimKey.bind(two.ownership);
  const claimed = vi.spyOn(two.ownership, 'claimKey').mockImplementationOnce(async (...claim) => {
    const by = await claimKey(...claim);
    refuse();
    expect(await refused).toMatchObject({ outcome: 'rejected', code: 'backend-unavailable' });
    // Nothing of it is left, nor of whose it was.
    await vi.waitFor(async () => expect(await cluster.log.head(by, call)).toBeUndefined());
    return by;
  });
  const created = two.create(key);
  await vi.waitFor(() => expect(claimed).toHaveResolved());
  expect(await told(cluster, created)).toMatchObject({ outcome: 'accepted' });
  expect(claimed).toHaveBeenCalledTimes(2);
});

test('W5: a key outlives the host that was asked with it', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  two.backend.on('recover', () => ({ outcome: 'adopted', capabilities: able }));
  const first = await one.create(key);
  await one[Symbol.asyncDispose]();
  await cluster.clock.advance(leaseMs);
  expect(idOf(await two.create(key)).worker.workerId).toBe(idOf(first).worker.workerId);
  expect(two.backend.callsOf('spawn')).toEqual([]);
});

test('W5: the key of a Worker that was deleted is kept, at every host', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  const { workerId } = idOf(await one.create(key)).worker;
  const worker = { runtimeId, workerId: workerId as never };
  expect(await two.runtime.execute({ type: 'stop', worker })).toMatchObject({ outcome: 'accepted' });
  expect(await two.runtime.execute({ type: 'delete', worker })).toEqual({ outcome: 'accepted' });
  const again = await one.create(key);
  expect(again.outcome).toBe('rejected');
  expect(await two.create(key)).toEqual(again);
});

test('a create with a first input answers when its input is accepted, and what is refused is refused at every host', async () => {
  await using cluster = scriptedCluster();
  const [one] = [await cluster.host(), await cluster.host()];
  const created = one.create({ input: { parts: [{ type: 'text', text: 'go' }] } });
  (await one.backend.next('dispatch')).answer(accepted);
  expect(await created).toMatchObject({ outcome: 'accepted', worker: { status: 'busy' } });
  expect(await one.create({ profile: 'nobody' })).toEqual({ outcome: 'rejected', code: 'profile-unknown' });
});

test('a create at a host that is apart from the others is refused, and leaves nothing', async () => {
  await using cluster = scriptedCluster();
  const [one, two] = [await cluster.host(), await cluster.host()];
  one.cut();
  expect(await one.create()).toMatchObject({ outcome: 'errored', code: 'log-unavailable' });
  expect(one.backend.calls).toEqual([]);
  expect(await two.runtime.read({ type: 'workers', runtimeId })).toMatchObject({ workers: [] });
});
