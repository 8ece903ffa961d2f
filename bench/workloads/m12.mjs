import { program } from '../lib/ends.mjs';
import { fanOut } from '../lib/fanout.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';

/**
 * One of 100 observers reads ten events a second while the others read all. A round flows for 15 seconds, not for the 60
 * of the specification: the slow one has stopped taking anything in its first seconds, and what grows then grows from there on.
 * A machine that cannot tell 100 observers 50,000 events a second is offered what it sustains without a slow one.
 */
export const m12 = { what: 'one slow WebSocket observer beside others', peers: ['socket.io'], run };

const wanted = 50_000;
/** Of what was sustained for a moment: others use the machine, too. */
const offeredShare = 0.5;
/** Of a round's events: so that the log is as long as it may be before the middle of the round. */
const retainedShare = 0.4;
const warmUp = 200;

async function run({ quick, rounds, say, beside }) {
  const size = quick ? { observers: 4, seconds: 0.2 } : { observers: 100, seconds: 15 };
  const workport = { name: 'Workport', file: program('fanout-workport.mjs'), probe: quick ? 400 : 10_000 };
  const ours = await sidesOf(size, workport, say);
  const { 'Socket.IO': theirs } = await beside('Socket.IO', async () => {
    const { socketIoServer: file } = await import('../peers/socket-io.mjs');
    return sidesOf(size, { name: 'Socket.IO', file, wire: 'socket.io', probe: quick ? 100 : 2_000 }, say);
  });
  const measured = await interleaved(rounds, {
    workport: ours.withSlow,
    floor: ours.without,
    ...(theirs && { peer: theirs.withSlow, peerAlone: theirs.without }),
  });
  return { measurements: rowsOf(measured, { ...size, offered: ours.offered }) };
}

function rowsOf({ workport, floor, peer, peerAlone }, { observers, offered }) {
  const name = `${observers - 1} observers beside one that reads 10 events/s, ${offered.toLocaleString('en')} events/s offered`;
  const share = (some, all) => some.map(({ perSecond }, index) => perSecond / all[index].perSecond);
  return [
    {
      workload: `${name}, delivered to the ${observers - 1}`,
      unit: 'events/s',
      goal: { least: 0.95 },
      figures: figure({ workport, floor }, 'perSecond'),
    },
    {
      workload: `${name}, delivered by what is delivered without it`,
      unit: '×',
      goal: { least: 0.95 },
      figures: { workport: share(workport, floor), ...(peer && { 'Socket.IO': share(peer, peerAlone) }) },
    },
    {
      workload: `${name}, memory at the end by memory in the middle`,
      unit: '×',
      goal: { most: 1.1 },
      figures: figure({ workport, ...(peer && { 'Socket.IO': peer }) }, 'grown'),
    },
  ];
}

/** A server's round with a slow observer and without, at a rate that it sustains without. */
async function sidesOf({ observers, seconds }, { name, probe, ...server }, say) {
  const side = (options) => () => flowed(observers, { ...server, ...options });
  const sustained = await side({ events: probe, retainedEvents: 4 * probe, slow: 0 })();
  const most = Math.floor((offeredShare * sustained.perSecond) / (observers - 1));
  const offered = Math.min(wanted, Number(most.toPrecision(1)));
  say(`${name}: ${offered.toLocaleString('en')} events/s to ${observers} observers`);
  const events = Math.round(offered * seconds);
  const paced = { events, perSecond: offered, retainedEvents: Math.ceil(retainedShare * events) };
  return { offered, withSlow: side({ ...paced, slow: 1 }), without: side({ ...paced, slow: 0 }) };
}

async function flowed(observers, { file, wire, events, perSecond, retainedEvents, slow }) {
  const open = { workers: 1, retainedEvents, waits: false };
  return fanOut({ file, wire, open }, async ({ places, connect, deliver }) => {
    await connect(
      Array.from({ length: observers }, () => places[0]),
      slow,
    );
    await deliver(warmUp, { perSecond: wanted });
    const { seconds, middle, end } = await deliver(events, { perSecond, isHeld: perSecond !== undefined });
    // The others are counted on both sides, and waited for.
    return { perSecond: ((observers - 1) * events) / seconds, grown: end / middle };
  });
}
