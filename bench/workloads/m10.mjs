import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { cp, open, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createRuntime, generatorBackend } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

import { nodeArgs, program, started } from '../lib/ends.mjs';
import { inFolder } from '../lib/folder.mjs';
import { readLines } from '../lib/lines.mjs';
import { interleaved } from '../lib/rounds.mjs';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/**
 * The start of a host until every Worker is decided, beside reading the folder's bytes: on what a host left that ended
 * in good order, so that every Worker is read and nothing is to be written, and on what a killed one left, where each
 * Worker is recorded as lost and its execution is ended by name. And the start of a program on an empty folder, beside a
 * bare Node: Workport's is timed to its line that says that it is ready, the bare one's to its exit, as it says nothing.
 */
export const m10 = {
  what: 'start to ready: empty, and on what a drained and a killed host left',
  run: (options) => inFolder((folder) => starts(folder, options)),
};

async function starts(folder, { quick, rounds, say }) {
  const workers = quick ? 20 : 10_000;
  const events = quick ? 10 : 95;
  const left = join(folder, 'left');
  say(`fills a folder with ${workers} Workers of ${events + 5} events`);
  const args = nodeArgs(program('fill-log.mjs'), left, String(workers), String(events));
  const filling = spawn(process.execPath, args, { stdio: 'inherit' });
  const [, signal] = await once(filling, 'exit');
  assert.equal(signal, 'SIGKILL');
  const ended = join(folder, 'ended');
  await copied(left, ended);
  await ready(ended, workers);
  const rows = [await emptyStart(folder, rounds, say)];
  for (const [how, data] of Object.entries({ drained: ended, killed: left })) {
    say(`on what a ${how} host left`);
    const copy = join(folder, 'copy');
    const start = async () => {
      await copied(data, copy);
      const figure = await ready(copy, workers);
      await rm(copy, { recursive: true });
      return figure;
    };
    rows.push({
      workload: `start to ready with ${workers.toLocaleString('en')} Workers of ${events + 5} events, after a ${how} host`,
      unit: 'ms',
      goal: { most: 3 },
      figures: await interleaved(rounds, { workport: start, floor: () => reading(data) }),
    });
  }
  return { measurements: rows };
}

/** A host in a process of its own with an empty data folder, until its ready line; a bare Node, until it has exited. */
async function emptyStart(folder, rounds, say) {
  say('on an empty folder');
  const token = join(folder, 'token');
  await writeFile(token, 'bench-access-token', { mode: 0o600 });
  let made = 0;
  const workport = async () => {
    const data = join(folder, `empty-${++made}`);
    const began = process.hrtime.bigint();
    const args = nodeArgs(main, 'serve', '--json', '--port', '0', '--data', data, '--token-file', token);
    const { running, failed, end } = started(process.execPath, args, ['ignore', 'pipe', 'ignore']);
    try {
      const line = await Promise.race([new Promise((resolve) => readLines(running.stdout, resolve)), failed]);
      const figure = msSince(began);
      assert.equal(JSON.parse(line).event, 'ready');
      return figure;
    } finally {
      await end(() => running.kill());
    }
  };
  const floor = async () => {
    const began = process.hrtime.bigint();
    const [code] = await once(spawn(process.execPath, ['-e', '0'], { stdio: 'ignore' }), 'exit');
    assert.equal(code, 0);
    return msSince(began);
  };
  const figures = await interleaved(rounds, { workport, floor });
  return { workload: 'start to ready, empty', unit: 'ms', goal: { most: 8 }, figures };
}

const msSince = (began) => Number(process.hrtime.bigint() - began) / 1e6;

async function reading(folder) {
  const began = process.hrtime.bigint();
  for (const name of await readdir(folder)) await readFile(join(folder, name));
  return msSince(began);
}

/** On disk, so that no write of the host waits for the bytes of the copy. */
async function copied(from, to) {
  await cp(from, to, { recursive: true });
  for (const name of await readdir(to)) {
    const file = await open(join(to, name), 'r+');
    await file.sync();
    await file.close();
  }
}

async function ready(folder, workers) {
  const backend = generatorBackend({ id: 'bench', async *run() {} });
  const began = process.hrtime.bigint();
  const runtime = createRuntime({
    log: embeddedLog({ folder }),
    profiles: { bench: { label: 'Bench', backend } },
    limits: { workers },
  });
  try {
    await runtime.ready();
    const figure = msSince(began);
    const { runtimeId } = runtime;
    const listed = await runtime.read({ type: 'workers', runtimeId, status: 'unconnected', limit: 10 });
    assert.equal(listed.workers.length, 10);
    const { observations } = await runtime.read({ type: 'observations', worker: listed.workers[0], limit: 100 });
    assert.equal(observations[0].event.type, 'worker-created');
    return figure;
  } finally {
    await runtime[Symbol.asyncDispose]();
  }
}
