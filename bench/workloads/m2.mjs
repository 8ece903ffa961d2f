import assert from 'node:assert/strict';

import { child, readLines } from '../lib/child.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';
import { quantile } from '../lib/statistics.mjs';
import { benchWorker } from '../lib/workport.mjs';

/** Input → accepted → first event seen, one at a time, beside an echo of one line over the same kind of pipe. */
export const m2 = { what: 'an input, accepted, to its first event over a subprocess', run };

async function run({ quick, rounds }) {
  const trips = quick ? 20 : 2000;
  const warmUp = quick ? 5 : 500;
  const measured = (side) => async () => {
    const times = (await side(trips + warmUp)).slice(warmUp);
    return { p50: quantile(times, 0.5), p99: quantile(times, 0.99) };
  };
  const sides = await interleaved(rounds, { workport: measured(workport), floor: measured(echo) });
  const row = (key, most) => ({
    workload: `input to first event over a subprocess, ${key}`,
    unit: 'µs',
    goal: { most },
    figures: figure(sides, key),
  });
  return { measurements: [row('p50', 1.6), row('p99', 2)] };
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
