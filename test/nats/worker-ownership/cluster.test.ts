import { expect, onTestFinished, test, vi } from 'vitest';

import { workerIdOf } from '../../support/heads.js';
import { jetStreamHost } from '../../support/jetstream-ownership.js';
import type { JetStreamHost } from '../../support/jetstream-ownership.js';
import { natsCluster, natsPrograms } from '../../support/nats-server.js';

const { isHere } = natsPrograms['newer-nats-server'];
const limitMs = 240_000;
/** Longer than a cluster takes to agree on who leads. */
const leaseMs = 45_000;
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 90_000, interval: 100 });

test.runIf(isHere)(
  'of three servers any one is killed: leases and owners stay, and of two hosts one takes a Worker [needs newer-nats-server]',
  async () => {
    const cluster = await natsCluster('newer-nats-server');
    onTestFinished(() => cluster[Symbol.asyncDispose]());
    const entered = async (): Promise<JetStreamHost> => {
      const host = await jetStreamHost(cluster.addresses, { leaseMs, replicas: 3 });
      await host.enter();
      return host;
    };
    const hosts = [await until(entered), await until(entered)] as const;
    const [one, other] = hosts;
    const owners = new Map<string, string | undefined>();
    const race = async (n: number): Promise<void> => {
      const takes = () => hosts.map(({ ownership }) => ownership.take(workerIdOf(n)));
      const answers = await until(async () => Promise.all(takes()));
      expect(answers[0]).toEqual(answers[1]);
      owners.set(workerIdOf(n), answers[0]?.hostId);
    };
    for (let n = 1; n <= 20; n += 1) await race(n);
    for (const [index, server] of cluster.servers.entries()) {
      await server.kill();
      for (let n = 1; n <= 20; n += 1) await race(100 * (index + 1) + n);
      await server.start();
    }
    for (const [workerId, hostId] of owners) {
      const owner = await until(() =>
        one.ownership.ownerOf(workerId as ReturnType<typeof workerIdOf>, new AbortController()),
      );
      expect(owner).toEqual({ hostId, isGone: false });
    }
    expect([one.losses, other.losses, one.offered, other.offered]).toEqual([0, 0, [], []]);
    await one.ownership[Symbol.asyncDispose]();
    const ones = [...owners].filter(([, hostId]) => hostId === one.id).map(([workerId]) => workerId);
    await until(() => expect([...other.taken].sort()).toEqual(ones.sort()));
  },
  limitMs,
);
