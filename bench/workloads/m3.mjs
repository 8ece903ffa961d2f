import assert from 'node:assert/strict';

import { child, readLines } from '../lib/child.mjs';
import { interleaved } from '../lib/rounds.mjs';
import { benchWorker } from '../lib/workport.mjs';

/** A subprocess streams events through EBP into the log to one observer, beside a bare reader of the same events. */
export const m3 = { what: 'a subprocess streams 1,000,000 events into the log to one observer', run };

async function run({ quick, rounds }) {
  const events = quick ? 2000 : 1_000_000;
  const figures = await interleaved(rounds, { workport: () => workport(events), floor: () => lines(events) });
  const workload = 'a subprocess streams into the log to one observer';
  return { measurements: [{ workload, unit: 'events/s', goal: { least: 1 }, figures }] };
}

const perSecond = (events, began) => (events * 1e9) / Number(process.hrtime.bigint() - began);

async function lines(events) {
  const other = child('flood-lines.mjs');
  const began = process.hrtime.bigint();
  let seen = 0;
  await new Promise((resolve) => {
    readLines(other.stdout, (line) => {
      const { sequence } = JSON.parse(line);
      assert.equal(sequence, ++seen);
      if (seen === events) resolve();
    });
    other.stdin.write(`${events}\n`);
  });
  const figure = perSecond(events, began);
  await other.end();
  return figure;
}

async function workport(events) {
  const { runtime, worker, cursor } = await benchWorker('flood-backend.mjs', {
    retainedEvents: 2 * events,
    retainedBytes: Number.MAX_SAFE_INTEGER,
  });
  const began = process.hrtime.bigint();
  const text = String(events);
  const accepted = runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text }] });
  const figure = await observed(runtime, worker, cursor, events, began);
  assert.equal((await accepted).outcome, 'accepted');
  await runtime[Symbol.asyncDispose]();
  return figure;
}

async function observed(runtime, worker, cursor, events, began) {
  let seen = 0;
  let sequence = 2;
  for await (const frame of runtime.observe(worker, cursor)) {
    for (const observation of frame.observations) {
      sequence += 1;
      assert.equal(observation.sequence, sequence);
    }
    seen = sequence - 3;
    if (seen >= events) break;
  }
  return perSecond(events, began);
}
