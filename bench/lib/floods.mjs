import assert from 'node:assert/strict';

import { event300 } from './events.mjs';
import { readLines } from './lines.mjs';
import { perSecond } from './statistics.mjs';
import { benchWorker } from './workport.mjs';

/** `arrived` is told of each event which it is and whether it is whole; the figure is there with the last. */
export async function counted(events, start) {
  let seen = 0;
  let began;
  await new Promise((resolve, reject) => {
    const arrived = (sequence, isWhole) => {
      seen += 1;
      if (sequence !== seen || !isWhole)
        reject(new Error(`event ${seen} is ${sequence}, ${isWhole ? 'whole' : 'cut'}`));
      if (seen === events) resolve();
    };
    began = process.hrtime.bigint();
    start(arrived);
  });
  return perSecond(events, began);
}

/** Whether it is the event that every side streams. */
export const isWhole = ({ text }) => text.length === event300.text.length;

/** The floor: splits lines, parses, counts. The program is asked for nothing first, so that its start does not count. */
export async function readFlood({ input, output }, events) {
  let take;
  const ready = new Promise((resolve) => (take = resolve));
  readLines(input, (line) => take(JSON.parse(line)));
  output.write('0\n');
  await ready;
  return counted(events, (arrived) => {
    take = ({ sequence, event }) => arrived(sequence, isWhole(event));
    output.write(`${events}\n`);
  });
}

/** A backend streams `events` into the log of a Worker, to one observer. */
export async function observeFlood(backend, events) {
  const limits = { retainedEvents: 2 * events, retainedBytes: Number.MAX_SAFE_INTEGER };
  const { runtime, worker, cursor } = await benchWorker(backend, { limits });
  try {
    const began = process.hrtime.bigint();
    const parts = [{ type: 'text', text: String(events) }];
    const accepted = runtime.execute({ type: 'input', worker, parts });
    await observed(runtime, worker, cursor, events);
    const figure = perSecond(events, began);
    assert.equal((await accepted).outcome, 'accepted');
    return figure;
  } finally {
    await runtime[Symbol.asyncDispose]();
  }
}

/** Before them is the acceptance of the input, and before that what the Worker was made of: two events. */
async function observed(runtime, worker, cursor, events) {
  let last = 2;
  for await (const frame of runtime.observe(worker, cursor)) {
    for (const { sequence, event } of frame.observations) {
      last += 1;
      assert.equal(sequence, last);
      if (last > 3 && last <= events + 3) assert(isWhole(event));
    }
    if (last >= events + 3) break;
  }
}
