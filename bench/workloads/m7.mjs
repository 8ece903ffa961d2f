import assert from 'node:assert/strict';
import { closeSync, fdatasync, fstatSync, openSync, write } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { generatorBackend, WorkerId } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

import { inFolder } from '../lib/folder.mjs';
import { loggedEvent, loggedWorker } from '../lib/logged-worker.mjs';
import { interleaved } from '../lib/rounds.mjs';
import { perSecond, quantile } from '../lib/statistics.mjs';
import { benchWorker } from '../lib/workport.mjs';

const producers = 64;
const writeFile = promisify(write);
const syncFile = promisify(fdatasync);

/** What is durable when it is answered: many producers' events, and one input's acceptance. */
export const m7 = { what: '64 producers append with sync; one input is durably accepted', peers: ['node24'], run };

const elsewhere =
  process.platform === 'linux' && process.arch === 'x64' ? undefined : 'its Node is installed on Linux x64 alone';

async function run({ quick, rounds, say, beside }) {
  const events = quick ? 640 : 64_000;
  const inputs = quick ? 10 : 1_000;
  const measurements = [];
  for (const workers of [8, 1_000]) {
    say(`${events} events to ${workers} Workers`);
    const figures = await interleaved(rounds, {
      workport: () => inFolder((folder) => appended(folder, events, workers)),
      floor: () => inFolder((folder) => groupSynced(folder, events)),
      ...(await beside(
        'SQLite, one row per transaction',
        async () => {
          const { insertedRows } = await import('../peers/sqlite.mjs');
          return () => inFolder((folder) => insertedRows(folder, linesOf(events), workers));
        },
        elsewhere,
      )),
    });
    const workload = `${producers} producers append with sync to ${workers.toLocaleString('en')} Workers`;
    const peerGoals = { 'SQLite, one row per transaction': { least: 8 } };
    measurements.push({ workload, unit: 'events/s', goal: { least: 0.5 }, peerGoals, figures });
  }
  say(`${inputs} inputs, one at a time`);
  const figures = await interleaved(rounds, {
    workport: () => inFolder((folder) => acceptedInputs(folder, inputs)),
    floor: () => inFolder((folder) => syncs(folder, inputs)),
  });
  measurements.push({ workload: 'one input is durably accepted, p50', unit: 'µs', goal: { most: 3 }, figures });
  return { measurements };
}

const linesOf = (events) => Array.from({ length: events }, (_, index) => loggedEvent(index + 1));

/**
 * Each Worker's mailbox appends what its producers have ready, one batch at a time. The Workers are there, as the floor's
 * file is, and events are encoded beforehand, as the floor's are.
 */
async function appended(folder, events, count) {
  const log = embeddedLog({ folder: join(folder, 'log') });
  try {
    await log.open();
    return await appending(log, events, count);
  } finally {
    await log[Symbol.asyncDispose]();
  }
}

async function appending(log, events, count) {
  const mailboxes = Math.min(count, producers);
  const batch = producers / mailboxes;
  const workers = Array.from({ length: count }, () => loggedWorker(log, WorkerId(crypto.randomUUID())));
  for (const worker of workers) assert.equal(await worker.next(1)(), 'appended');
  const appends = Array.from({ length: events / batch }, (_, index) => workers[index % count].next(batch));
  let next = 0;
  const began = process.hrtime.bigint();
  await Promise.all(
    Array.from({ length: mailboxes }, async () => {
      while (next < appends.length) assert.equal(await appends[next++](), 'appended');
    }),
  );
  const figure = perSecond(events, began);
  const sequences = await Promise.all(workers.map(({ last }) => last()));
  sequences.forEach((last, index) =>
    assert.equal(last, 1 + batch * Math.max(0, Math.ceil((appends.length - index) / count)), `Worker ${index}`),
  );
  return figure;
}

/** A new file, for as long as `use(put)` takes. `put` writes bytes at its end and syncs; they all are there afterwards. */
async function withFile(folder, use) {
  const file = openSync(join(folder, 'file'), 'a');
  let length = 0;
  try {
    const figure = await use(async (bytes) => {
      const { bytesWritten } = await writeFile(file, bytes);
      assert.equal(bytesWritten, bytes.length);
      await syncFile(file);
      length += bytesWritten;
    });
    assert.equal(fstatSync(file).size, length);
    return figure;
  } finally {
    closeSync(file);
  }
}

/** The floor: the same bytes at the end of one file, what is ready together behind one fdatasync. */
const groupSynced = (folder, events) =>
  withFile(folder, async (put) => {
    const lines = linesOf(events).map((line) => Buffer.from(line));
    const began = process.hrtime.bigint();
    for (let written = 0; written < events; written += producers) {
      await put(Buffer.concat(lines.slice(written, written + producers)));
    }
    return perSecond(events, began);
  });

/** A Runtime that is disposed of disposes of its log. */
async function acceptedInputs(folder, inputs) {
  const backend = generatorBackend({ id: 'bench', async *run() {} });
  const log = embeddedLog({ folder: join(folder, 'log') });
  const { runtime, worker } = await benchWorker(backend, { log });
  try {
    const times = [];
    while (times.length < inputs) {
      const began = process.hrtime.bigint();
      const answer = await runtime.execute({ type: 'input', worker, parts: [{ type: 'text', text: 'x' }] });
      if (answer.outcome === 'busy') continue;
      assert.equal(answer.outcome, 'accepted');
      times.push(Number(process.hrtime.bigint() - began) / 1_000);
    }
    return quantile(times, 0.5);
  } finally {
    await runtime[Symbol.asyncDispose]();
  }
}

const syncs = (folder, count) =>
  withFile(folder, async (put) => {
    const line = Buffer.alloc(300, 'x');
    const times = [];
    for (let index = 0; index < count; index += 1) {
      const began = process.hrtime.bigint();
      await put(line);
      times.push(Number(process.hrtime.bigint() - began) / 1_000);
    }
    return quantile(times, 0.5);
  });
