import type { Durability } from '../../../src/adapters/worker-log/embedded/index.js';
import type { ProcessOptions } from '../host-process.js';
import { Account } from './account.js';
import { Book } from './book.js';
import type { Chance } from './chance.js';
import { chance } from './chance.js';
import { checkRestart, until } from './check-restart.js';
import { claim, RuleBroken } from './claim.js';
import { Client } from './client.js';
import { prepareFolder } from './data-folder.js';
import { cutShort, processesOf, startLife } from './life.js';
import { user } from './traffic.js';

export interface KillOptions {
  readonly cwd: string;
  readonly kills: number;
  readonly seed: number;
  /** Which of the folders that the seed serves. */
  readonly folder: number;
  readonly durability?: Durability;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
  /** Aborts when no further host is to be started. */
  readonly signal: AbortSignal;
}

/** What was done, for people. */
export interface Tally {
  kills: number;
  starts: number;
  checks: number;
  workers: number;
  inputs: number;
  unknown: number;
  observations: number;
  /** The most that one Worker's cursors were seen to have. */
  epochs: number;
}

const users = 8;
const startMs = 600;
const lifeMs = 400;

type Kind = 'while it starts' | 'at work' | 'after a check';

function kindOf({ below }: Chance): Kind {
  const drawn = below(100);
  if (drawn < 15) return 'while it starts';
  return drawn < 50 ? 'at work' : 'after a check';
}

/** A host on one data folder, killed again and again. What was told before holds in every life that follows. */
export async function killAgainAndAgain(options: KillOptions): Promise<Tally> {
  const { kills, seed, folder } = options;
  const { cwd, account } = await prepareFolder(options.cwd, options.durability ?? 'sync');
  const book = new Book(new Account(account));
  const tally: Tally = {
    kills: 0,
    starts: 0,
    checks: 0,
    workers: 0,
    inputs: 0,
    unknown: 0,
    observations: 0,
    epochs: 0,
  };
  const prefix = `kill-${process.pid}-${seed}-${folder}-`;
  for (let life = 1; life <= kills + 1 && !options.signal.aborted; life += 1) {
    const decide = chance(seed, folder, life, 0);
    const kind = life > kills ? 'after a check' : kindOf(decide);
    const mark = `${prefix}${life}`;
    try {
      await live({ ...options, cwd, book, life, kind, prefix, mark, decide, tally });
    } catch (cause) {
      const where = `seed ${seed}, folder ${folder} (${cwd}), life ${life}, killed ${kind}`;
      throw new Error(`${where}: ${(cause as Error).message}`, { cause });
    }
  }
  await noneLeft({ isOver: false }, prefix);
  const inputs = [...book.workers.values()].flatMap((worker) => [...worker.inputs.values()]);
  return {
    ...tally,
    epochs: Math.max(...[...book.workers.values()].map(({ epochs }) => epochs)),
    workers: book.workers.size,
    inputs: inputs.filter(({ state }) => state === 'accepted').length,
    unknown: inputs.filter(({ state }) => state === 'unknown').length,
    observations: [...book.workers.values()].reduce((sum, { highest }) => sum + highest, 0),
  };
}

interface LifeSetting extends KillOptions {
  readonly book: Book;
  readonly life: number;
  readonly kind: Kind;
  /** What the marks of all lives on this folder begin with. */
  readonly prefix: string;
  readonly mark: string;
  readonly decide: Chance;
  readonly tally: Tally;
}

async function live(setting: LifeSetting): Promise<void> {
  const { book, kind, decide, tally, seed, folder, life: number } = setting;
  tally.kills += 1;
  if (kind === 'while it starts') {
    tally.starts += 1;
    complain(await cutShort(setting, decide.below(startMs)));
    return;
  }
  const life = await startLife(setting);
  try {
    const client = new Client(life.host, life.isKilled);
    if (kind === 'after a check') {
      tally.checks += 1;
      await check({ ...setting, client });
    }
    const working = Array.from({ length: users }, (_, index) =>
      user({ client, book, chance: chance(seed, folder, number, index + 1) }),
    );
    const ended = Promise.all(working);
    const killing = new Promise((resolve) => setTimeout(resolve, decide.below(lifeMs)));
    await Promise.race([killing, ended]);
    await life.kill();
    await ended;
    complain(life.host.stderr());
  } catch (cause) {
    if (!(cause instanceof RuleBroken)) throw cause;
    throw new RuleBroken(`${cause.message}\n${life.host.stderr().slice(-4_000)}`, { cause });
  } finally {
    await life.kill();
  }
}

/** Waits until no process of an earlier life is left. `mark`: that of the life that is on, if one is. */
async function noneLeft(client: Pick<Client, 'isOver'>, prefix: string, mark?: string): Promise<void> {
  await until(client, 'R5: no process of a killed host lives', () => {
    const left = processesOf((other) => other.startsWith(prefix) && other !== mark);
    return left.size === 0 || [...left];
  });
}

async function check({ book, client, decide, prefix, mark }: LifeSetting & { readonly client: Client }): Promise<void> {
  const scene = { client, book, chance: decide };
  await noneLeft(client, prefix, mark);
  const executed = () =>
    book.account.executedBy(
      mark,
      processesOf((other) => other === mark),
    );
  await checkRestart(scene, executed);
}

/** A host that was killed has nothing to complain of but what a program said. */
function complain(stderr: string): void {
  const lines = stderr.split('\n').filter((line) => /"level":"(error|fatal)"/.test(line));
  const own = lines.filter((line) => !line.includes('"message":"backend"'));
  claim(own.length === 0, 'a host reports no error', own.slice(0, 3));
}
