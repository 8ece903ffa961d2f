import { expect, test } from 'vitest';

import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { headKey } from '../../../../src/adapters/worker-log/embedded/keys.js';
import { Damage } from '../../../../src/adapters/worker-log/embedded/damage.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { fileOf, intoTables, removeKey, spoilBlock, tableFile } from '../../../support/damaged-folder.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices } from '../../../support/observations.js';
import { beforeSweeps } from '../../../support/swept-engine.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const known = (n: number): Known => {
  return { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
};

/** A folder with a Worker, and one whose removal was not swept. */
async function withRemoval(): Promise<string> {
  const folder = await temporaryFolder();
  const died = beforeSweeps(() => Promise.reject(new Error('the host died')));
  const log = embeddedLog({ folder }, died);
  for (const n of [1, 2]) await appendTo(log, known(n), 1);
  await log.remove(workerIdOf(2));
  await log[Symbol.asyncDispose]();
  return folder;
}

test('R4: a block of removals that cannot be read keeps no host from its start', async () => {
  const folder = await withRemoval();
  await intoTables(folder);
  await spoilBlock(await fileOf(folder, tableFile), 0);
  await using log = embeddedLog({ folder });
  await expect(log.open?.()).resolves.toBeUndefined();
});

test('R4: where removals cannot be read, Workers whose heads are lost are told', async () => {
  const folder = await withRemoval();
  await removeKey(folder, headKey(workerIdOf(1)));
  const open = async (inner: string): Promise<Engine> => {
    const level = await openLevel(inner);
    const get = (key: string) =>
      key.startsWith('x:') ? Promise.reject(new Damage('a block cannot be read')) : level.get(key);
    return { ...level, get, leftOut: ['Corruption: a block'] };
  };
  await using log = embeddedLog({ folder }, open);
  const told: unknown[] = [];
  for await (const { workerId } of log.heads(call)) told.push(workerId);
  expect(told).toContain(workerIdOf(1));
  expect((await log.read(workerIdOf(1), Sequence(0), 10, call)).observations).toEqual(encodedNotices(1, 1));
});
