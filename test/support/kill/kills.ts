import type { Durability } from '../../../src/adapters/worker-log/embedded/index.js';
import type { ProcessOptions } from '../host-process.js';
import { Account } from './account.js';
import { Book } from './book.js';
import type { Chance } from './chance.js';
import { chance } from './chance.js';
import type { Form } from './data-folder.js';
import { prepareFolder } from './data-folder.js';
import type { Kind } from './live.js';
import { live, noneLeft } from './live.js';
import { Servers } from './servers.js';

export interface KillOptions {
  readonly cwd: string;
  readonly kills: number;
  readonly seed: number;
  /** Which of the folders that the seed serves. */
  readonly folder: number;
  readonly form: Form;
  readonly durability?: Durability;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
  /** Aborts when no further host is to be started. */
  readonly signal: AbortSignal;
}

/** What was done, for people. */
export interface Tally {
  readonly kills: number;
  /** How many of the hosts' lives saw a server killed. */
  readonly serverKills: number;
  readonly starts: number;
  readonly checks: number;
  readonly workers: number;
  readonly inputs: number;
  readonly unknown: number;
  readonly observations: number;
  /** The most that one Worker's cursors were seen to have. */
  readonly epochs: number;
}

function kindOf({ below }: Chance): Kind {
  const drawn = below(100);
  if (drawn < 15) return 'while it starts';
  return drawn < 50 ? 'at work' : 'after a check';
}

/** A host on one data folder, killed again and again. What was told before holds in every life that follows. */
export async function killAgainAndAgain(options: KillOptions): Promise<Tally> {
  const { kills, seed, folder: number, form, onEnd, signal } = options;
  const folder = await prepareFolder(options.cwd, options.durability ?? 'sync', form);
  const prefix = `kill-${process.pid}-${seed}-${number}-`;
  const servers = new Servers({ form, folder, number, prefix, onEnd });
  const book = new Book(new Account(folder.account), (profile) => servers.endsOf(profile));
  const tally = { kills: 0, serverKills: 0, starts: 0, checks: 0 };
  for (let life = 1; life <= kills + 1 && !signal.aborted; life += 1) {
    const decide = chance(seed, number, life, 0);
    const kind = life > kills ? 'after a check' : kindOf(decide);
    const fate = life > kills ? 'goes on' : servers.fate(decide);
    tally.kills += 1;
    if (fate !== 'goes on') tally.serverKills += 1;
    if (kind === 'while it starts') tally.starts += 1;
    if (kind === 'after a check') tally.checks += 1;
    try {
      const key = [seed, number, life] as const;
      await live({ cwd: folder.cwd, onEnd, book, servers, key, kind, fate, prefix, decide });
    } catch (cause) {
      const where = `seed ${seed}, folder ${number} (${folder.cwd}), life ${life}, killed ${kind}, its server ${fate}`;
      throw new Error(`${where}: ${(cause as Error).message}`, { cause });
    }
  }
  await servers.end(book.account);
  await noneLeft({ isOver: false }, prefix, []);
  return { ...tally, ...sums(book) };
}

function sums(book: Book): Omit<Tally, 'kills' | 'serverKills' | 'starts' | 'checks'> {
  const workers = [...book.workers.values()];
  const inputs = workers.flatMap((worker) => [...worker.inputs.values()]);
  return {
    epochs: Math.max(...workers.map(({ epochs }) => epochs)),
    workers: workers.length,
    inputs: inputs.filter(({ state }) => state === 'accepted').length,
    unknown: inputs.filter(({ state }) => state === 'unknown').length,
    observations: workers.reduce((sum, { highest }) => sum + highest, 0),
  };
}
