import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { markVariable } from '../../../src/cli/check/marked-processes.js';
import type { Durability } from '../../../src/adapters/worker-log/embedded/index.js';
import { programPath } from '../programs.js';

export interface Folder {
  readonly cwd: string;
  /** What the programs have done, by their own account. */
  readonly account: string;
}

/** A folder that hosts are started in: its configuration, and what the programs keep. */
export async function prepareFolder(cwd: string, durability: Durability): Promise<Folder> {
  const account = join(cwd, 'account');
  const journals = join(cwd, 'journals');
  await mkdir(journals, { recursive: true });
  const profile = (label: string, program: string, env: Readonly<Record<string, string>>) => ({
    label,
    backend: {
      type: 'subprocess',
      isolation: 'backend',
      command: process.execPath,
      args: [programPath(program)],
      env: { KILL_ACCOUNT: account, ...env, [markVariable]: { fromEnv: markVariable } },
    },
  });
  const config = {
    profiles: {
      plain: profile('Loses everything', 'loses-everything.mjs', {}),
      keeper: profile('Loses nothing', 'loses-nothing.mjs', { KILL_JOURNALS: journals }),
    },
    log: { type: 'embedded', durability },
    limits: { inputsPerMinute: 1_000_000, streams: 1_000 },
  };
  await writeFile(join(cwd, 'workport.config.json'), JSON.stringify(config));
  return { cwd, account };
}
