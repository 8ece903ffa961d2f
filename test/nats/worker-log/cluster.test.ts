import { expect, test } from 'vitest';

import { Sequence } from '../../../src/domain/ids.js';
import { workerIdOf } from '../../support/heads.js';
import { ask, connectionTo, everything, logOf, owner } from '../../support/jetstream-log.js';
import { call } from '../../support/log-session.js';
import { natsCluster, natsPrograms } from '../../support/nats-server.js';
import type { NatsCluster } from '../../support/nats-server.js';
import { encodedNotices, inputIdOf } from '../../support/observations.js';

const limitMs = 240_000;
const patient = { timeout: 60_000, interval: 250 };
const [newer, older] = [natsPrograms['newer-nats-server'], natsPrograms['nats-server']];

/** A cluster that takes a stream with three replicas. */
async function opened(cluster: NatsCluster) {
  const log = logOf({ servers: cluster.addresses, replicas: 3 });
  const open = () => log.open?.().then(() => 'open', String);
  await expect.poll(open, patient).toBe('open');
  return log;
}

async function leaderOf(connection: Awaited<ReturnType<typeof connectionTo>>): Promise<number> {
  let leader = '';
  const look = async () => {
    const info = (await ask(connection, 'STREAM.INFO.workport').catch(() => ({}))) as {
      readonly cluster?: { readonly leader?: string };
    };
    return (leader = info.cluster?.leader ?? '');
  };
  await expect.poll(look, patient).toMatch(/^server-\d$/);
  return Number(leader.slice('server-'.length));
}

test.runIf(newer.isHere)(
  'P4, W19: of three servers the leader is killed under appends: nothing that was answered is lost, and nobody forks [needs newer-nats-server]',
  async () => {
    await using cluster = await natsCluster('newer-nats-server');
    const log = await opened(cluster);
    const connection = await connectionTo(cluster.addresses);
    const workers = [1, 2, 3].map((n) => ({ workerId: workerIdOf(n), ...owner(log, workerIdOf(n)) }));
    const followed: unknown[] = [];
    const leaving = new AbortController();
    await workers[0]?.append(1);
    const reading = (async () => {
      for await (const page of log.follow(workerIdOf(1), Sequence(0), leaving)) followed.push(...page.observations);
    })();
    let failure: unknown;
    reading.catch((cause: unknown) => (failure = cause));
    let isOver = false;
    const writing = workers.map(async ({ append, look, state }) => {
      while (!isOver) {
        const result = await append(1, [{ inputId: inputIdOf(state.revision), digest: 'd', state: 'unknown' }]);
        expect(result).not.toBe('conflict');
        if (result === 'unknown') await expect.poll(() => look().then(() => 'read', String), patient).toBe('read');
      }
    });
    const grown = async (by: number): Promise<void> => {
      const goal = workers.map(({ state }) => state.last + by);
      const isThere = () => workers.every(({ state }, index) => state.last >= (goal[index] ?? 0));
      await expect.poll(isThere, patient).toBe(true);
    };
    for (let round = 0; round < 2; round += 1) {
      await grown(30);
      const leader = cluster.servers[await leaderOf(connection)];
      await leader?.kill();
      await grown(30);
      await leader?.start();
    }
    isOver = true;
    await Promise.all(writing);
    const other = logOf({ servers: cluster.addresses });
    for (const { workerId, state } of workers) {
      expect(await everything(other, workerId)).toEqual(encodedNotices(1, state.last));
      expect(await other.head(workerId, call)).toMatchObject({ sequence: state.last, revision: state.revision });
      expect(await other.input(workerId, inputIdOf(5), call)).toMatchObject({ state: 'unknown' });
    }
    const { last } = workers[0]?.state ?? { last: 0 };
    await expect.poll(() => followed.length, patient).toBe(last);
    expect(failure).toBeUndefined();
    expect(followed).toEqual(encodedNotices(1, last));
    leaving.abort(new Error('left'));
  },
  limitMs,
);

test.runIf(newer.isHere)(
  'W19: of hosts at different servers that append after the same record exactly one is told so [needs newer-nats-server]',
  async () => {
    await using cluster = await natsCluster('newer-nats-server');
    await opened(cluster);
    const hosts = cluster.addresses.map((address) => logOf({ servers: [address] }));
    const worker = workerIdOf(1);
    for (let round = 0; round < 60; round += 1) {
      const owners = hosts.map((log) => owner(log, worker));
      for (const { look } of owners) await look();
      const results = await Promise.all(owners.map(({ append }) => append(1)));
      expect(
        results.filter((result) => result === 'appended'),
        `round ${round}: ${results.join()}`,
      ).toHaveLength(1);
      for (const { look, state } of owners) {
        await look();
        expect(state.last).toBe(round + 1);
      }
    }
    for (const log of hosts) expect(await everything(log, worker)).toEqual(encodedNotices(1, 60));
  },
  limitMs,
);

test.runIf(older.isHere)(
  'W19: a cluster whose servers let several appends follow one record is refused [needs nats-server]',
  async () => {
    await using cluster = await natsCluster('nats-server');
    const log = logOf({ servers: cluster.addresses, replicas: 3 });
    await expect(log.open?.()).rejects.toMatchObject({
      problem: 'too-old',
      message: expect.stringMatching(/update it/),
    });
  },
  limitMs,
);

test.runIf(older.isHere)(
  'W19: so is a replicated stream that is there already on such a cluster [needs nats-server]',
  async () => {
    await using cluster = await natsCluster('nats-server');
    const connection = await connectionTo(cluster.addresses);
    const logs = cluster.addresses;
    const one = logOf({ servers: logs, name: 'single' });
    await expect.poll(() => one.open?.().then(() => 'open', String), patient).toBe('open');
    const { config } = (await ask(connection, 'STREAM.INFO.single')) as { readonly config: object };
    await ask(connection, 'STREAM.DELETE.single');
    await ask(connection, 'STREAM.CREATE.single', { ...config, num_replicas: 3 });
    await expect(logOf({ servers: logs, name: 'single' }).open?.()).rejects.toMatchObject({ problem: 'too-old' });
  },
  limitMs,
);
