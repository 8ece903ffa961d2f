import { expect, test } from 'vitest';

import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { headKey } from '../../../../src/adapters/worker-log/embedded/keys.js';
import { changeValue } from '../../../support/damaged-folder.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

test('R3: a head that cannot be read is found without a look at every key of every other Worker', async () => {
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder, durability: 'none' });
  for (const n of [1, 2, 3]) {
    const known = { workerId: workerIdOf(n), revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
    for (let count = 0; count < (n === 2 ? 3 : 200); count += 1) await appendTo(log, known, 1);
  }
  await log[Symbol.asyncDispose]();
  await changeValue(folder, headKey(workerIdOf(2)), (value) => void value.writeUInt8(value.readUInt8(9) ^ 1, 9));
  let keys = 0;
  const open = async (inner: string): Promise<Engine> => {
    const level = await openLevel(inner);
    async function* counted(...args: Parameters<Engine['keys']>) {
      for await (const key of level.keys(...args)) {
        keys += 1;
        yield key;
      }
    }
    return { ...level, keys: counted };
  };
  await using next = embeddedLog({ folder }, open);
  const told: [string, number][] = [];
  for await (const { workerId, sequence } of next.heads(call)) told.push([workerId, sequence]);
  expect(told.sort()).toEqual([
    [workerIdOf(1), 200],
    [workerIdOf(2), 3],
    [workerIdOf(3), 200],
  ]);
  expect(keys).toBeLessThan(20);
});
