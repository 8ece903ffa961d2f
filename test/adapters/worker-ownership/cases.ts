import { expect, test } from 'vitest';

import type { WorkerId } from '../../../src/domain/ids.js';
import type { HostId } from '../../../src/ports/worker-ownership.js';
import { workerIdOf } from '../../support/heads.js';
import { call } from '../../support/log-session.js';
import type { OwnershipHost } from '../../support/ownership-host.js';

export interface CaseHost extends OwnershipHost {
  /** It and the others hear nothing of each other until it is joined again. */
  cut(): void;
  join(): void;
}

export interface OwnershipHarness {
  /** Hosts of one cluster, which have entered; nobody else knows of it. */
  hosts(count: number): Promise<readonly CaseHost[]>;
  /** One more of the same cluster. */
  another(): Promise<CaseHost>;
  /** Time goes on until it passes. */
  until(check: () => void | Promise<void>): Promise<void>;
}

const rounds = 300;
const workers = (count: number): WorkerId[] => Array.from({ length: count }, (_, index) => workerIdOf(index + 1));

async function heldBy(host: OwnershipHost, id: HostId): Promise<readonly WorkerId[]> {
  const held: WorkerId[] = [];
  for await (const workerId of host.ownership.heldBy(id, call)) held.push(workerId);
  return held.sort();
}

async function two(harness: OwnershipHarness): Promise<readonly [CaseHost, CaseHost]> {
  const [one, other] = await harness.hosts(2);
  return [one!, other!];
}

interface Titled {
  readonly title: string;
  readonly run: (harness: OwnershipHarness) => Promise<void>;
}

/** What every ownership of Workers does. */
const cases: readonly Titled[] = [
  {
    title: 'every host that entered is among the hosts of each, until it leaves',
    async run(harness) {
      const [one, other] = await two(harness);
      await harness.until(() => expect([...one.ownership.hosts()].sort()).toEqual([one.id, other.id].sort()));
      await harness.until(() => expect([...other.ownership.hosts()].sort()).toEqual([one.id, other.id].sort()));
      await other.ownership[Symbol.asyncDispose]();
      await other.ownership[Symbol.asyncDispose]();
      await harness.until(() => expect(one.ownership.hosts()).toEqual([one.id]));
    },
  },
  {
    title: 'a Worker of which nobody was told is whose takes it, and stays so while its host is there',
    async run(harness) {
      const [one, other] = await two(harness);
      const worker = workerIdOf(1);
      expect(await one.ownership.ownerOf(worker, call)).toBeUndefined();
      const owner = { hostId: one.id, isGone: false };
      expect(await one.ownership.take(worker)).toEqual(owner);
      expect(await one.ownership.take(worker)).toEqual(owner);
      expect(await other.ownership.take(worker)).toEqual(owner);
      expect(await other.ownership.ownerOf(worker, call)).toEqual(owner);
      expect(await heldBy(other, one.id)).toEqual([worker]);
      expect(await heldBy(one, other.id)).toEqual([]);
    },
  },
  {
    title: 'of two hosts that take one Worker at a time one wins, and both are told who',
    async run(harness) {
      const [one, other] = await two(harness);
      for (const worker of workers(rounds)) {
        const answers = await Promise.all([one.ownership.take(worker), other.ownership.take(worker)]);
        expect(answers[0]).toEqual(answers[1]);
        expect([one.id, other.id]).toContain(answers[0].hostId);
      }
      const held = await Promise.all([one, other].map((host) => heldBy(host, host.id)));
      expect(held.flat().sort()).toEqual(workers(rounds));
    },
  },
  {
    title: 'a Worker that is released is offered to one other host, and not to who released it',
    async run(harness) {
      const hosts = await harness.hosts(3);
      const [one] = hosts as readonly [CaseHost];
      const all = workers(20);
      for (const worker of all) await one.ownership.take(worker);
      await harness.until(() => expect(one.ownership.hosts()).toHaveLength(3));
      for (const worker of all) await one.ownership.release(worker);
      const others = hosts.slice(1);
      await harness.until(() => expect(others.flatMap(({ taken }) => taken).sort()).toEqual(all));
      expect(others.flatMap(({ offered }) => offered)).toHaveLength(all.length);
      expect(one.offered).toEqual([]);
      for (const host of others) expect(await heldBy(one, host.id)).toEqual([...host.taken].sort());
      expect(await heldBy(one, one.id)).toEqual([]);
    },
  },
  {
    title: 'what is another host’s is neither released nor forgotten',
    async run(harness) {
      const [one, other] = await two(harness);
      const worker = workerIdOf(1);
      await one.ownership.take(worker);
      await other.ownership.release(worker);
      await other.ownership.forget(worker);
      await other.ownership.release(workerIdOf(2));
      await other.ownership.forget(workerIdOf(2));
      expect(await one.ownership.ownerOf(worker, call)).toEqual({ hostId: one.id, isGone: false });
      expect(one.offered).toEqual([]);
    },
  },
  {
    title: 'a Worker that was released and is not taken is offered again',
    async run(harness) {
      const [one, other] = await two(harness);
      const worker = workerIdOf(1);
      other.onOffer(async () => undefined);
      await one.ownership.take(worker);
      await one.ownership.release(worker);
      expect(await other.ownership.ownerOf(worker, call)).toEqual({ isGone: true });
      await harness.until(() => expect(other.offered.length).toBeGreaterThan(2));
      expect(await one.ownership.take(worker)).toEqual({ hostId: one.id, isGone: false });
    },
  },
  {
    title: 'of a Worker that is forgotten nothing is kept',
    async run(harness) {
      const [one, other] = await two(harness);
      const worker = workerIdOf(1);
      await one.ownership.take(worker);
      await one.ownership.forget(worker);
      expect(await other.ownership.ownerOf(worker, call)).toBeUndefined();
      expect(await heldBy(other, one.id)).toEqual([]);
      expect(await other.ownership.take(worker)).toEqual({ hostId: other.id, isGone: false });
    },
  },
  {
    title: 'what a host owned that has left is offered to the others, each Worker taken once',
    async run(harness) {
      const hosts = await harness.hosts(3);
      const [one] = hosts as readonly [CaseHost];
      const all = workers(40);
      for (const worker of all) await one.ownership.take(worker);
      await one.ownership.release(all[0]!);
      await one.ownership[Symbol.asyncDispose]();
      const others = hosts.slice(1);
      await harness.until(() => expect(others.flatMap(({ taken }) => taken).sort()).toEqual(all));
      for (const host of others) expect(await heldBy(others[0]!, host.id)).toEqual([...host.taken].sort());
      expect(one.offered).toEqual([]);
      expect(one.losses).toBe(0);
    },
  },
  {
    title: 'what is offered and not taken is offered again, here or on another host',
    async run(harness) {
      const hosts = await harness.hosts(3);
      const [one, ...others] = hosts as readonly [CaseHost, CaseHost, CaseHost];
      const worker = workerIdOf(1);
      for (const host of others) host.onOffer(async () => undefined);
      await one.ownership.take(worker);
      await one.ownership[Symbol.asyncDispose]();
      const offers = () => others.flatMap(({ offered }) => offered);
      await harness.until(() => expect(offers().length).toBeGreaterThan(3));
      expect(await others[0].ownership.ownerOf(worker, call)).toMatchObject({ isGone: true });
      expect(await others[0].ownership.take(worker)).toEqual({ hostId: others[0].id, isGone: false });
    },
  },
  {
    title: 'a host that is cut off loses its lease, and enters under another id when it is joined',
    async run(harness) {
      const [one, other] = await two(harness);
      const all = workers(20);
      for (const worker of all) await one.ownership.take(worker);
      const former = one.id;
      await harness.until(() => expect(other.ownership.hosts()).toContain(former));
      one.cut();
      await harness.until(() => expect(one.losses).toBe(1));
      await harness.until(() => expect([...other.taken].sort()).toEqual(all));
      await expect(one.ownership.take(workerIdOf(99))).rejects.toThrow();
      expect(other.ownership.hosts()).toEqual([other.id]);
      expect(await other.ownership.ownerOf(all[0]!, call)).toEqual({ hostId: other.id, isGone: false });
      one.join();
      await harness.until(() => expect(one.ids).toHaveLength(2));
      expect(one.id).not.toBe(former);
      await harness.until(() => expect([...other.ownership.hosts()].sort()).toEqual([one.id, other.id].sort()));
      expect(await one.ownership.take(all[0]!)).toEqual({ hostId: other.id, isGone: false });
      expect(other.losses).toBe(0);
      expect(one.losses).toBe(1);
    },
  },
  {
    title: 'a host that enters after all others have gone finds what they had',
    async run(harness) {
      const [one, other] = await two(harness);
      const all = workers(20);
      for (const worker of all.slice(0, 10)) await one.ownership.take(worker);
      for (const worker of all.slice(10)) await other.ownership.take(worker);
      one.cut();
      other.cut();
      const late = await harness.another();
      await harness.until(() => expect([...late.taken].sort()).toEqual(all));
      await harness.until(() => expect(late.ownership.hosts()).toEqual([late.id]));
    },
  },
  {
    title: 'the key of a create is whose Worker it was claimed for first, until that is forgotten or the key is freed',
    async run(harness) {
      const [one, other] = await two(harness);
      const [first, second, third] = workers(3) as [WorkerId, WorkerId, WorkerId];
      const key = 'any text: * > . \u{1f511}\n';
      await one.ownership.take(first);
      await other.ownership.take(second);
      await other.ownership.take(third);
      expect(await one.ownership.claimKey(key, first)).toBe(first);
      expect(await one.ownership.claimKey(key, first)).toBe(first);
      expect(await other.ownership.claimKey(key, second)).toBe(first);
      expect(await other.ownership.claimKey(`${key} `, third)).toBe(third);
      await other.ownership.freeKey(key, second);
      expect(await other.ownership.claimKey(key, second)).toBe(first);
      await one.ownership.forget(first);
      expect(await other.ownership.claimKey(key, second)).toBe(second);
      await other.ownership.freeKey(key, second);
      expect(await other.ownership.claimKey(key, third)).toBe(third);
    },
  },
  {
    title: 'of two creates with one key at a time one wins, and both are told whose',
    async run(harness) {
      const [one, other] = await two(harness);
      const [first, second] = workers(2) as [WorkerId, WorkerId];
      await one.ownership.take(first);
      await other.ownership.take(second);
      for (let round = 0; round < 50; round += 1) {
        const key = `key ${round}`;
        const answers = await Promise.all([one.ownership.claimKey(key, first), other.ownership.claimKey(key, second)]);
        expect(answers[0]).toBe(answers[1]);
      }
    },
  },
  {
    title: 'a host that has left takes nothing, and enters no more',
    async run(harness) {
      const [one] = await two(harness);
      await one.ownership[Symbol.asyncDispose]();
      await expect(one.ownership.take(workerIdOf(1))).rejects.toThrow();
      await expect(one.enter()).rejects.toThrow(TypeError);
    },
  },
  {
    title: 'who does not wait any more is told so at once',
    async run(harness) {
      const [one, other] = await two(harness);
      await one.ownership.take(workerIdOf(1));
      const signal = AbortSignal.abort(new Error('enough'));
      await expect(other.ownership.ownerOf(workerIdOf(1), { signal })).rejects.toThrow('enough');
      await expect(other.ownership.heldBy(one.id, { signal })[Symbol.asyncIterator]().next()).rejects.toThrow('enough');
    },
  },
];

/** Registers them for one ownership; `needs` stands at the end of each title. */
export function ownershipCases(
  needs: string,
  isHere: boolean,
  harness: () => Promise<OwnershipHarness>,
  limitMs?: number,
): void {
  for (const { title, run } of cases) {
    test.runIf(isHere)(`${title}${needs}`, async () => run(await harness()), limitMs);
  }
}
