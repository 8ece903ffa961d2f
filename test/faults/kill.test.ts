import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { expect, onTestFinished, test } from 'vitest';

import type { Durability } from '../../src/adapters/worker-log/embedded/index.js';
import { canFindMarked } from '../../src/cli/check/marked-processes.js';
import type { Form } from '../support/kill/data-folder.js';
import type { Tally } from '../support/kill/kills.js';
import { killAgainAndAgain } from '../support/kill/kills.js';

const allKills = Number(process.env['WORKPORT_KILLS'] ?? '200') || 200;
/** Of ten kills three are of hosts whose Workers are executed behind sockets. */
const servedKills = Math.floor(allKills * 0.3);
const kills = allKills - servedKills;
const seed = Number(process.env['WORKPORT_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const folders = 2;
const firstServed = 4;
/** On a slow machine that others use. */
const killMs = 5_000;
const withoutSync = Math.min(20, kills);

interface Row {
  readonly kills: number;
  readonly folder: number;
  readonly durability: Durability;
  readonly form: Form;
}

/** The folder is kept where something was found in it. */
async function killed({ kills: count, ...row }: Row, signal: AbortSignal): Promise<Tally> {
  const cwd = await mkdtemp(join(tmpdir(), 'workport-kill-'));
  const ends: (() => Promise<void>)[] = [];
  onTestFinished(async () => {
    for (const end of ends) await end();
  });
  const onEnd = (end: () => Promise<void>): void => void ends.push(end);
  const tally = await killAgainAndAgain({ ...row, cwd, kills: count, seed, onEnd, signal });
  await rm(cwd, { recursive: true, force: true });
  return tally;
}

/** Side by side. Where something is found in one folder, the others are left in peace. */
async function killedAll(rows: readonly Row[]): Promise<readonly Tally[]> {
  const found = new AbortController();
  const all = rows.map((row) =>
    killed(row, found.signal).catch((cause: unknown) => {
      found.abort();
      throw cause;
    }),
  );
  await Promise.allSettled(all);
  const tallies = await Promise.all(all);
  console.log(`seed ${seed}: ${tallies.map((tally) => JSON.stringify(tally)).join(' ')}`);
  return tallies;
}

const share = (all: number, folder: number): number => Math.floor((all + folder) / folders);
test.skipIf(!canFindMarked())(
  'R1, R2, P4, W5, W8, W14: a host that is killed at any moment loses nothing that was told or seen, and doubles nothing [needs /proc]',
  async () => {
    const rows = Array.from({ length: folders }, (_, folder): Row => {
      return { kills: share(kills, folder), folder, durability: 'sync', form: 'piped' };
    });
    const tallies = await killedAll(rows);
    expect(tallies.reduce((sum, tally) => sum + tally.kills, 0)).toBeGreaterThanOrEqual(kills);
  },
  60_000 + kills * killMs,
);

test.skipIf(!canFindMarked())(
  'R1, R2, E5, W8, W14: a host that is killed finds its Workers again behind sockets, and loses those alone whose server was killed [needs /proc]',
  async () => {
    const rows = Array.from({ length: folders }, (_, index): Row => {
      return { kills: share(servedKills, index), folder: firstServed + index, durability: 'sync', form: 'served' };
    });
    const tallies = await killedAll(rows);
    expect(tallies.reduce((sum, tally) => sum + tally.kills, 0)).toBeGreaterThanOrEqual(servedKills);
  },
  60_000 + servedKills * killMs,
);

test.skipIf(!canFindMarked())(
  'P5: without a sync for each write the end of the process alone loses nothing either, and each start begins an epoch [needs /proc]',
  async () => {
    const rows = (['interval', 'none'] as const).map((durability, index): Row => {
      return { kills: withoutSync / 2, folder: folders + index, durability, form: 'piped' };
    });
    const tallies = await killedAll(rows);
    for (const { epochs } of tallies) expect(epochs).toBeGreaterThan(1);
  },
  60_000 + withoutSync * killMs,
);
