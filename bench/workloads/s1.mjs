import assert from 'node:assert/strict';
import { once } from 'node:events';

import { asked } from '../lib/asked.mjs';
import { withCpu } from '../lib/cpu.mjs';
import { program, ready } from '../lib/ends.mjs';
import { natsMissing, withNats } from '../lib/nats.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';

/** Inputs to Workers that one host or three share on one server, and what each process had of the CPUs. */
export const s1 = { what: 'inputs per second of one and of three hosts on one NATS server', run };

const sockets = 48;
const most = 3;
const body = { text: 'What is there to do today?' };

async function run({ quick, rounds, say }) {
  if (natsMissing) {
    say(`left out: ${natsMissing}`);
    return { measurements: [] };
  }
  const count = quick ? 2 : 200;
  const one = () => withHosts(1, (bench) => inputs(bench, count, bench.hosts));
  const three = () => withHosts(most, (bench) => inputs(bench, count, bench.hosts));
  const hop = () => withHosts(most, (bench) => inputs(bench, count, elsewhere(bench.hosts)));
  const measured = await interleaved(rounds, { one, three, hop });
  return { measurements: rowsOf(measured) };
}

/** Each host is asked for the Workers of the next one. */
const elsewhere = (hosts) => hosts.map((host, index) => ({ ...host, paths: hosts[(index + 1) % hosts.length].paths }));

/** So many hosts on a server of their own, each with as many Workers, as many as there are sockets in all. */
const withHosts = (number, use) =>
  withNats(async (server) => {
    const started = [];
    const loader = asked(program('http-loader.mjs'));
    try {
      for (let index = 0; index < number; index += 1) {
        started.push(await ready(program('cluster-host.mjs'), server.address, String(sockets / number)));
      }
      const failed = Promise.race(started.map((host) => host.failed));
      const hosts = started.map(({ told }) => told);
      return await Promise.race([use({ server, started, hosts, loader }), failed]);
    } finally {
      await loader.end();
      await Promise.all(started.map(({ end }) => end()));
    }
  });

/** As many before it are to be warm. */
async function inputs({ server, started, hosts, loader }, count, targets) {
  await loader.ask('post', { targets, body, count });
  const pids = { hosts: hosts.map(({ pid }) => pid), server: [server.pid], loader: [await loader.ask('pid')] };
  const before = await server.counts();
  const stored = await server.stream('bench');
  const { answer: perSecond, ms, idle, cpu } = await withCpu(pids, () => loader.ask('post', { targets, body, count }));
  const after = await server.counts();
  const now = await server.stream('bench');
  const runs = await Promise.all(started.map(({ running }) => runsOf(running)));
  assert.equal(
    runs.reduce((all, one) => all + one, 0),
    sockets * 2 * count,
  );
  const all = sockets * count;
  const share = (name) => cpu[name] / ms;
  return {
    perSecond,
    hosts: share('hosts'),
    server: share('server'),
    loader: share('loader'),
    idle: idle / ms,
    hostUs: (cpu.hosts * 1_000) / all,
    serverUs: (cpu.server * 1_000) / all,
    messages: (after.got + after.sent - before.got - before.sent) / all,
    records: (now.last - stored.last) / all,
    bytes: (now.bytes - stored.bytes) / all,
  };
}

async function runsOf(running) {
  const answered = once(running, 'message');
  running.send('count');
  const [{ runs }] = await answered;
  return runs;
}

const names = { one: 'one host', three: 'three hosts', hop: 'three hosts, each asked for Workers of another' };
const told = [
  ['hosts', 'CPUs that the hosts had', 'CPUs'],
  ['server', 'CPUs that the NATS server had', 'CPUs'],
  ['loader', 'CPUs that the load had', 'CPUs'],
  ['idle', 'CPUs that nobody had', 'CPUs'],
  ['hostUs', 'CPU of the hosts for one', 'µs'],
  ['serverUs', 'CPU of the NATS server for one', 'µs'],
  ['messages', 'messages to and from the NATS server for one', 'messages'],
  ['records', 'messages that the stream stored for one', 'messages'],
  ['bytes', 'bytes that the stream grew by one', 'B'],
];

/** The floor of three hosts is the one host; that of those that are asked elsewhere, the three that are asked for theirs. */
function rowsOf(measured) {
  const perSecond = figure(measured, 'perSecond');
  const floors = { three: perSecond.one, hop: perSecond.three };
  return Object.entries(names).flatMap(([side, name]) => [
    {
      workload: `inputs over HTTP, ${name}`,
      unit: 'inputs/s',
      figures: { workport: perSecond[side], ...(floors[side] && { floor: floors[side] }) },
    },
    ...told.map(([key, what, unit]) => ({
      workload: `${name}: ${what}`,
      unit,
      figures: { workport: figure(measured, key)[side] },
    })),
  ]);
}
