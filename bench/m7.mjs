import assert from 'node:assert/strict';
import { closeSync, fdatasync, openSync, write } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { createRuntime, generatorBackend, WorkerId } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

import { loggedWorker } from './logged-worker.mjs';
import { interleaved, quantile } from './statistics.mjs';

const producers = 64;
const writeFile = promisify(write);
const syncFile = promisify(fdatasync);

/** What is durable when it is answered: many producers' events, and one input's acceptance. */
export async function m7({ quick, rounds, say }) {
  const events = quick ? 640 : 64_000;
  const inputs = quick ? 10 : 1_000;
  const measurements = [];
  for (const workers of [8, 1_000]) {
    say(`M7: ${events} events of ${producers} producers, ${workers} Workers, ${rounds} rounds`);
    const figures = await interleaved(
      rounds,
      () => inFolder((folder) => appended(folder, events, workers)),
      () => inFolder((folder) => groupSynced(folder, events)),
    );
    measurements.push({
      workload: `${producers} producers append with sync to ${workers} Workers`,
      unit: 'events/s',
      goal: '≥ 0.5',
      isMet: (ratio) => ratio >= 0.5,
      ...figures,
    });
  }
  say(`M7: ${inputs} inputs, one at a time, ${rounds} rounds`);
  const accepted = await interleaved(
    rounds,
    () => inFolder((folder) => acceptedInputs(folder, inputs)),
    () => inFolder((folder) => syncs(folder, inputs)),
  );
  measurements.push({
    workload: 'one input is durably accepted, p50',
    unit: 'µs',
    goal: '≤ 3',
    isMet: (ratio) => ratio <= 3,
    ...accepted,
  });
  return measurements;
}

async function inFolder(use) {
  const folder = await mkdtemp(join(tmpdir(), 'workport-bench-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

const perSecond = (events, began) => (events * 1e9) / Number(process.hrtime.bigint() - began);

/** Each Worker's mailbox appends what its producers have ready, as one batch at a time. */
async function appended(folder, events, count) {
  const log = embeddedLog({ folder: join(folder, 'log') });
  await log.open();
  const mailboxes = Math.min(count, producers);
  const batch = producers / mailboxes;
  const workers = Array.from({ length: count }, () => loggedWorker(log, WorkerId(crypto.randomUUID())));
  const began = process.hrtime.bigint();
  let left = events;
  let next = 0;
  await Promise.all(
    Array.from({ length: mailboxes }, async () => {
      while (left > 0) {
        left -= batch;
        const worker = workers[next++ % count];
        assert.equal(await worker.append(batch), 'appended');
      }
    }),
  );
  const figure = perSecond(events, began);
  const sequences = await Promise.all(workers.map(({ last }) => last()));
  assert.equal(
    sequences.reduce((sum, last) => sum + last, 0),
    events,
  );
  await log[Symbol.asyncDispose]();
  return figure;
}

/** The floor: the same bytes at the end of one file, what is ready together behind one fdatasync. */
async function groupSynced(folder, events) {
  const file = openSync(join(folder, 'file'), 'a');
  const line = Buffer.alloc(300, 'x');
  const began = process.hrtime.bigint();
  for (let left = events; left > 0; left -= producers) {
    await writeFile(file, Buffer.concat(Array.from({ length: producers }, () => line)));
    await syncFile(file);
  }
  const figure = perSecond(events, began);
  closeSync(file);
  return figure;
}

async function acceptedInputs(folder, inputs) {
  const backend = generatorBackend({ id: 'bench', async *run() {} });
  const log = embeddedLog({ folder: join(folder, 'log') });
  const runtime = createRuntime({ log, profiles: { bench: { label: 'Bench', backend } } });
  await runtime.ready();
  const created = await runtime.execute({ type: 'create', runtimeId: runtime.runtimeId, profile: 'bench' });
  assert.equal(created.outcome, 'accepted');
  const worker = { runtimeId: runtime.runtimeId, workerId: created.worker.workerId };
  const times = [];
  while (times.length < inputs) {
    const began = process.hrtime.bigint();
    const answer = await runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text: 'x' }] });
    if (answer.outcome === 'busy') continue;
    assert.equal(answer.outcome, 'accepted');
    times.push(Number(process.hrtime.bigint() - began) / 1_000);
  }
  await runtime[Symbol.asyncDispose]();
  return quantile(times, 0.5);
}

async function syncs(folder, count) {
  const file = openSync(join(folder, 'file'), 'a');
  const line = Buffer.alloc(300, 'x');
  const times = [];
  for (let index = 0; index < count; index += 1) {
    const began = process.hrtime.bigint();
    await writeFile(file, line);
    await syncFile(file);
    times.push(Number(process.hrtime.bigint() - began) / 1_000);
  }
  closeSync(file);
  return quantile(times, 0.5);
}
