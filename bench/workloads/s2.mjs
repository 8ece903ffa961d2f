import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';

import { connectNats } from '../../dist/adapters/nats/index.js';
import { nullLogger } from '../../dist/ports/logger.js';
import { systemClock } from '../../dist/ports/clock.js';
import { asked } from '../lib/asked.mjs';
import { withCpu } from '../lib/cpu.mjs';
import { program } from '../lib/ends.mjs';
import { natsMissing, withNats } from '../lib/nats.mjs';
import { atOnce, owningHost, until } from '../lib/ownership-hosts.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';
import { quantile, summary } from '../lib/statistics.mjs';

/** What owning Workers costs a NATS server, and how long two hosts take over what a third one leaves that is killed. */
export const s2 = { what: 'leases, takes and take-over on a NATS server: messages, CPU, time', run };

const call = () => ({ signal: new AbortController().signal });
const workerIds = (count) => Array.from({ length: count }, () => crypto.randomUUID());

async function run({ quick, rounds, say }) {
  if (natsMissing) {
    say(`left out: ${natsMissing}`);
    return { measurements: [] };
  }
  const measurements = [];
  const operations = quick ? 64 : 4_000;
  say(`${operations} operations, 32 at once`);
  const costs = await interleaved(rounds, { workport: () => withNats((server) => operationCosts(server, operations)) });
  for (const [key, what] of Object.entries(operationNames)) measurements.push(...costRows(what, costs.workport, key));
  const few = quick ? 3 : 12;
  const leases = quick ? 2 : 6;
  say(`${few} and ${2 * few} hosts that rest`);
  const rests = await interleaved(rounds, {
    few: () => withNats((server) => resting(server, few, leases)),
    many: () => withNats((server) => resting(server, 2 * few, leases)),
  });
  measurements.push(...restRows(rests, 2 * few));
  const sizes = quick ? [20, 40] : [1_000, 5_000];
  const overs = {};
  for (const size of sizes) overs[size] = () => withNats((server) => takenOver(server, size, quick ? 1_000 : 3_000));
  say(`a host of ${sizes.join(' and of ')} Workers is killed`);
  const taken = await interleaved(rounds, overs);
  for (const size of sizes) measurements.push(...overRows(size, taken[size]));
  const points = sizes.map((size) => [size, summary(taken[size].map(({ seconds }) => seconds)).median]);
  const title = 'Take-over of the Workers of a killed host by two others';
  const series = [{ name: 'until each has an owner', points }];
  return { measurements, plots: [{ name: 'take-over', title, x: 'Workers', y: 'seconds', series }] };
}

const operationNames = {
  take: 'a take of a new Worker',
  takeOwn: 'a take of an own Worker',
  ownerOf: 'an ownerOf of a Worker of another host',
  release: 'a release that another host takes',
  forget: 'a forget',
  heard: 'a message that 24 connections hear, for each of them',
  heardInBursts: 'one of 100 messages at once that 24 connections hear, for each of them',
};

const row = (workload, unit, values) => ({ workload, unit, figures: { workport: values } });

/** Of what is over only when another host has done its part no time is told. */
const costRows = (what, measured, key) => {
  const of = (one) => measured.map((costs) => costs[key][one]);
  const time = measured[0][key].p50 === undefined ? [] : [row(`${what}, one after the other, p50`, 'µs', of('p50'))];
  const messages = row(`${what}: messages to and from the server`, 'messages', of('messages'));
  return [messages, row(`${what}: CPU of the server`, 'µs', of('serverUs')), ...time];
};

/** What `work` costs the server, for each of `count`. */
async function cost(server, count, work) {
  const before = await server.counts();
  const { ms, cpu } = await withCpu({ server: [server.pid] }, work);
  const after = await server.counts();
  const messages = after.got + after.sent - before.got - before.sent;
  return { messages: messages / count, serverUs: (cpu.server * 1_000) / count, ms };
}

/** Leases last so long that nothing else goes on. */
async function operationCosts(server, count) {
  const options = { leaseMs: 600_000 };
  const [one, other] = [await owningHost(server.address, options), await owningHost(server.address, options)];
  try {
    const workers = workerIds(count);
    const alone = workerIds(Math.min(count, 500));
    const each = async (host, name) => {
      const one = (workerId) => host.ownership[name](workerId, call());
      const found = await cost(server, count, () => atOnce(32, workers, one));
      const times = [];
      for (const workerId of alone) {
        const began = performance.now();
        await one(workerId);
        times.push((performance.now() - began) * 1_000);
      }
      return { ...found, p50: quantile(times, 0.5) };
    };
    await until(() => one.ownership.hosts().length === 2 && other.ownership.hosts().length === 2);
    const take = await each(one, 'take');
    const takeOwn = await each(one, 'take');
    const ownerOf = await each(other, 'ownerOf');
    for (const workerId of workers) {
      assert.equal((await other.ownership.ownerOf(workerId, call())).hostId, one.id);
    }
    const release = await cost(server, count, async () => {
      // Of whoever has a thousand to take nobody asks more.
      for (let from = 0; from < count; from += 500) {
        const some = workers.slice(from, from + 500);
        await atOnce(32, some, (workerId) => one.ownership.release(workerId));
        await until(() => other.state.taken === from + some.length);
      }
    });
    const forget = await cost(server, count, () => atOnce(32, workers, (id) => other.ownership.forget(id)));
    for (const workerId of workers) assert.equal(await one.ownership.ownerOf(workerId, call()), undefined);
    return {
      take,
      takeOwn,
      ownerOf,
      release,
      forget,
      heard: await heardCost(server, Math.ceil(count / 4), 1),
      heardInBursts: await heardCost(server, count, 100),
    };
  } finally {
    await Promise.all([one.leave(), other.leave()]);
  }
}

/** What is said once and heard often, as leases and hosts are; so many are said at a time. */
async function heardCost(server, count, burst) {
  const connect = () => connectNats({ servers: [server.address], clock: systemClock, logger: nullLogger });
  const [speaker, ...hearers] = await Promise.all(Array.from({ length: 25 }, connect));
  try {
    let heard = 0;
    for (const hearer of hearers) hearer.subscribe('bench.said', () => (heard += 1));
    await until(() => {
      speaker.publish('bench.said', '1');
      return heard >= hearers.length;
    });
    await until(async () => {
      const before = heard;
      await wait(50);
      return heard === before;
    });
    heard = 0;
    return await cost(server, count * hearers.length, async () => {
      for (let said = 1; said <= count; said += 1) {
        speaker.publish('bench.said', String(said));
        if (said % burst === 0) await until(() => heard >= said * hearers.length, 0);
      }
      await until(() => heard === count * hearers.length, 0);
    });
  } finally {
    await Promise.all([speaker, ...hearers].map((each) => each.close()));
  }
}

/** So many hosts of which nobody wants anything, for so many leases. */
async function resting(server, count, leases) {
  const leaseMs = 1_500;
  const hosts = [];
  for (let index = 0; index < count; index += 1) hosts.push(await owningHost(server.address, { leaseMs }));
  try {
    await until(() => hosts.every(({ ownership }) => ownership.hosts().length === count));
    const found = await cost(server, count * leases, () => new Promise((done) => setTimeout(done, leases * leaseMs)));
    for (const { state } of hosts) assert.equal(state.lost, 0);
    return found;
  } finally {
    await Promise.all(hosts.map(({ leave }) => leave()));
  }
}

/** Of two hosts the first is the floor: a lease costs what it costs, however many there are. */
function restRows(measured, count) {
  const of = (key) => ({ workport: figure(measured, key).many, floor: figure(measured, key).few });
  const name = `a lease of one of ${count} hosts, beside one of ${count / 2}`;
  return [
    { workload: `${name}: messages to and from the server`, unit: 'messages', figures: of('messages') },
    { workload: `${name}: CPU of the server`, unit: 'µs', figures: of('serverUs') },
  ];
}

/** A host of so many Workers is killed, and two others take them. */
async function takenOver(server, count, leaseMs) {
  const others = [await owningHost(server.address, { leaseMs }), await owningHost(server.address, { leaseMs })];
  const lost = asked(program('owning-host.mjs'));
  try {
    const workers = workerIds(count);
    await lost.ask('own', { server: server.address, leaseMs, workerIds: workers });
    await until(() => others.every(({ ownership }) => ownership.hosts().length === 3));
    const began = performance.now();
    lost.ask('die').catch(() => undefined);
    let first;
    const all = () => others[0].state.taken + others[1].state.taken;
    const found = await cost(server, count, () =>
      until(() => {
        if (all() > 0) first ??= performance.now();
        return all() >= count;
      }),
    );
    const end = performance.now();
    const ids = others.map(({ id }) => id);
    for (const workerId of workers) {
      const owner = await others[0].ownership.ownerOf(workerId, call());
      assert.ok(ids.includes(owner.hostId) && !owner.isGone, `${workerId} has no owner`);
    }
    assert.equal(all(), count);
    return {
      messages: found.messages,
      serverUs: found.serverUs,
      seconds: (end - began) / 1_000,
      leases: (end - began) / leaseMs,
      noticed: (first - began) / leaseMs,
      perSecond: (count * 1_000) / (end - first),
    };
  } finally {
    await lost.end();
    await Promise.all(others.map(({ leave }) => leave()));
  }
}

function overRows(size, measured) {
  const name = `${size.toLocaleString('en')} Workers of a killed host`;
  const of = (key) => measured.map((each) => each[key]);
  return [
    row(`${name}: until the first is taken`, 'leases', of('noticed')),
    row(`${name}: until all are taken`, 'leases', of('leases')),
    row(`${name}: until all are taken`, 's', of('seconds')),
    row(`${name}: taken, once the first is`, 'Workers/s', of('perSecond')),
    row(`${name}: messages to and from the server for one`, 'messages', of('messages')),
    row(`${name}: CPU of the server for one`, 'µs', of('serverUs')),
  ];
}
