import { expect, test, vi } from 'vitest';

import { workerIdOf } from '../../support/heads.js';
import { beatsIn, jetStreamHost, keptIn, natsConnectionTo, serverOfTest } from '../../support/jetstream-ownership.js';
import type { JetStreamHost } from '../../support/jetstream-ownership.js';
import { call } from '../../support/log-session.js';
import { natsPrograms } from '../../support/nats-server.js';
import { owningProcess } from '../../support/owning-process.js';
import type { OwningProcess } from '../../support/owning-process.js';

const { isHere } = natsPrograms['nats-server'];
const limitMs = 120_000;
const leaseMs = 2_000;
const name = 'test';
const until = <T>(check: () => T | Promise<T>): Promise<T> => vi.waitFor(check, { timeout: 40_000, interval: 10 });
const all = Array.from({ length: 30 }, (_, index) => workerIdOf(index + 1));

async function entered(address: string): Promise<JetStreamHost> {
  const host = await jetStreamHost(address, { name, leaseMs });
  await host.enter();
  return host;
}

const tookIn = ({ events }: OwningProcess) => events.filter(({ event }) => event === 'took');

test.runIf(isHere)(
  'the Workers of a host that is killed are offered once its lease is over, and not before [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const watcher = await natsConnectionTo([server.address]);
    const others = await Promise.all([entered(server.address), entered(server.address)]);
    const beats = beatsIn(watcher, name);
    const lost = await owningProcess(server.address, name, leaseMs);
    for (const worker of all) lost.take(worker);
    await until(() => expect(tookIn(lost)).toHaveLength(all.length));
    const firsts: number[] = [];
    for (const host of others) {
      host.onOffer(async (worker) => {
        firsts.push(performance.now());
        await host.ownership.take(worker);
      });
    }
    await until(() => expect(beats.get(lost.id)?.length).toBeGreaterThan(1));
    await lost.kill();
    const killedAt = performance.now();
    const offers = () => others.flatMap(({ offered }) => offered);
    await until(() => expect(offers().length).toBeGreaterThanOrEqual(all.length));
    const first = Math.min(...firsts);
    const lastBeat =
      beats
        .get(lost.id)
        ?.filter((at) => at <= killedAt)
        .at(-1) ?? Infinity;
    expect(first - lastBeat).toBeGreaterThanOrEqual(leaseMs);
    expect(first - killedAt).toBeLessThan(2 * leaseMs + 5_000);
    await until(async () => {
      const owners = await Promise.all(all.map((worker) => others[0].ownership.ownerOf(worker, new AbortController())));
      for (const owner of owners) expect(others.map(({ id }) => id)).toContain(owner?.hostId);
    });
    expect(others.map(({ losses }) => losses)).toEqual([0, 0]);
    const present = others.map(({ id }) => String(id)).sort();
    await until(async () => expect(await keptIn(watcher, `${name}-members`)).toEqual(present));
    expect(await keptIn(watcher, `${name}-beats`)).toEqual(present);
    expect(await keptIn(watcher, `${name}-owners`)).toHaveLength(2 * all.length);
  },
  limitMs,
);

test.runIf(isHere)(
  'a host that was stopped for longer than its lease is told so before it takes anything, and enters under another id [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const other = await entered(server.address);
    const stopped = await owningProcess(server.address, name, leaseMs);
    for (const worker of all) stopped.take(worker);
    await until(() => expect(tookIn(stopped)).toHaveLength(all.length));
    stopped.stop();
    await until(() => expect([...other.taken].sort()).toEqual(all));
    const before = stopped.events.length;
    const late = Array.from({ length: 20 }, (_, index) => workerIdOf(100 + index));
    for (const worker of late) stopped.take(worker);
    stopped.goOn();
    await until(() => expect(stopped.events.some(({ event }, index) => event === 'entered' && index > 0)).toBe(true));
    const after = stopped.events.slice(before);
    const again = after.find(({ event }) => event === 'entered');
    expect(again?.hostId).not.toBe(stopped.id);
    expect(after.filter(({ event }) => event === 'lost')).toHaveLength(1);
    expect(after.findIndex(({ event }) => event === 'lost')).toBeLessThan(
      after.findIndex(({ event }) => event === 'entered'),
    );
    await until(() =>
      expect(
        stopped.events.slice(before).filter(({ workerId }) => workerId && late.includes(workerId)).length,
      ).toBeGreaterThanOrEqual(late.length),
    );
    expect(
      tookIn(stopped)
        .slice(all.length)
        .filter(({ hostId }) => hostId === stopped.id),
    ).toEqual([]);
    for (const worker of all) {
      expect(await other.ownership.ownerOf(worker, call)).toEqual({ hostId: other.id, isGone: false });
    }
    expect(other.losses).toBe(0);
  },
  limitMs,
);

test.runIf(isHere)(
  'a host that is stopped for less than its lease loses nothing [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const longMs = 6_000;
    const watcher = await natsConnectionTo([server.address]);
    const beats = beatsIn(watcher, name);
    const other = await jetStreamHost(server.address, { name, leaseMs: longMs });
    await other.enter();
    const stopped = await owningProcess(server.address, name, longMs);
    stopped.take(workerIdOf(1));
    await until(() => expect(tookIn(stopped)).toHaveLength(1));
    const seen = (id: string) => beats.get(id)?.length ?? 0;
    await until(() => expect(seen(stopped.id)).toBeGreaterThan(1));
    stopped.stop();
    const whileStopped = seen(other.id);
    await until(() => expect(seen(other.id)).toBeGreaterThan(whileStopped));
    stopped.goOn();
    const since = seen(stopped.id);
    await until(() => expect(seen(stopped.id)).toBeGreaterThan(since + 3));
    expect(stopped.events.map(({ event }) => event)).toEqual(['entered', 'took']);
    expect(other.offered).toEqual([]);
    expect(await other.ownership.ownerOf(workerIdOf(1), call)).toEqual({ hostId: stopped.id, isGone: false });
  },
  limitMs,
);

test.runIf(isHere)(
  'who was offered Workers and goes before it has taken them leaves them to another [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const [first, taker, last] = [
      await entered(server.address),
      await entered(server.address),
      await entered(server.address),
    ];
    for (const worker of all) await first.ownership.take(worker);
    let count = 0;
    taker.onOffer(async (worker) => {
      if ((count += 1) > 5) return taker.cut();
      await taker.ownership.take(worker);
    });
    last.onOffer(async (worker) => {
      if (count > 5) await last.ownership.take(worker);
    });
    await first.ownership[Symbol.asyncDispose]();
    await until(async () => {
      const owners = await Promise.all(all.map((worker) => last.ownership.ownerOf(worker, new AbortController())));
      expect(owners).toEqual(all.map(() => ({ hostId: last.id, isGone: false })));
    });
    expect(last.losses).toBe(0);
  },
  limitMs,
);

test.runIf(isHere)(
  'where many go at once who is left finds them all in a few leases [needs nats-server]',
  async () => {
    const server = await serverOfTest();
    const many = await Promise.all(Array.from({ length: 40 }, () => entered(server.address)));
    for (const [index, host] of many.entries()) await host.ownership.take(workerIdOf(index + 1));
    const late = await entered(server.address);
    const startedAt = performance.now();
    for (const host of many) host.cut();
    await until(() => expect(late.taken).toHaveLength(many.length));
    await until(() => expect(late.ownership.hosts()).toEqual([late.id]));
    expect(performance.now() - startedAt).toBeLessThan(8 * leaseMs + 10_000);
    await Promise.all(many.map(({ ownership }) => ownership[Symbol.asyncDispose]()));
  },
  limitMs,
);
