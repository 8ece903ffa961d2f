import { expect, test, vi } from 'vitest';

import { workerIdOf } from '../../support/heads.js';
import { beatsIn, jetStreamHost, natsConnectionTo, serverOfTest } from '../../support/jetstream-ownership.js';
import type { JetStreamHost } from '../../support/jetstream-ownership.js';
import { natsPrograms } from '../../support/nats-server.js';

const { isHere } = natsPrograms['nats-server'];
const limitMs = 120_000;
const name = 'test';
/** Nothing else goes on meanwhile. */
const calmMs = 60_000;
const count = 50;
const workers = Array.from({ length: count }, (_, index) => workerIdOf(index + 1));
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 40_000, interval: 10 });

async function entered(address: string, leaseMs = calmMs): Promise<JetStreamHost> {
  const host = await jetStreamHost(address, { name, leaseMs });
  await host.enter();
  return host;
}

/** Messages to the engine and from it, for each of `count`. */
async function cost(hosts: readonly JetStreamHost[], work: () => Promise<unknown>): Promise<number> {
  const sum = () => hosts.reduce((total, { steered }) => total + steered.count(), 0);
  const before = sum();
  await work();
  return (sum() - before) / count;
}

test.runIf(isHere)(
  'what owning a Worker costs is counted, and does not grow with the number of hosts [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const one = await entered(server.address);
    const bystanders = [await entered(server.address), await entered(server.address), await entered(server.address)];
    await until(() => expect(one.ownership.hosts()).toHaveLength(4));
    const all = [one, ...bystanders];
    const each = async (work: (index: number) => Promise<unknown>) => {
      for (const index of workers.keys()) await work(index);
    };
    const costs = {
      takeNew: await cost(all, () => each((index) => one.ownership.take(workers[index]!))),
      takeOwn: await cost(all, () => each((index) => one.ownership.take(workers[index]!))),
      takeOthers: await cost(all, () => each((index) => bystanders[0]!.ownership.take(workers[index]!))),
      ownerOf: await cost(all, () => each((index) => one.ownership.ownerOf(workers[index]!, new AbortController()))),
      releaseAndMove: await cost(all, async () => {
        await each((index) => one.ownership.release(workers[index]!));
        await until(() => expect(bystanders.flatMap(({ taken }) => taken)).toHaveLength(count));
      }),
    };
    expect(costs.takeNew).toBeCloseTo(6, 0);
    expect(costs.takeOwn).toBeCloseTo(2, 0);
    expect(costs.takeOthers).toBeCloseTo(2, 0);
    expect(costs.ownerOf).toBeCloseTo(2, 0);
    // To the engine: read, write; tell, be told; read, write, write, remove.
    expect(costs.releaseAndMove).toBeLessThanOrEqual(17);
  },
  limitMs,
);

test.runIf(isHere)(
  'what a renewal costs is counted: one request, and three hosts that hear of it [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const leaseMs = 3_000;
    const watcher = await natsConnectionTo([server.address]);
    const hosts = await Promise.all(Array.from({ length: 6 }, () => entered(server.address, leaseMs)));
    await until(() => {
      for (const host of hosts) expect(host.ownership.hosts()).toHaveLength(6);
    });
    const beats = beatsIn(watcher, name);
    const heard = () => [...beats.values()].reduce((sum, times) => sum + times.length, 0);
    await until(() => expect(heard()).toBeGreaterThan(6));
    const kindly = (kind: string) => hosts.reduce((sum, { steered }) => sum + (steered.counts.get(kind) ?? 0), 0);
    const [said, sent, seen] = [heard(), kindly('sent $KV.test-beats.*'), kindly('got test.said-beats.*')];
    await until(() => expect(heard()).toBeGreaterThan(said + 60));
    const beatCount = heard() - said;
    expect((kindly('sent $KV.test-beats.*') - sent) / beatCount).toBeCloseTo(1, 0);
    expect((kindly('got test.said-beats.*') - seen) / beatCount).toBeCloseTo(3, 0);
  },
  limitMs,
);

test.runIf(isHere)(
  'who has heard of each host reads of none of them again [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const one = await entered(server.address, 2_000);
    const asked: number[] = [];
    one.steered.steer((subject, data) => {
      const isNext = subject.includes('members') && data.includes('next_by_subj');
      if (isNext) asked.push((JSON.parse(data) as { readonly seq: number }).seq);
      return 'passes';
    });
    const others = 20;
    for (let index = 0; index < others; index += 1) await entered(server.address);
    await until(() => expect(one.ownership.hosts()).toHaveLength(others + 1));
    const before = asked.length;
    await until(() => expect(asked.length).toBeGreaterThanOrEqual(before + 3));
    // One may have been under way as the last of them entered.
    expect(Math.min(...asked.slice(before + 1))).toBe(others + 2);
  },
  limitMs,
);

test.runIf(isHere)(
  'what a Worker costs whose host has left is counted [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const one = await entered(server.address);
    const others = [await entered(server.address), await entered(server.address), await entered(server.address)];
    await until(() => {
      for (const host of others) expect(host.ownership.hosts()).toHaveLength(4);
    });
    for (const worker of workers) await one.ownership.take(worker);
    const moved = await cost(others, async () => {
      await one.ownership[Symbol.asyncDispose]();
      await until(() => expect(others.flatMap(({ taken }) => taken)).toHaveLength(count));
    });
    // Listed and read; taken with a read, two writes and a removal. Others may look at some as well.
    expect(moved).toBeLessThanOrEqual(17);
  },
  limitMs,
);
