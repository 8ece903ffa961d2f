import assert from 'node:assert/strict';

import { child, readLines } from './programs.mjs';
import { interleaved, quantile } from './statistics.mjs';
import { benchWorker } from './workport.mjs';

/** Input → accepted → first event seen, one at a time, beside an echo of one line over the same kind of pipe. */
export async function m2({ quick, rounds, say }) {
  const trips = quick ? 20 : 2000;
  const warmUp = quick ? 5 : 500;
  const samples = { ours: [], floor: [] };
  const collect = (side, times) => samples[side].push(times.slice(warmUp));
  say(`M2: ${trips} round trips, ${rounds} rounds`);
  await interleaved(
    rounds,
    async () => collect('ours', await workport(trips + warmUp)),
    async () => collect('floor', await echo(trips + warmUp)),
  );
  return [figure(samples, 0.5, 'p50', 1.6), figure(samples, 0.99, 'p99', 2)];
}

function figure(samples, share, name, most) {
  const ours = samples.ours.map((times) => quantile(times, share));
  const floor = samples.floor.map((times) => quantile(times, share));
  return {
    workload: `input to first event over a subprocess, ${name}`,
    unit: 'µs',
    goal: `≤ ${most}`,
    isMet: (ratio) => ratio <= most,
    ours,
    floor,
    ratios: ours.map((value, index) => value / floor[index]),
  };
}

const now = () => Number(process.hrtime.bigint()) / 1000;

async function echo(trips) {
  const other = child('echo-lines.mjs');
  let answer;
  readLines(other.stdout, (line) => answer(JSON.parse(line)));
  const times = [];
  for (let trip = 0; trip < trips; trip += 1) {
    const began = now();
    const echoed = new Promise((resolve) => (answer = resolve));
    other.stdin.write(`${JSON.stringify({ trip, text: 'hello' })}\n`);
    assert.equal((await echoed).trip, trip);
    times.push(now() - began);
  }
  await other.end();
  return times;
}

async function workport(trips) {
  const { runtime, worker, cursor } = await benchWorker('echo-backend.mjs');
  const frames = runtime.observe(worker, cursor)[Symbol.asyncIterator]();
  const seen = [];
  const next = async (type) => {
    for (;;) {
      while (seen.length > 0) {
        const observation = seen.shift();
        if (observation.event.type === type) return observation;
      }
      seen.push(...(await frames.next()).value.observations);
    }
  };
  const times = [];
  for (let trip = 0; trip < trips; trip += 1) {
    const began = now();
    const text = String(trip);
    const accepted = runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text }] });
    const event = await next('text-delta');
    assert.equal((await accepted).outcome, 'accepted');
    times.push(now() - began);
    assert.equal(event.event.text, text);
    await next('input-ended');
  }
  await frames.return();
  await runtime[Symbol.asyncDispose]();
  return times;
}
