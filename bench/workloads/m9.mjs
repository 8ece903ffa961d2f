import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { nodeArgs, program } from '../lib/ends.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';
import { summary } from '../lib/statistics.mjs';

/**
 * What one of many takes of the heap and of buffers, in memory: an idle Worker, beside nothing but a Runtime; a retained
 * event, beside the JSON that a reader gets. Each count in a process of its own.
 */
export const m9 = { what: 'memory of 1,000 to 100,000 idle Workers, and of retained events', run };

async function run({ quick, rounds, say }) {
  const counts = quick
    ? { workers: [200, 400], events: [1_000] }
    : { workers: [1_000, 10_000, 100_000], events: [10_000, 100_000, 1_000_000] };
  say('idle Workers');
  const workers = await interleaved(rounds, sidesOf('idle-workers.mjs', counts.workers));
  say('retained events');
  const events = await interleaved(rounds, sidesOf('retained-events.mjs', counts.events));
  const measurements = [...ofWorkers(workers, counts.workers), ...ofEvents(events, counts.events)];
  return { measurements, plots: [memory(workers, events)] };
}

const counted = (count) => count.toLocaleString('en');
const sidesOf = (name, counts) => Object.fromEntries(counts.map((count) => [count, () => told(name, count)]));

async function told(name, count) {
  const args = nodeArgs(program(name), String(count));
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 600_000 });
  return JSON.parse(stdout);
}

function ofWorkers(measured, counts) {
  const few = counts[0];
  const many = counts.at(-1);
  const unit = 'B';
  return [
    {
      workload: `one of ${counted(many)} idle Workers`,
      unit,
      goal: { most: 3_072 },
      figures: { workport: measured[many] },
    },
    {
      workload: `one of ${counted(many)} idle Workers, beside one of ${counted(few)}`,
      unit,
      goal: { most: 1.2 },
      figures: { workport: measured[many], floor: measured[few] },
    },
  ];
}

const ofEvents = (measured, counts) =>
  counts.map((count) => ({
    workload: `one of ${counted(count)} retained events, beside its JSON`,
    unit: 'B',
    goal: { most: 1.5 },
    figures: {
      workport: measured[count].map(({ bytes }) => bytes),
      floor: measured[count].map(({ json }) => json),
    },
  }));

const points = (measured) => Object.entries(measured).map(([count, list]) => [Number(count), summary(list).median]);

const memory = (workers, events) => ({
  name: 'memory',
  title: 'What one of many takes, in memory',
  x: 'how many there are',
  y: 'bytes for one',
  series: [
    { name: 'idle Worker', points: points(workers) },
    { name: 'retained event', points: points(figure(events, 'bytes')) },
    { name: 'JSON of a retained event', points: points(figure(events, 'json')) },
  ],
});
