import { expect, test } from 'vitest';

import type { Engine } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { removalKey } from '../../../../src/adapters/worker-log/embedded/keys.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices } from '../../../support/observations.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const worker = workerIdOf(1);
const known = (): Known => ({ workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false });

test('O7, P3: a page that is read while a prefix is trimmed is what is left, and no damage', async () => {
  let before = (): Promise<void> => Promise.resolve();
  const open = async (folder: string): Promise<Engine> => {
    const engine = await openLevel(folder);
    async function* entries(...args: Parameters<Engine['entries']>) {
      const once = before;
      before = () => Promise.resolve();
      await once();
      yield* engine.entries(...args);
    }
    return { ...engine, entries };
  };
  await using log = embeddedLog({ folder: await temporaryFolder() }, open);
  const of = known();
  for (let count = 0; count < 5; count += 1) await appendTo(log, of, 2);
  before = () => log.trim(worker, Sequence(5));
  const page = await log.read(worker, Sequence(0), 100, call);
  expect(page).toEqual({ first: 5, last: 10, observations: encodedNotices(5, 10) });
});

test('W13: a trim that was under way when its log was removed leaves nothing of it', async () => {
  let release: () => void = () => undefined;
  const hold = new Promise<void>((resolve) => (release = resolve));
  let reached: () => void = () => undefined;
  let cleared: () => void = () => undefined;
  const open = async (folder: string): Promise<Engine> => {
    const engine = await openLevel(folder);
    async function* entries(...args: Parameters<Engine['entries']>) {
      for await (const entry of engine.entries(...args)) {
        reached();
        await hold;
        yield entry;
      }
    }
    const write: Engine['write'] = async (operations, options) => {
      await engine.write(operations, options);
      if (operations.some(({ type, key }) => type === 'del' && key === removalKey(worker))) cleared();
    };
    return { ...engine, entries, write };
  };
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder }, open);
  await appendTo(log, known(), 10);
  const isReached = new Promise<void>((resolve) => (reached = resolve));
  const isCleared = new Promise<void>((resolve) => (cleared = resolve));
  const trimmed = log.trim(worker, Sequence(5));
  await isReached;
  await log.remove(worker);
  await isCleared;
  release();
  await trimmed.catch(() => undefined);
  expect((await log.read(worker, Sequence(0), 10, call)).observations).toEqual([]);
  await log[Symbol.asyncDispose]();
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: 'a', lt: '~' })) keys.push(key);
  await engine.close();
  expect(keys).toEqual([]);
});
