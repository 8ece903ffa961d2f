import assert from 'node:assert/strict';

import { overPipes, peerProgram, program, talking } from '../lib/ends.mjs';
import { readLines } from '../lib/lines.mjs';
import { figure, interleaved } from '../lib/rounds.mjs';
import { timed } from '../lib/trips.mjs';
import { benchWorker, subprocess } from '../lib/workport.mjs';

/** Input → accepted → first event seen, one at a time, beside an echo of one line over the same kind of pipe. */
export const m2 = {
  what: 'an input, accepted, to its first event over a subprocess',
  peers: ['vscode-jsonrpc', '@agentclientprotocol/sdk'],
  run,
};

async function run({ quick, rounds, beside }) {
  const count = quick ? { trips: 20, warmUp: 5 } : { trips: 2000, warmUp: 500 };
  const over = (file, run) => () => talking(overPipes(file), (other) => run(other, count));
  const sides = await interleaved(rounds, {
    workport: () => workport(count),
    floor: over(program('echo-lines.mjs'), echo),
    ...(await beside('vscode-jsonrpc', async () => {
      const { rpcTrips } = await import('../peers/json-rpc.mjs');
      return over(peerProgram('json-rpc.mjs'), rpcTrips);
    })),
    ...(await beside('ACP SDK', async () => {
      const { agentTrips } = await import('../peers/agent.mjs');
      return over(peerProgram('agent.mjs'), agentTrips);
    })),
  });
  const row = (key, most) => ({
    workload: `input to first event over a subprocess, ${key}`,
    unit: 'µs',
    goal: { most },
    figures: figure(sides, key),
  });
  return { measurements: [row('p50', 1.6), row('p99', 2)] };
}

function echo({ input, output }, count) {
  let answer;
  readLines(input, (line) => answer(JSON.parse(line)));
  return timed(count, async (trip, done) => {
    const echoed = new Promise((resolve) => (answer = resolve));
    output.write(`${JSON.stringify({ trip, text: 'hello' })}\n`);
    assert.equal((await echoed).trip, trip);
    done();
  });
}

async function workport(count) {
  const { runtime, worker, cursor } = await benchWorker(subprocess('echo-backend.mjs'));
  const frames = runtime.observe(worker, cursor)[Symbol.asyncIterator]();
  const next = seeing(frames);
  try {
    return await timed(count, async (trip, done) => {
      const text = String(trip);
      const accepted = runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text }] });
      const event = await next('text-delta');
      assert.equal((await accepted).outcome, 'accepted');
      done();
      assert.equal(event.event.text, text);
      await next('input-ended');
    });
  } finally {
    await frames.return();
    await runtime[Symbol.asyncDispose]();
  }
}

/** The next observation of a type. */
function seeing(frames) {
  const seen = [];
  return async (type) => {
    for (;;) {
      while (seen.length > 0) {
        const observation = seen.shift();
        if (observation.event.type === type) return observation;
      }
      seen.push(...(await frames.next()).value.observations);
    }
  };
}
