import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ConfigError } from '../composition/config/config-error.js';

export interface DataFolder {
  /** Where account is kept of running programs. */
  readonly processes: string;
  /** Where Workers are kept. */
  readonly log: string;
  /** The file of who created which Worker of a mounted Runtime. */
  readonly creators: string;
}

export const logFolder = (data: string): string => join(resolve(data), 'log');

/** Makes the data folder where it is missing, and answers what is where in it. */
export async function dataFolder(data: string): Promise<DataFolder> {
  const processes = join(resolve(data), 'processes');
  try {
    await mkdir(processes, { recursive: true, mode: 0o700 });
    await access(processes, constants.W_OK);
    return { processes, log: logFolder(data), creators: join(resolve(data), 'creators') };
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const advice = 'name a folder that can be with --data, or go without one by --memory';
    throw new ConfigError([`--data ${data}: cannot be written (${code ?? 'unknown'}); ${advice}`], { cause });
  }
}
