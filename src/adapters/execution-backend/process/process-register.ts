import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import { killGroup } from './kill-group.js';
import type { ProcessIdentity } from './process-identity.js';
import { processIdentity } from './process-identity.js';

/**
 * Which programs a host has started: the last net under those that survived it. One file a process, written when it
 * started and removed when it was reaped.
 */
export interface ProcessRegister {
  /** Notes a process that leads a group. Never rejects; the answer takes the note back. */
  add(pid: number): Promise<() => Promise<void>>;
  /**
   * At start: ends what an earlier host left behind and answers how many groups that were. Only what still has the
   * noted number, start time and group is killed, and nothing of a host that lives.
   */
  sweep(): Promise<number>;
}

interface Entry {
  readonly process: ProcessIdentity;
  readonly host: ProcessIdentity;
}

export interface ProcessRegisterOptions {
  /** Made where it is missing, mode 0700. */
  readonly folder: string;
}

export function processRegister(
  { folder }: ProcessRegisterOptions,
  { logger = nullLogger }: { readonly logger?: Logger | undefined } = {},
): ProcessRegister {
  const host = processIdentity(process.pid);

  async function note(pid: number): Promise<string | undefined> {
    const [identity, owner] = await Promise.all([processIdentity(pid), host]);
    if (!identity || !owner || identity.group !== pid) return undefined;
    const file = join(folder, `${pid}.json`);
    const draft = `${file}.${process.pid}.draft`;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await writeFile(draft, JSON.stringify({ process: identity, host: owner } satisfies Entry), { mode: 0o600 });
    await rename(draft, file);
    return file;
  }
  async function sweepFile(file: string): Promise<boolean> {
    const entry = parseEntry(await readFile(file, 'utf8'));
    if (entry && (await isAlive(entry.host))) return false;
    const leftBehind =
      entry !== undefined && (await isLiveLeader(entry.process)) && killGroup(entry.process.group, 'SIGKILL');
    await rm(file, { force: true });
    return leftBehind;
  }
  return {
    async add(pid) {
      const file = await note(pid).catch((error: unknown) => {
        logger.error('process register cannot be written', { error, pid });
        return undefined;
      });
      return async () => {
        if (file)
          await rm(file, { force: true }).catch((error: unknown) => logger.warn('process note stays', { error }));
      };
    },
    async sweep() {
      const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
      // A pipe would be waited for, and a link leads elsewhere.
      const names = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
      let killed = 0;
      for (const name of names) {
        const swept = await sweepFile(join(folder, name)).catch((error: unknown) => {
          logger.warn('process note cannot be swept', { error, name });
          return false;
        });
        if (swept) killed += 1;
      }
      if (killed > 0) logger.warn('processes of an earlier host were killed', { groups: killed });
      return killed;
    },
  };
}

function parseEntry(text: string): Entry | undefined {
  try {
    const { process: noted, host } = JSON.parse(text) as Partial<Entry>;
    return isIdentity(noted) && isIdentity(host) ? { process: noted, host } : undefined;
  } catch {
    return undefined;
  }
}

const isIdentity = (value: ProcessIdentity | undefined): value is ProcessIdentity =>
  Number.isSafeInteger(value?.pid) && Number.isSafeInteger(value?.group) && typeof value?.startTime === 'string';

async function isAlive(noted: ProcessIdentity): Promise<boolean> {
  const now = await processIdentity(noted.pid);
  return now !== undefined && now.startTime === noted.startTime && now.group === noted.group;
}

const isLiveLeader = async (noted: ProcessIdentity): Promise<boolean> =>
  noted.group === noted.pid && (await isAlive(noted));
