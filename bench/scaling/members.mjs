import { Ring } from '../../dist/adapters/worker-ownership/jetstream/ring.js';
import { memberIn, textOf } from '../../dist/adapters/worker-ownership/jetstream/entries.js';

/** Whom a change can concern: who watches it, or takes what it has left. */
const near = 24;
/** As the real ones: so many that have gone are looked up at each look, and the hosts are counted each tenth time. */
const lookCount = 16;
const countEvery = 10;

/**
 * What each host knows of the others is the same here, and one copy of it for all: 10,000 copies of 10,000 hosts have no
 * room. What it costs to tell each of them is the engine's to count, as are the looks that each of them takes.
 */
export function sharedMembers({ world, engine, costs, leaseMs }) {
  const ring = new Ring();
  const gone = new Ring();
  const known = new Map();
  const facades = new Map();

  function learn(id, member) {
    if (member.state === 'settled') known.delete(id);
    else known.set(id, member);
    if (member.state === 'present') ring.add(id);
    else ring.remove(id);
    if (member.state === 'left' || member.state === 'ended') gone.add(id);
    else gone.remove(id);
    for (const host of new Set([id, ...ring.before(id, near), ...ring.behind(id, near)])) {
      for (const run of [...(facades.get(host) ?? [])]) run();
    }
  }

  /** The part of one host. `bucket` sends its messages. */
  function of(bucket) {
    const changed = new Set();
    let self;
    let looks = 0;
    let isClosed = false;
    const look = () => {
      if (isClosed) return;
      if (bucket.connection.isUp()) {
        const lookedUp = Math.min(lookCount, gone.hosts.length);
        engine.bulk(costs.read, 1 + lookedUp + (looks % countEvery === 0 ? 1 : 0));
        looks += 1;
      }
      world.clock.after(leaseMs, look);
    };
    world.clock.after(leaseMs, look);
    const set = async (id, state, lease, revision) => {
      const result = await bucket.set(id, textOf({ state, leaseMs: lease }), revision);
      if (result.outcome === 'set') learn(id, { state, leaseMs: lease, revision: result.revision });
      return result;
    };
    return {
      ring,
      get: (id) => known.get(id),
      /** Those of whom this host may be an heir; of all others it does nothing. */
      departed() {
        if (self === undefined || gone.hosts.length === 0) return [];
        const first = ring.before(self, 4).at(-1);
        const isBetween = (id) =>
          first === undefined || (first < self ? id > first && id < self : id > first || id < self);
        return gone.before(self, gone.hosts.length < 64 ? gone.hosts.length : 64).filter(isBetween);
      },
      async isGone(id) {
        if (!known.has(id)) await bucket.get(id);
        return known.get(id)?.state !== 'present';
      },
      onChange(run) {
        changed.add(run);
        return () => changed.delete(run);
      },
      async enter(id, lease) {
        facades.delete(self);
        self = id;
        facades.set(id, changed);
        if ((await set(id, 'present', lease, 0)).outcome === 'conflict') throw new Error('the id is in use');
      },
      async depart(id, state, lease) {
        for (;;) {
          const entry = await bucket.get(id);
          if (entry && memberIn(entry).state !== 'present') return;
          if ((await set(id, state, lease, entry?.revision ?? 0)).outcome === 'set') return;
        }
      },
      async settle(id) {
        const found = known.get(id);
        if (!found || found.state === 'present') return;
        const result = await set(id, 'settled', found.leaseMs, found.revision);
        if (result.outcome === 'set') await bucket.remove(result.revision);
      },
      close() {
        isClosed = true;
        facades.delete(self);
      },
    };
  }
  return { ring, gone, of };
}
