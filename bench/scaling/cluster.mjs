import { Bucket } from '../../dist/adapters/worker-ownership/jetstream/bucket.js';
import { Session } from '../../dist/adapters/worker-ownership/jetstream/session.js';
import { nullLogger } from '../../dist/ports/logger.js';
import { modelledEngine } from './engine.mjs';
import { sharedMembers } from './members.mjs';
import { world as worldOf } from './world.mjs';

const name = 'sim';
const firstPauseMs = 250;
const longestPauseMs = 5_000;
const reconnectMs = 250;
/** Of what is read one by one so many are followed as one. */
const readAtOnce = 10;
/** What taking a Worker over costs the log: its head is read, and written that it was lost and that it is ended. */
const opening = { reads: 1, writes: 2 };

/**
 * Hosts that own Workers, at rest. Each runs the real lease, watch, take-over and claims over the real requests; the
 * engine, the copy of the other hosts and the log are modelled. `isOpened`: whether taken Workers cost the log anything.
 */
export async function cluster({ seed, hosts: hostCount, workers, leaseMs, costs, isOpened = true }) {
  const world = worldOf(seed);
  const owned = new Map();
  const owners = new Map();
  const alive = new Set();
  const state = { aliveOwned: 0, losses: 0, connected: 0 };
  const count = (hostId, by) => {
    if (hostId === undefined || hostId === null) return;
    owned.set(hostId, (owned.get(hostId) ?? 0) + by);
    if (alive.has(hostId)) state.aliveOwned += by;
  };
  const onOwner = (key, hostId) => {
    count(owners.get(key), -1);
    count(hostId, 1);
    owners.set(key, hostId);
  };
  const engine = modelledEngine({ world, name, costs, heardByAll: () => state.connected, onOwner });
  const members = sharedMembers({ world, engine, costs, leaseMs });

  const isBorn = (id) => {
    alive.add(id);
    state.aliveOwned += owned.get(id) ?? 0;
  };
  const isDead = (id) => {
    if (alive.delete(id)) state.aliveOwned -= owned.get(id) ?? 0;
  };

  function host() {
    let connection;
    let facade;
    let session;
    let isKilled = false;
    let buckets;
    const settings = { name, leaseMs, replicas: undefined, logger: nullLogger, clock: world.clock };
    const bucket = (what) => new Bucket(`${name}-${what}`, `${name}.said-${what}`, connection, world.clock, false);
    const opened = async () => {
      if (!isOpened) return;
      const at = engine.bulk(costs.read, opening.reads);
      await world.wait(Math.max(at, engine.bulk(costs.write, opening.writes)) - world.now);
    };
    const orphaned = async (workerId) => {
      const owner = await session?.take(workerId).catch(() => undefined);
      if (owner && owner.hostId === session?.id) await opened();
    };
    const begin = async () => {
      const begun = await Session.begin({ ...settings, connection, buckets, members: facade, orphaned, lost });
      session = begun;
      isBorn(begun.id);
    };
    const lost = (over) => {
      if (isKilled) return;
      state.losses += 1;
      void enterAgain(over);
    };
    const enterAgain = async (over) => {
      session = undefined;
      isDead(over.id);
      over.close();
      await over.idle();
      for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(longestPauseMs, pauseMs * 2)) {
        try {
          await over.depart('ended', leaseMs);
          return await begin();
        } catch {
          await world.wait(pauseMs);
        }
      }
    };
    const connected = () => {
      connection = engine.connect();
      buckets = { beats: bucket('beats'), owners: bucket('owners'), members: bucket('members') };
      facade = members.of(buckets.members);
      state.connected += 1;
    };
    const gone = () => {
      connection.cut();
      facade.close();
      state.connected -= 1;
    };
    return {
      get id() {
        return session?.id;
      },
      async start() {
        connected();
        await begin();
      },
      kill() {
        isKilled = true;
        isDead(session.id);
        session.close();
        gone();
      },
      downUntil: (ms) => connection.downUntil(ms + world.random() * reconnectMs),
      /** As a host that is told to end: each Worker is released, then it leaves, and comes again. */
      async restart(restartMs) {
        const { id } = session;
        const workerIds = [...engine.buckets.owners.heldBy(id).keys()].map((key) =>
          key.slice(key.lastIndexOf('.') + 1),
        );
        await Promise.all(workerIds.map((workerId) => session.release(workerId).catch(() => undefined)));
        session.rest();
        await session.idle();
        await session.depart('left', leaseMs).catch(() => undefined);
        isDead(id);
        session.close();
        gone();
        await world.wait(restartMs);
        connected();
        // It reads of each of the others, one after the other, and others are served between.
        for (let left = members.ring.hosts.length + 1; left > 0; left -= readAtOnce) {
          await world.wait(engine.bulk(costs.read, Math.min(left, readAtOnce)) - world.now);
        }
        for (;;) {
          try {
            return await begin();
          } catch {
            await world.wait(firstPauseMs);
          }
        }
      },
    };
  }

  const hosts = Array.from({ length: hostCount }, host);
  for (const [index, each] of hosts.entries()) {
    world.at((index * leaseMs) / 3 / hostCount, () => void each.start());
  }
  const isSettled = () =>
    state.aliveOwned === workers && alive.size === hosts.length && members.gone.hosts.length === 0;
  await world.until(() => alive.size === hostCount, 10 * leaseMs);
  const ids = hosts.map(({ id }) => id);
  for (let made = 0; made < workers; made += 1) {
    const [hostId, workerId] = [ids[made % hostCount], world.uuid()];
    const held = engine.buckets.owners.set(`held.${hostId}.${workerId}`, '');
    engine.buckets.owners.set(`worker.${workerId}`, JSON.stringify({ hostId, held }));
    onOwner(`worker.${workerId}`, hostId);
  }
  engine.state.isCounting = true;
  await world.until(() => false, world.now + 2 * leaseMs);
  return {
    world,
    engine,
    members,
    hosts,
    state,
    alive,
    owners,
    isSettled,
    hasEachAnOwner: () => state.aliveOwned === workers,
    dies: (index) => {
      hosts[index].kill();
      hosts.splice(index, 1);
    },
  };
}
