import type { ProcessOptions } from '../host-process.js';
import type { Book } from './book.js';
import type { Chance } from './chance.js';
import { chance } from './chance.js';
import { checkRestart, until } from './check-restart.js';
import { RuleBroken } from './claim.js';
import { HostClient } from './client.js';
import type { Client } from './client.js';
import { complain } from './complain.js';
import type { Life } from './life.js';
import { cutShort, processesOf, startLife } from './life.js';
import type { Fate, Servers } from './servers.js';
import { user } from './traffic.js';
import { createOnce, newCreate } from './writes.js';

const users = 8;
const startMs = 600;
const lifeMs = 400;

export type Kind = 'while it starts' | 'at work' | 'after a check';

export interface LifeSetting {
  readonly cwd: string;
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
  readonly book: Book;
  readonly servers: Servers;
  /** Which life it is, and of which folder and seed. */
  readonly key: readonly [seed: number, folder: number, life: number];
  readonly kind: Kind;
  readonly fate: Fate;
  /** What the marks of all lives on this folder begin with. */
  readonly prefix: string;
  readonly decide: Chance;
}

interface Living extends LifeSetting {
  readonly life: Life;
  readonly client: Client;
}

const markOf = ({ prefix, key }: LifeSetting): string => `${prefix}${key[2]}`;
const after = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** One life of a host, from its start to SIGKILL, and what becomes of its server meanwhile. */
export async function live(setting: LifeSetting): Promise<void> {
  const { kind, fate, servers } = setting;
  if (kind === 'while it starts') await start(setting);
  else await work(setting);
  if (fate === 'killed with its host') await servers.kill();
}

async function start(setting: LifeSetting): Promise<void> {
  const { cwd, onEnd, fate, servers, decide } = setting;
  const starting = cutShort({ cwd, onEnd, mark: markOf(setting) }, decide.below(startMs));
  if (fate === 'killed alone') {
    await after(decide.below(startMs));
    await servers.kill();
  }
  complain(await starting);
}

async function work(setting: LifeSetting): Promise<void> {
  const { cwd, onEnd, kind, fate, decide } = setting;
  const life = await startLife({ cwd, onEnd, mark: markOf(setting) });
  const living = { ...setting, life, client: new HostClient(life.host, life.isKilled) };
  try {
    if (kind === 'after a check') await check(living);
    if (fate === 'killed alone') await loseServer(living);
    const killing = after(decide.below(lifeMs)).then(() => life.kill());
    await useUntil(living, 0, killing, life.isKilled);
    complain(life.host.stderr());
  } catch (cause) {
    if (!(cause instanceof RuleBroken)) throw cause;
    throw new RuleBroken(`${cause.message}\n${life.host.stderr().slice(-4_000)}`, { cause });
  } finally {
    await life.kill();
  }
}

/** Some people at a time use the host until it is enough: in each turn others. */
async function useUntil(
  { key: [seed, folder, number], client, book }: Living,
  turn: 0 | 1,
  ending: Promise<unknown>,
  isEnough: () => boolean,
): Promise<void> {
  const working = Array.from({ length: users }, (_, index) =>
    user({ client, book, chance: chance(seed, folder, number, 1 + turn * users + index) }, isEnough),
  );
  const ended = Promise.all(working);
  await Promise.race([ending, ended]);
  await ending;
  await ended;
}

/** The server is killed while its host is used; what is promised holds once the next one is reached. */
async function loseServer(living: Living): Promise<void> {
  const { kind, servers, decide } = living;
  let isOver = false;
  const losing = after(decide.below(lifeMs))
    .then(() => servers.kill())
    .then(() => after(decide.below(lifeMs)))
    .finally(() => (isOver = true));
  await useUntil(living, 1, losing, () => isOver);
  if (kind === 'after a check') await check(living);
}

/** Waits until no process of an earlier life is left. `marks`: those of the lives that are on. */
export async function noneLeft(
  client: Pick<Client, 'isOver'>,
  prefix: string,
  marks: readonly string[],
): Promise<void> {
  await until(client, 'R5: no process of a killed host lives', () => {
    const left = processesOf((other) => other.startsWith(prefix) && !marks.includes(other));
    return left.size === 0 || [...left];
  });
}

async function check(living: Living): Promise<void> {
  const { book, client, decide, prefix, servers } = living;
  const mark = markOf(living);
  const scene = { client, book, chance: decide };
  await noneLeft(client, prefix, [mark, ...servers.marks]);
  await reach(living);
  const piped = () =>
    book.account.executedBy(
      mark,
      processesOf((other) => other === mark),
    );
  await checkRestart(scene, () => [...piped(), ...servers.executed(book.account)]);
}

/** Waits until the host has found its servers again. */
async function reach({ book, client, decide, servers }: Living): Promise<void> {
  const { mortal } = servers;
  await servers.listening();
  if (mortal === undefined) return;
  const scene = { client, book, chance: decide };
  await until(client, 'a host finds a server again', async () => {
    const told = await createOnce(scene, newCreate(scene, mortal, ''));
    return told?.body.worker !== undefined || told;
  });
}
