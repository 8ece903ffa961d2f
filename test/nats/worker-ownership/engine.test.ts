import { expect, test, vi } from 'vitest';

import { workerIdOf } from '../../support/heads.js';
import { beatsIn, jetStreamHost, keptIn, natsConnectionTo, serverOfTest } from '../../support/jetstream-ownership.js';
import type { JetStreamHost } from '../../support/jetstream-ownership.js';
import { call } from '../../support/log-session.js';
import { natsPrograms } from '../../support/nats-server.js';

const { isHere } = natsPrograms['nats-server'];
const limitMs = 120_000;
const name = 'test';
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 40_000, interval: 10 });
const all = Array.from({ length: 20 }, (_, index) => workerIdOf(index + 1));

async function entered(address: string, leaseMs: number): Promise<JetStreamHost> {
  const host = await jetStreamHost(address, { name, leaseMs });
  await host.enter();
  return host;
}

test.runIf(isHere)(
  'leases survive a server that is killed and comes back within them, and with them everything [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const leaseMs = 15_000;
    const watcher = await natsConnectionTo([server.address]);
    const beats = beatsIn(watcher, name);
    const [one, other] = [await entered(server.address, leaseMs), await entered(server.address, leaseMs)];
    for (const worker of all) await one.ownership.take(worker);
    await server.kill();
    const waiting = one.ownership.take(workerIdOf(99));
    await server.start();
    expect(await waiting).toEqual({ hostId: one.id, isGone: false });
    const since = new Map([...beats].map(([id, times]) => [id, times.length]));
    await until(() => {
      for (const { id } of [one, other]) expect(beats.get(id)?.length).toBeGreaterThan((since.get(id) ?? 0) + 1);
    });
    expect([one.losses, other.losses, one.offered, other.offered]).toEqual([0, 0, [], []]);
    for (const worker of all) {
      expect(await other.ownership.ownerOf(worker, call)).toEqual({ hostId: one.id, isGone: false });
    }
    await one.ownership[Symbol.asyncDispose]();
    await until(() => expect([...other.taken].sort()).toEqual([...all, workerIdOf(99)].sort()));
  },
  limitMs,
);

test.runIf(isHere)(
  'where the server is away for longer every lease is lost, and what was owned is offered when it is back [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const leaseMs = 1_500;
    const [one, other] = [await entered(server.address, leaseMs), await entered(server.address, leaseMs)];
    for (const worker of all) await one.ownership.take(worker);
    const former = [one.id, other.id];
    await server.kill();
    await until(() => expect([one.losses, other.losses]).toEqual([1, 1]));
    await expect(one.ownership.take(workerIdOf(99))).rejects.toThrow();
    await server.start();
    await until(() => expect([one.ids.length, other.ids.length]).toEqual([2, 2]));
    await until(() => expect([...one.taken, ...other.taken].sort()).toEqual(all));
    for (const worker of all) {
      const owner = await one.ownership.ownerOf(worker, call);
      expect(owner?.hostId).toBe(one.taken.includes(worker) ? one.id : other.id);
    }
    await until(() => expect([...one.ownership.hosts()].sort()).toEqual([one.id, other.id].sort()));
    await until(() => {
      for (const id of former) expect(other.ownership.hosts()).not.toContain(id);
    });
  },
  limitMs,
);

test.runIf(isHere)(
  'what the server does not answer is rejected in time, and says nothing of what it did [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const one = await entered(server.address, 60_000);
    await one.ownership.take(workerIdOf(1));
    server.pause();
    // It may still have answered what came before it stopped.
    await until(() => expect(one.ownership.ownerOf(workerIdOf(1), call)).rejects.toThrow());
    const startedAt = performance.now();
    const asked = await Promise.allSettled([
      one.ownership.take(workerIdOf(2)),
      one.ownership.ownerOf(workerIdOf(1), call),
      one.ownership.claimKey('key', workerIdOf(1)),
      one.ownership.forget(workerIdOf(1)),
    ]);
    expect(asked.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected', 'rejected']);
    expect(performance.now() - startedAt).toBeLessThan(40_000);
    server.resume();
    expect(await until(() => one.ownership.take(workerIdOf(2)))).toEqual({ hostId: one.id, isGone: false });
    expect(one.losses).toBe(0);
  },
  limitMs,
);

test.runIf(isHere)(
  'a message whose answer is lost is done once: a renewal, a take, a release, a key [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const watcher = await natsConnectionTo([server.address]);
    const beats = beatsIn(watcher, name);
    const [one, other] = [await entered(server.address, 3_000), await entered(server.address, 3_000)];
    const lost = new Set<string>();
    for (const { steered } of [one, other]) {
      steered.steer((subject) => {
        const isOnce = subject.startsWith('$KV.') && !lost.has(subject);
        lost.add(subject);
        return isOnce ? 'unanswered' : 'passes';
      });
    }
    expect(await one.ownership.take(workerIdOf(1))).toEqual({ hostId: one.id, isGone: false });
    expect(await one.ownership.claimKey('key', workerIdOf(1))).toBe(workerIdOf(1));
    expect(await other.ownership.claimKey('key', workerIdOf(2))).toBe(workerIdOf(1));
    lost.clear();
    await one.ownership.release(workerIdOf(1));
    await until(() => expect(other.taken).toEqual([workerIdOf(1)]));
    const since = beats.get(one.id)?.length ?? 0;
    await until(() => expect(beats.get(one.id)?.length).toBeGreaterThan(since + 3));
    expect([one.losses, other.losses]).toEqual([0, 0]);
    const kept = await keptIn(watcher, `${name}-owners`);
    expect(kept).toEqual([`held.${other.id}.${workerIdOf(1)}`, `worker.${workerIdOf(1)}`]);
  },
  limitMs,
);

test.runIf(isHere)(
  'a release is told at once, and one of which nobody was told is found when its host leaves [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const [one, other] = [await entered(server.address, 60_000), await entered(server.address, 60_000)];
    await until(() => expect(one.ownership.hosts()).toContain(other.id));
    const told = workerIdOf(99);
    await one.ownership.take(told);
    await one.ownership.release(told);
    await until(() => expect(other.taken).toEqual([told]));
    one.steered.steer((subject) => (subject.includes('.orphan.') ? 'unsent' : 'passes'));
    for (const worker of all) await one.ownership.take(worker);
    for (const worker of all) await one.ownership.release(worker);
    expect(await other.ownership.ownerOf(workerIdOf(1), call)).toEqual({ isGone: true });
    expect(other.offered).toEqual([told]);
    await one.ownership[Symbol.asyncDispose]();
    await until(() => expect([...other.taken].sort()).toEqual([...all, told]));
  },
  limitMs,
);

test.runIf(isHere)(
  'what a host has taken as its lease ended is offered: not known to it, or written after all else was seen to [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const watcher = await natsConnectionTo([server.address]);
    const [one, other] = [await entered(server.address, 1_500), await entered(server.address, 1_500)];
    const former = one.id;
    const [unknown, late] = [workerIdOf(1), workerIdOf(2)];
    let isWritten = false;
    one.steered.steer((subject) => {
      if (isWritten) return 'unsent';
      isWritten = subject.endsWith(`.worker.${unknown}`);
      return isWritten ? 'unanswered' : 'passes';
    });
    const asked = one.ownership.take(unknown).catch((cause: unknown) => cause);
    await until(async () => expect(await keptIn(watcher, `${name}-owners`)).toContain(`worker.${unknown}`));
    one.cut();
    expect(await asked).toBeInstanceOf(Error);
    await until(() => expect(other.taken).toEqual([unknown]));
    await until(async () => expect(await keptIn(watcher, `${name}-members`)).toEqual([other.id]));
    const write = async (key: string, value: string): Promise<number> => {
      const { data } = await watcher.request(`$KV.${name}-owners.${key}`, value, { timeoutMs: 5_000 });
      return (JSON.parse(new TextDecoder().decode(data)) as { readonly seq: number }).seq;
    };
    const held = await write(`held.${former}.${late}`, '');
    await write(`worker.${late}`, JSON.stringify({ hostId: former, held }));
    expect(await other.ownership.ownerOf(late, call)).toEqual({ hostId: former, isGone: true });
    one.steered.steer(() => 'passes');
    one.join();
    await until(() => expect([...one.taken, ...other.taken].sort()).toEqual([unknown, late]));
    await until(async () => expect(await keptIn(watcher, `${name}-members`)).toEqual([one.id, other.id].sort()));
  },
  limitMs,
);

test.runIf(isHere)(
  'a host that was cut off for a while knows of nobody that has come and gone meanwhile [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const watcher = await natsConnectionTo([server.address]);
    const [one, other] = [await entered(server.address, 120_000), await entered(server.address, 1_500)];
    const gone = await entered(server.address, 1_500);
    await gone.ownership.take(workerIdOf(1));
    await until(() => expect(one.ownership.hosts()).toHaveLength(3));
    one.cut();
    await gone.ownership[Symbol.asyncDispose]();
    await until(() => expect(other.taken).toEqual([workerIdOf(1)]));
    await until(async () => expect(await keptIn(watcher, `${name}-members`)).toHaveLength(2));
    expect(one.ownership.hosts()).toContain(gone.id);
    one.join();
    const known = () => expect([...one.ownership.hosts()].sort()).toEqual([one.id, other.id].sort());
    await vi.waitFor(known, { timeout: 12_000 });
  },
  limitMs,
);

test.runIf(isHere)(
  'hosts that are told of no change look for it: who has come and who has gone [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const deaf = await entered(server.address, 2_000);
    deaf.steered.deafen((subject) => subject.includes('.said-'));
    const one = await entered(server.address, 2_000);
    await until(() => expect([...deaf.ownership.hosts()].sort()).toEqual([deaf.id, one.id].sort()));
    for (const worker of all) await one.ownership.take(worker);
    await one.ownership[Symbol.asyncDispose]();
    await until(() => expect([...deaf.taken].sort()).toEqual(all));
    expect(deaf.ownership.hosts()).toEqual([deaf.id]);
    const two = await entered(server.address, 2_000);
    await two.ownership.take(workerIdOf(99));
    await until(() => expect(deaf.ownership.hosts()).toContain(two.id));
    two.cut();
    await until(() => expect(deaf.taken).toContain(workerIdOf(99)));
  },
  limitMs,
);
