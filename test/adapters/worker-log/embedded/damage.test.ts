import { appendFile, readFile, writeFile } from 'node:fs/promises';

import { describe, expect, onTestFinished, test } from 'vitest';

import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { chunkKey, headKey } from '../../../../src/adapters/worker-log/embedded/keys.js';
import { Sequence } from '../../../../src/domain/ids.js';
import type { WorkerId } from '../../../../src/domain/ids.js';
import { isDamaged } from '../../../../src/domain/worker/state.js';
import type { WorkerHead, WorkerLog } from '../../../../src/ports/worker-log.js';
import {
  changeValue,
  fileOf,
  flip,
  intoTables,
  lose,
  removeKey,
  shorten,
  spoilBlock,
  tableFile,
  writeAheadLog,
} from '../../../support/damaged-folder.js';
import { headAt, workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices } from '../../../support/observations.js';
import { recordingLogger } from '../../../support/recording-logger.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const [one, two, three] = [workerIdOf(1), workerIdOf(2), workerIdOf(3)];
const everyone = [one, two, three];
const known = (workerId: WorkerId): Known => {
  return { workerId, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
};

/** Three Workers with four chunks each, of ten events but for the first Worker's. */
async function written(eventsInChunkOfOne = 10): Promise<string> {
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder });
  const all = everyone.map(known);
  for (let round = 0; round < 4; round += 1) {
    for (const worker of all) await appendTo(log, worker, worker.workerId === one ? eventsInChunkOfOne : 10);
  }
  await log[Symbol.asyncDispose]();
  return folder;
}

const chunk = (workerId: WorkerId, first: number) => chunkKey(workerId, { first, last: first + 9 });

async function opened(folder: string) {
  const logger = recordingLogger();
  const log = embeddedLog({ folder, logger });
  onTestFinished(() => log[Symbol.asyncDispose]());
  await log.open?.();
  const heads: WorkerHead[] = [];
  for await (const head of log.heads(call)) heads.push(head);
  return { log, logger, heads, damaged: heads.filter(isDamaged).map(({ workerId }) => workerId) };
}

const refusalOf = (folder: string): Promise<unknown> => {
  const log = embeddedLog({ folder });
  return (log.open?.() ?? Promise.resolve())
    .then(
      () => undefined,
      (cause: unknown) => cause,
    )
    .finally(() => log[Symbol.asyncDispose]());
};

/** All that can be read, page by page, and whether it ended at damage. */
async function readable(log: WorkerLog, workerId: WorkerId) {
  let last = 0;
  for (;;) {
    const page = await log.read(workerId, Sequence(last), 7, call).catch(() => undefined);
    if (!page) return { last, endsAtDamage: true };
    expect(page.observations).toEqual(encodedNotices(last + 1, last + page.observations.length));
    if (page.observations.length === 0) return { last, endsAtDamage: false };
    last += page.observations.length;
  }
}

async function expectWhole(log: WorkerLog, ...workers: WorkerId[]): Promise<void> {
  for (const workerId of workers) {
    expect(await readable(log, workerId)).toEqual({ last: 40, endsAtDamage: false });
    expect(await appendTo(log, { ...known(workerId), revision: 4, last: 40 }, 1)).toBe('appended');
  }
}

describe('one record of a table file', () => {
  test('R4: a flipped byte in an observation makes its Worker unreadable from there on, and no other', async () => {
    const folder = await written();
    await intoTables(folder);
    await flip(await fileOf(folder, tableFile), 'notice 25');
    const { log, heads } = await opened(folder);
    expect(heads).toHaveLength(3);
    const found = await Promise.all(everyone.map((workerId) => readable(log, workerId)));
    expect(found.filter(({ endsAtDamage }) => endsAtDamage)).toEqual([{ last: 20, endsAtDamage: true }]);
    await expectWhole(log, ...everyone.filter((_, index) => !found[index]?.endsAtDamage));
  });

  test('R4: a chunk whose key was changed is missed, and is nobody’s else', async () => {
    const folder = await written();
    await intoTables(folder);
    await flip(await fileOf(folder, tableFile), chunk(one, 21).slice(-5), 1);
    const { log } = await opened(folder);
    expect(await readable(log, one)).toEqual({ last: 20, endsAtDamage: true });
    await expectWhole(log, two, three);
  });

  test('R4: a chunk that is missing at the beginning of a log is no trim', async () => {
    const folder = await written();
    await removeKey(folder, chunk(one, 1));
    const { log } = await opened(folder);
    expect(await readable(log, one)).toEqual({ last: 0, endsAtDamage: true });
    expect((await log.read(one, Sequence(10), 5, call)).observations).toEqual(encodedNotices(11, 15));
    await expectWhole(log, two, three);
  });

  test('R4, W12: a head that cannot be read is rebuilt as damaged, and its log can be read', async () => {
    const folder = await written();
    await changeValue(folder, headKey(two), (value) => void value.writeUInt8(value.readUInt8(9) ^ 1, 9));
    const { log, heads, damaged } = await opened(folder);
    expect(heads).toHaveLength(3);
    expect(damaged).toEqual([two]);
    expect(heads.find(({ workerId }) => workerId === two)).toMatchObject({ sequence: 40 });
    expect(await readable(log, two)).toEqual({ last: 40, endsAtDamage: false });
    expect(await appendTo(log, { ...known(two), revision: 4, last: 40 }, 1)).toBe('failed');
    await expectWhole(log, one, three);
  });

  test('R4, W12: a Worker whose head is lost beside one that is damaged is found by its observations', async () => {
    const folder = await written();
    await removeKey(folder, headKey(three));
    await changeValue(folder, headKey(two), (value) => void value.writeUInt8(value.readUInt8(9) ^ 1, 9));
    const { log, damaged } = await opened(folder);
    expect([...damaged].sort()).toEqual([two, three]);
    expect(await readable(log, three)).toEqual({ last: 40, endsAtDamage: false });
    expect(await appendTo(log, known(three), 1)).toBe('conflict');
    await expectWhole(log, one);
  });

  test('W13: a Worker whose head is damaged can be removed', async () => {
    const folder = await written();
    await changeValue(folder, headKey(two), (value) => void value.writeUInt8(value.readUInt8(9) ^ 1, 9));
    const { log } = await opened(folder);
    await log.remove(two);
    expect(await log.head(two, call)).toBeUndefined();
    expect((await log.read(two, Sequence(0), 10, call)).last).toBe(0);
  });
});

describe('the write-ahead log', () => {
  test('R4: a record that is torn at its end is cut off and reported; a new epoch begins at the next start', async () => {
    const folder = await written();
    await appendFile(await fileOf(folder, writeAheadLog), Buffer.from([9, 9, 9, 9, 0xff, 0x10, 1, 7, 7]));
    const { log, logger, damaged } = await opened(folder);
    expect(damaged).toEqual([]);
    expect(logger.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', fields: expect.objectContaining({ bytes: 9 }) as object }),
    );
    expect(log.isTailInDoubt).toBe(true);
    await expectWhole(log, ...everyone);
  });

  test('R4, P5: a file that is cut short is a log that ends earlier, with its end in doubt', async () => {
    const folder = await written();
    await shorten(await fileOf(folder, writeAheadLog), 500);
    const { log, damaged, heads } = await opened(folder);
    expect(damaged).toEqual([]);
    expect(heads.find(({ workerId }) => workerId === three)).toEqual(headAt(three, 3, 30));
    expect(log.isTailInDoubt).toBe(true);
  });

  test('P5: the doubt ends when every Worker has something appended behind its end, and lasts until then', async () => {
    const folder = await written();
    await shorten(await fileOf(folder, writeAheadLog), 500);
    const first = await opened(folder);
    await first.log[Symbol.asyncDispose]();
    const second = await opened(folder);
    expect(second.log.isTailInDoubt).toBe(true);
    for (const { workerId, revision, sequence } of second.heads) {
      await appendTo(second.log, { ...known(workerId), revision, last: sequence }, 1);
    }
    await expect.poll(() => second.log.isTailInDoubt).toBe(false);
    await second.log[Symbol.asyncDispose]();
    expect((await opened(folder)).log.isTailInDoubt).toBe(false);
  });

  test('R4, P5: a flipped byte leaves a hole: Workers that miss something in it are damaged, others go on', async () => {
    // A chunk that begins in one of the engine's blocks of 32 KiB and ends in the next: what comes behind it stays.
    const folder = await written(300);
    await flip(await fileOf(folder, writeAheadLog), 'notice 310');
    const { log, logger, damaged } = await opened(folder);
    expect(logger.lines.some(({ message }) => message === 'a part of the log could not be read')).toBe(true);
    expect(log.isTailInDoubt).toBe(true);
    expect(damaged).toEqual([one]);
    expect(await readable(log, one)).toEqual({ last: 300, endsAtDamage: true });
    await expectWhole(log, two, three);
  });

  test('R4: a missing one refuses the start', async () => {
    const folder = await written();
    await lose(await fileOf(folder, writeAheadLog));
    expect(await refusalOf(folder)).toMatchObject({ problem: 'damaged' });
  });
});

describe('a file that the engine needs', () => {
  const manifest = /^MANIFEST/;
  const current = /^CURRENT/;
  test.each<[string, RegExp, (file: string) => Promise<void>]>([
    ['CURRENT is missing', current, lose],
    ['CURRENT is empty', current, (file) => writeFile(file, '')],
    ['CURRENT has a flipped byte', current, (file) => flip(file, 12)],
    ['MANIFEST is missing', manifest, lose],
    ['MANIFEST is cut short', manifest, (file) => shorten(file, 4)],
    ['MANIFEST is cut to its beginning', manifest, async (file) => writeFile(file, Buffer.alloc(20))],
    ['MANIFEST has a flipped byte', manifest, (file) => flip(file, 10)],
    ['MANIFEST has a flipped byte at its end', manifest, (file) => flip(file, -3)],
    ['a table file is missing', tableFile, lose],
    ['a table file is cut short', tableFile, (file) => shorten(file, 100)],
    ['the end of a table file has a flipped byte', tableFile, (file) => flip(file, -1)],
  ])('R4: where %s the start is refused as damaged, and nothing is deleted', async (_, pattern, damage) => {
    const folder = await written();
    await intoTables(folder);
    await damage(await fileOf(folder, pattern));
    const tables = await fileOf(folder, /\.(ldb|log)$/);
    expect(await refusalOf(folder)).toMatchObject({ problem: 'damaged' });
    expect(await fileOf(folder, /\.(ldb|log)$/)).toBe(tables);
  });

  test('R4: a block that cannot be read hides no Worker whose records lie elsewhere', async () => {
    const folder = await temporaryFolder();
    const log = embeddedLog({ folder });
    const many = Array.from({ length: 60 }, (__, index) => known(workerIdOf(index + 1)));
    await Promise.all(many.map((worker) => appendTo(log, worker, 30)));
    await log[Symbol.asyncDispose]();
    await intoTables(folder);
    await spoilBlock(await fileOf(folder, tableFile), 1);
    const again = await opened(folder);
    expect(again.heads.length).toBeGreaterThan(50);
    const damaged = await Promise.all(many.map(({ workerId }) => readable(again.log, workerId)));
    expect(damaged.filter(({ last }) => last === 30).length).toBeGreaterThan(50);
  });

  test('R4: whichever byte is flipped in a table that the engine compressed, no head is hidden', async () => {
    const folder = await temporaryFolder();
    const log = embeddedLog({ folder });
    const many = Array.from({ length: 40 }, (__, index) => known(workerIdOf(index + 1)));
    await Promise.all(many.map((worker) => appendTo(log, worker, 5)));
    await log[Symbol.asyncDispose]();
    await intoTables(folder, { compression: true });
    const file = await fileOf(folder, tableFile);
    const sound = await readFile(file);
    // The beginning of the first block with heads: what stands there is the key of many of them.
    for (let place = 10; place < 70; place += 1) {
      await flip(file, place, 1);
      const again = await opened(folder);
      expect({ place, heads: again.heads.length }).toEqual({ place, heads: 40 });
      await again.log[Symbol.asyncDispose]();
      await writeFile(file, sound);
    }
  });

  test('a folder whose format cannot be read is damaged', async () => {
    const folder = await written();
    await changeValue(folder, '!format', (value) => void value.writeUInt8(0x39, 4));
    expect(await refusalOf(folder)).toMatchObject({ problem: 'damaged' });
  });
});
