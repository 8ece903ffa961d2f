import { expect, test } from 'vitest';

import { inMemoryCluster } from '../../../support/in-memory-cluster.js';
import type { InMemoryClusterHost } from '../../../support/in-memory-cluster.js';
import { workerIdOf } from '../../../support/heads.js';
import { call } from '../../../support/log-session.js';
import { ownershipHost } from '../../../support/ownership-host.js';
import type { OwnershipHost } from '../../../support/ownership-host.js';
import { virtualClock } from '../../../support/virtual-clock.js';
import { ownershipCases } from '../cases.js';

const leaseMs = 9_000;
const steps = 200;

function virtualHarness() {
  const clock = virtualClock();
  const cluster = inMemoryCluster({ clock, leaseMs });
  type Host = OwnershipHost & InMemoryClusterHost;
  const another = async (): Promise<Host> => {
    const host = cluster.host();
    const duties = ownershipHost(host.ownership);
    await duties.enter();
    const { cut, join, pause, resume, endLease, link } = host;
    return Object.assign(Object.create(duties) as OwnershipHost, { link, cut, join, pause, resume, endLease }) as Host;
  };
  const until = async (check: () => void | Promise<void>): Promise<void> => {
    for (let count = 0; count < steps; count += 1) {
      try {
        await check();
        return;
      } catch {
        await clock.advance(leaseMs / 12);
      }
    }
    await check();
  };
  const hosts = (count: number) => Promise.all(Array.from({ length: count }, another));
  return { clock, another, until, hosts };
}

ownershipCases('', true, async () => virtualHarness());

test('a host that is stopped for less than its lease loses nothing', async () => {
  const { clock, hosts } = virtualHarness();
  const [one, other] = (await hosts(2)) as [Awaited<ReturnType<typeof hosts>>[0], Awaited<ReturnType<typeof hosts>>[0]];
  await one.ownership.take(workerIdOf(1));
  one.pause();
  await clock.advance(leaseMs * 0.6);
  one.resume();
  await clock.advance(leaseMs * 3);
  expect([one.losses, one.ids.length, other.offered]).toEqual([0, 1, []]);
  expect(await other.ownership.ownerOf(workerIdOf(1), call)).toEqual({ hostId: one.id, isGone: false });
});

test('a host that is stopped for longer finds out when it goes on, and what it asked meanwhile is refused', async () => {
  const { clock, hosts } = virtualHarness();
  const [one, other] = (await hosts(2)) as [Awaited<ReturnType<typeof hosts>>[0], Awaited<ReturnType<typeof hosts>>[0]];
  const former = one.id;
  await one.ownership.take(workerIdOf(1));
  one.pause();
  const asked = one.ownership.take(workerIdOf(2)).catch((cause: unknown) => cause);
  await clock.advance(leaseMs * 2);
  expect([one.losses, other.taken]).toEqual([0, [workerIdOf(1)]]);
  one.resume();
  expect(await asked).toBeInstanceOf(Error);
  await clock.advance(leaseMs);
  expect([one.losses, one.ids.length, one.id === former]).toEqual([1, 2, false]);
  expect(await one.ownership.ownerOf(workerIdOf(1), call)).toEqual({ hostId: other.id, isGone: false });
});

test('a host whose lease another one has ended enters again once it has let go', async () => {
  const { clock, hosts } = virtualHarness();
  const [one, other] = (await hosts(2)) as [Awaited<ReturnType<typeof hosts>>[0], Awaited<ReturnType<typeof hosts>>[0]];
  await one.ownership.take(workerIdOf(1));
  one.endLease();
  await clock.settle();
  expect([one.losses, one.ids.length, other.taken]).toEqual([1, 2, [workerIdOf(1)]]);
});

test('time that stands still leaves no lease to end, and a host that has left sets no timer', async () => {
  const { clock, hosts } = virtualHarness();
  const all = await hosts(3);
  for (const { ownership } of all) await ownership[Symbol.asyncDispose]();
  await clock.settle();
  expect(clock.pending).toBe(0);
});
