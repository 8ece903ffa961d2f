import { cluster } from './cluster.mjs';

/** What the engine did since `from`, and the most in one second. */
function watched({ world, engine }) {
  // What still waits is not done.
  const doneMs = () => engine.state.workMs - Math.max(0, engine.state.freeAt - world.now);
  const from = { ms: world.now, messages: engine.state.messages, workMs: doneMs() };
  return () => {
    const ms = world.now - from.ms;
    const seconds = engine.perSecond
      .slice(Math.ceil(from.ms / 1_000), Math.floor(world.now / 1_000))
      .map((n) => n ?? 0);
    const messages = engine.state.messages - from.messages;
    const peak = seconds.reduce((most, each) => Math.max(most, each), 0);
    return { ms, messages, perSecond: (messages * 1_000) / ms, peak, busy: (doneMs() - from.workMs) / ms };
  };
}

/** How long it takes until each Worker has an owner, and until nothing is left to be done, from now on. */
async function settled(bench, limitMs) {
  const { world, state } = bench;
  const began = world.now;
  const told = watched(bench);
  const endMs = began + limitMs;
  const isOwned = await world.until(bench.hasEachAnOwner, endMs);
  const ownedMs = world.now - began;
  const isSettled = await world.until(bench.isSettled, endMs);
  return {
    ownedMs: isOwned ? ownedMs : null,
    settledMs: isSettled ? world.now - began : null,
    left: [...bench.owners.values()].length - state.aliveOwned,
    losses: state.losses,
    ...told(),
  };
}

const scenarios = {
  async rest(bench, { leaseMs }) {
    const told = watched(bench);
    await bench.world.until(() => false, bench.world.now + 4 * leaseMs);
    return told();
  },
  async 'one lost'(bench, { limitMs }) {
    bench.dies(Math.floor(bench.world.random() * bench.hosts.length));
    return settled(bench, limitMs);
  },
  async 'a rack lost'(bench, { limitMs, rack }) {
    for (let lost = 0; lost < rack; lost += 1) bench.dies(Math.floor(bench.world.random() * bench.hosts.length));
    return settled(bench, limitMs);
  },
  /** Longer than every lease. It is told from when the engine is there again. */
  async outage(bench, { leaseMs, limitMs }) {
    const upAt = bench.world.now + 3 * leaseMs;
    for (const host of bench.hosts) host.downUntil(upAt);
    await bench.world.until(() => false, upAt);
    return settled(bench, limitMs);
  },
  /** So many at a time, each time until all have entered and each Worker has an owner; some times, the rest are alike. */
  async 'rolling restart'(bench, { wave, waves, limitMs, restartMs }) {
    const told = watched(bench);
    const times = [];
    const { world } = bench;
    for (let turn = 0; turn < waves; turn += 1) {
      const began = world.now;
      const some = bench.hosts.slice(turn * wave, (turn + 1) * wave);
      const state = { under: some.length };
      for (const host of some) void host.restart(restartMs).then(() => (state.under -= 1));
      const isOver = await world.until(() => state.under === 0 && bench.hasEachAnOwner(), began + limitMs);
      if (!isOver) return { waveMs: null, allMs: null, losses: bench.state.losses, ...told() };
      times.push(world.now - began);
    }
    const waveMs = times.reduce((sum, ms) => sum + ms, 0) / times.length;
    return { waveMs, allMs: (waveMs * bench.hosts.length) / wave, losses: bench.state.losses, ...told() };
  },
};
export const scenarioNames = Object.keys(scenarios);

/** Whether each Worker has exactly one owner, by what the engine holds. */
function checked({ engine, alive, owners }, workers) {
  let claimed = 0;
  for (const [key, { value }] of engine.buckets.owners.byKey) {
    if (!key.startsWith('worker.')) continue;
    const { hostId } = JSON.parse(value);
    if (owners.get(key) !== hostId) throw new Error(`${key} has two owners`);
    if (alive.has(hostId)) claimed += 1;
  }
  return claimed === workers;
}

/** One scenario at one size. */
export async function simulated(options) {
  const began = process.hrtime.bigint();
  const bench = await cluster(options);
  const told = await scenarios[options.scenario](bench, options);
  const { scenario, hosts, workers } = options;
  const tookS = Number(process.hrtime.bigint() - began) / 1e9;
  return { scenario, hosts, workers, ...told, isWhole: checked(bench, workers), tookS };
}
