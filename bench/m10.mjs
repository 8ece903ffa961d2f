import assert from 'node:assert/strict';
import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { createRuntime, generatorBackend } from 'workport';
import { embeddedLog } from 'workport/logs/embedded';

import { interleaved } from './statistics.mjs';

const filler = fileURLToPath(new URL('programs/fill-log.mjs', import.meta.url));

/** The start of a host on what a killed one left: until every Worker is decided, beside reading the folder's bytes. */
export async function m10({ quick, rounds, say }) {
  const workers = quick ? 20 : 10_000;
  const events = quick ? 10 : 95;
  const folder = await mkdtemp(join(tmpdir(), 'workport-bench-'));
  const left = join(folder, 'left');
  try {
    say(`M10: fills a folder with ${workers} Workers of ${events + 5} events`);
    const filling = spawn(process.execPath, [filler, left, String(workers), String(events)], { stdio: 'inherit' });
    const [, signal] = await once(filling, 'exit');
    assert.equal(signal, 'SIGKILL');
    say(`M10: ${rounds} rounds`);
    const figures = await interleaved(
      rounds,
      () => ready(left, join(folder, 'copy'), workers),
      () => reading(left),
    );
    return [
      {
        workload: `start to ready with ${workers} Workers of ${events + 5} events`,
        unit: 'ms',
        goal: '≤ 3',
        isMet: (ratio) => ratio <= 3,
        ...figures,
      },
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

const msSince = (began) => Number(process.hrtime.bigint() - began) / 1e6;

async function reading(folder) {
  const began = process.hrtime.bigint();
  for (const name of await readdir(folder)) await readFile(join(folder, name));
  return msSince(began);
}

async function ready(left, folder, workers) {
  await cp(left, folder, { recursive: true });
  const backend = generatorBackend({ id: 'bench', async *run() {} });
  const began = process.hrtime.bigint();
  const runtime = createRuntime({
    log: embeddedLog({ folder }),
    profiles: { bench: { label: 'Bench', backend } },
    limits: { workers },
  });
  await runtime.ready();
  const figure = msSince(began);
  const { runtimeId } = runtime;
  const listed = await runtime.read({ type: 'workers', runtimeId, status: 'unconnected', limit: 10 });
  assert.equal(listed.workers.length, 10);
  await runtime[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
  return figure;
}
