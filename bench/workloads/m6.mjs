import { program } from '../lib/ends.mjs';
import { fanOut } from '../lib/fanout.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';
import { summary } from '../lib/statistics.mjs';

/** Events of one Worker to many observers, and of many Workers to one each, in processes of their own. */
export const m6 = { what: 'a Worker’s events fan out over WebSockets', peers: ['socket.io'], run };

/** By what is delivered to all observers together. */
const deliveries = 400_000;
const sizes = (quick) =>
  quick
    ? [
        { workers: 1, each: 4 },
        { workers: 4, each: 1 },
      ]
    : [
        { workers: 1, each: 10, isPlotted: true },
        { workers: 1, each: 100 },
        { workers: 1, each: 1_000 },
        { workers: 1_000, each: 1 },
      ];

const nameOf = ({ workers, each }) =>
  workers === 1
    ? `one Worker to ${each.toLocaleString('en')} WebSocket observers`
    : `${workers.toLocaleString('en')} Workers to one WebSocket observer each`;

async function run({ quick, rounds, say, beside }) {
  const measurements = [];
  const points = {};
  for (const size of sizes(quick)) {
    const measured = await ofSize(size, { quick, rounds, say, beside });
    if (size.workers === 1) plot(points, size.each, figure(measured, 'perSecond'));
    if (!size.isPlotted) measurements.push(...rowsOf(size, measured, quick));
  }
  const series = Object.entries(points).map(([name, list]) => ({ name, points: list }));
  const title = 'One Worker to many WebSocket observers';
  return {
    measurements,
    plots: [{ name: 'observers', title, x: 'observers', y: 'delivered events/s', series }],
  };
}

function plot(points, observers, figures) {
  for (const [name, list] of Object.entries(figures)) (points[name] ??= []).push([observers, summary(list).median]);
}

function rowsOf(size, measured, quick) {
  const name = nameOf(size);
  const { workport, floor } = measured;
  const rows = [
    {
      workload: `${name}, delivered`,
      unit: 'events/s',
      goal: { least: 0.7 },
      peerGoals: { ws: { least: 5 }, 'Socket.IO': { least: 5 } },
      figures: figure(measured, 'perSecond'),
    },
  ];
  // The memory of a handful of observers is noise.
  if (quick || size.workers > 1) return rows;
  for (const [key, when] of [
    ['idle', 'idle'],
    ['flowing', 'at the most while events flow'],
  ]) {
    const workload = `${name}, resident memory for each, ${when}`;
    rows.push({ workload, unit: 'kB', goal: { most: 1.5 }, figures: figure({ workport, floor }, key) });
  }
  return rows;
}

async function ofSize(size, { quick, rounds, say, beside }) {
  const events = quick ? 256 : Math.min(10_000, Math.ceil(deliveries / (size.workers * size.each)));
  // The first observer alone is told the first events: they fill the log of one Worker to what it may retain, so that what
  // grows later grows by the observers.
  const warm = size.workers === 1 ? Math.ceil(1.3 * events) : 64;
  const phases = [warm, Math.ceil(events / 2), events];
  const { workers } = size;
  const retainedEvents = size.workers === 1 ? warm : 2 * (warm + 2 * events);
  const side = (options) => () => flowed(size, phases, options);
  const workport = side({ file: program('fanout-workport.mjs'), open: { workers, retainedEvents } });
  const ws = program('fanout-ws.mjs');
  // The floor sends as many events in a message as ours does.
  const { batch } = await workport();
  say(`${nameOf(size)}: ${events} events of each Worker, ${batch} in a message`);
  return interleaved(rounds, {
    workport,
    floor: side({ file: ws, open: { workers, batch, phases } }),
    ...(await beside('ws', async () => side({ file: ws, open: { workers } }))),
    ...(await beside('Socket.IO', async () => {
      const { socketIoServer } = await import('../peers/socket-io.mjs');
      return side({ file: socketIoServer, wire: 'socket.io', open: { workers } });
    })),
  });
}

/** The first observer of each Worker is there from the start, the others come later; all are warm before anything counts. */
async function flowed({ workers, each }, [first, warmUp, events], options) {
  return fanOut(options, async ({ places, connect, deliver, held }) => {
    await connect(places);
    await deliver(first);
    const before = await held();
    const added = workers * each - workers || 1;
    const cursorNow = ({ after, ...place }) => ({ ...place, after: later(after, first) });
    await connect(Array.from({ length: each - 1 }, () => places.map(cursorNow)).flat());
    const idle = await held();
    await deliver(warmUp);
    const { seconds, messages, peak } = await deliver(events);
    const delivered = workers * each * events;
    return {
      perSecond: delivered / seconds,
      batch: Math.round(delivered / messages),
      idle: (idle.rss - before.rss) / 1_000 / added,
      flowing: (peak - before.rss) / 1_000 / added,
    };
  });
}

/** A cursor that many events further on. */
function later(cursor, events) {
  const sequence = Number.parseInt(cursor.slice(-16), 16) + events;
  return cursor.slice(0, -16) + sequence.toString(16).padStart(16, '0');
}
