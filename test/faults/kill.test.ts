import { rm } from 'node:fs/promises';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { Durability } from '../../src/adapters/worker-log/embedded/index.js';
import { canFindMarked } from '../../src/cli/check/marked-processes.js';
import type { Tally } from '../support/kill/kills.js';
import { killAgainAndAgain } from '../support/kill/kills.js';

const kills = Number(process.env['WORKPORT_KILLS'] ?? '200');
const seed = Number(process.env['WORKPORT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const folders = 2;
const killMs = 5_000;

/** Kept where something was found in it. */
async function killed(count: number, folder: number, durability: Durability): Promise<Tally> {
  const cwd = await mkdtemp(join(tmpdir(), 'workport-kill-'));
  const ends: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const end of ends) await end();
  });
  const tally = await killAgainAndAgain({
    cwd,
    kills: count,
    seed,
    folder,
    durability,
    onEnd: (end) => ends.push(end),
  });
  await rm(cwd, { recursive: true, force: true });
  return tally;
}

const share = (folder: number): number => Math.floor((kills + folder) / folders);

test.skipIf(!canFindMarked())(
  'R1, P4, W5, W8, W14: a host that is killed at any moment loses nothing that was told or seen, and doubles nothing [needs /proc]',
  async () => {
    const tallies = await Promise.all(
      Array.from({ length: folders }, (_, folder) => killed(share(folder), folder, 'sync')),
    );
    console.log(`seed ${seed}: ${tallies.map((tally) => JSON.stringify(tally)).join(' ')}`);
    expect(tallies.reduce((sum, tally) => sum + tally.kills, 0)).toBeGreaterThanOrEqual(kills);
  },
  60_000 + kills * killMs,
);
