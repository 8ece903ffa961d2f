import { constants } from 'node:fs';
import { access, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { ConfigError } from '../composition/config/config-error.js';

/** Makes the data folder where it is missing, and answers the one in it that keeps account of processes. */
export async function registerFolder(data: string): Promise<string> {
  const folder = join(resolve(data), 'processes');
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    await access(folder, constants.W_OK);
    return folder;
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const advice = 'name a folder that can be with --data, or go without one by --memory';
    throw new ConfigError([`--data ${data}: cannot be written (${code ?? 'unknown'}); ${advice}`], { cause });
  }
}
