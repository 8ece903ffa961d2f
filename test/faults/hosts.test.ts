import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import { canFindMarked } from '../../src/cli/check/marked-processes.js';
import { manyFaults } from '../support/hosts/run.js';
import { natsPrograms, natsServer } from '../support/nats-server.js';

const faults = Number(process.env['WORKPORT_HOST_FAULTS'] ?? '50') || 50;
const seed = Number(process.env['WORKPORT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const leaseMs = 3_000;
/** On a slow machine that others use. */
const faultMs = 45_000;
const isHere = natsPrograms['nats-server'].isHere && canFindMarked();

test.runIf(isHere)(
  'W8, W19, R1, R2, P5, E6: hosts that share their Workers are killed, stopped, cut off and restarted, and each input is run once, each cursor kept, each Worker taken over within two leases [needs nats-server]',
  async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'workport-hosts-'));
    const ends: (() => Promise<void>)[] = [];
    onTestFinished(async () => {
      for (const end of ends) await end();
    });
    const engine = await natsServer();
    const tally = await manyFaults({
      cwd,
      engine,
      faults,
      seed,
      leaseMs,
      onEnd: (end) => void ends.push(end),
      say: (line) => void process.stderr.write(`${line}\n`),
    });
    console.log(`seed ${seed}: ${JSON.stringify(tally)}`);
    expect(tally.faults).toBe(faults);
    await rm(cwd, { recursive: true, force: true });
  },
  120_000 + faults * faultMs,
);
