import { cpSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { embeddedLog, examineLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo } from '../../../support/log-session.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test('R1: a copy whose doctor was killed is refused, and takes no host for a folder without the other Workers', async () => {
  const parent = await temporaryFolder();
  const [folder, workFolder, into, begun, left] = ['log', 'work', 'copy', 'begun', 'left'].map((name) =>
    join(parent, name),
  ) as [string, string, string, string, string];
  const log = embeddedLog({ folder, durability: 'none' });
  for (const n of [1, 2, 3]) {
    const known = { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
    // More than one write of the copy.
    for (let count = 0; count < 8; count += 1) await appendTo(log, known, 5_000);
  }
  await log[Symbol.asyncDispose]();
  await mkdir(workFolder);
  let workers = 0;
  const onWorker = (): void => {
    workers += 1;
    if (workers === 2) cpSync(into, left, { recursive: true });
  };
  const { signal } = new AbortController();
  const onBegun = async (): Promise<void> => cpSync(into, begun, { recursive: true });
  await examineLog({ folder, workFolder, into, onBegun, onWorker, onProgress: () => undefined, signal });

  const whole = embeddedLog({ folder: into });
  await expect(whole.open?.()).resolves.toBeUndefined();
  await whole[Symbol.asyncDispose]();
  for (const unfinished of [begun, left]) {
    const half = embeddedLog({ folder: unfinished });
    await expect(half.open?.()).rejects.toThrow('not finished');
    await half[Symbol.asyncDispose]();
  }
});
