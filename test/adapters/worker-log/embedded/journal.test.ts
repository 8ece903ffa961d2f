import { expect, onTestFinished, test } from 'vitest';

import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { journalKey } from '../../../../src/adapters/worker-log/embedded/keys.js';
import { sealed } from '../../../../src/adapters/worker-log/embedded/sealed.js';
import { Sequence } from '../../../../src/domain/ids.js';
import type { WorkerId } from '../../../../src/domain/ids.js';
import { isDamaged } from '../../../../src/domain/worker/state.js';
import { changeValue, removeKey } from '../../../support/damaged-folder.js';
import { failingEngine } from '../../../support/failing-engine.js';
import { headAt, workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import type { Known } from '../../../support/log-session.js';
import { encodedNotices, inputIdOf } from '../../../support/observations.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const [one, two] = [workerIdOf(1), workerIdOf(2)];
const known = (workerId: WorkerId): Known => {
  return { workerId, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false };
};

/** Of each of two Workers three appends of five, each as a record: those of the first are 1, 3 and 5. */
async function journaled(): Promise<string> {
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder });
  const all = [known(one), known(two)];
  for (let round = 0; round < 3; round += 1) for (const worker of all) await appendTo(log, worker, 5);
  await log[Symbol.asyncDispose]();
  return folder;
}

async function opened(folder: string) {
  const log = embeddedLog({ folder });
  onTestFinished(() => log[Symbol.asyncDispose]());
  const heads = [];
  for await (const head of log.heads(call)) heads.push(head);
  return { log, heads, damaged: heads.filter(isDamaged).map(({ workerId }) => workerId) };
}

async function keysIn(folder: string): Promise<readonly string[]> {
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: '!', lt: '~' })) keys.push(key.slice(0, 1));
  await engine.close();
  return keys;
}

test('W19: an append is one record, read from the journal, and put in its place at the next start', async () => {
  const folder = await journaled();
  const before = await keysIn(folder);
  expect(before.filter((letter) => letter !== '!')).toEqual(Array(6).fill('j'));
  const { log, heads } = await opened(folder);
  expect(heads).toEqual([headAt(one, 3, 15), headAt(two, 3, 15)]);
  expect((await log.read(two, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 15));
  expect(await log.input(two, inputIdOf(2), call)).toMatchObject({ digest: '2' });
  await log[Symbol.asyncDispose]();
  expect(new Set(await keysIn(folder))).toEqual(new Set(['!', 'h', 'i', 'o']));
});

test('P3: a page that begins in its place and ends in the journal is one', async () => {
  const folder = await journaled();
  const { log } = await opened(folder);
  const worker = { ...known(one), revision: 3, last: 15, exists: true };
  await appendTo(log, worker, 4);
  await appendTo(log, worker, 4);
  expect(await log.read(one, Sequence(10), 10, call)).toEqual({
    first: 1,
    last: 23,
    observations: encodedNotices(11, 20),
  });
  expect((await log.read(one, Sequence(20), 10, call)).observations).toEqual(encodedNotices(21, 23));
  expect(await log.head(one, call)).toEqual(headAt(one, 5, 23));
  expect(await log.input(one, inputIdOf(5), call)).toMatchObject({ digest: '5' });
});

test('W18: a journal that has grown is put in its place, and everything is there', async () => {
  const engine = failingEngine();
  await using log = embeddedLog({ folder: await temporaryFolder(), durability: 'none' }, engine.open);
  const worker = known(one);
  for (let count = 0; count < 5; count += 1) await appendTo(log, worker, 9_000);
  expect(engine.writes.some((operations) => operations.some(({ key }) => key.startsWith('o:')))).toBe(true);
  let last = 0;
  while (last < 45_000) {
    const { observations } = await log.read(one, Sequence(last), 7_000, call);
    expect(observations[0]?.sequence).toBe(last + 1);
    last = observations.at(-1)?.sequence ?? Infinity;
  }
});

test.each<[string, (folder: string) => Promise<void>]>([
  ['is damaged', (folder) => changeValue(folder, journalKey(3), (value) => void value.writeUInt8(1, 60))],
  ['is missing', (folder) => removeKey(folder, journalKey(3))],
])(
  'R4, P5: where a record %s, whom it tells more of later is damaged, and the end of all is in doubt',
  async (_, harm) => {
    const folder = await journaled();
    await harm(folder);
    const { log, damaged } = await opened(folder);
    expect(damaged).toEqual([one]);
    expect(log.isTailInDoubt).toBe(true);
    expect((await log.read(one, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 5));
    expect((await log.read(two, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 15));
    await log[Symbol.asyncDispose]();
    const again = await opened(folder);
    expect(again.damaged).toEqual([one]);
    expect(again.log.isTailInDoubt).toBe(true);
  },
);

test('P5: where the first record is missing the end of all is in doubt', async () => {
  const folder = await journaled();
  await removeKey(folder, journalKey(1));
  const { log, damaged } = await opened(folder);
  expect(log.isTailInDoubt).toBe(true);
  expect(damaged).toEqual([one]);
});

test('W19: a journal that was put in its place and is found again is passed over', async () => {
  const folder = await journaled();
  const engine = await openLevel(folder);
  const record = await engine.get(journalKey(1));
  await engine.close();
  await (await opened(folder)).log[Symbol.asyncDispose]();
  const again = await openLevel(folder);
  await again.write([{ type: 'put', key: journalKey(1), value: record ?? Buffer.alloc(0) }], { sync: true });
  await again.close();
  const { heads, log } = await opened(folder);
  expect(heads).toEqual([headAt(one, 3, 15), headAt(two, 3, 15)]);
  expect(log.isTailInDoubt).toBe(false);
});

test('a folder of the format without a journal becomes one of this format', async () => {
  const folder = await journaled();
  await (await opened(folder)).log[Symbol.asyncDispose]();
  const engine = await openLevel(folder);
  await engine.write([{ type: 'put', key: '!format', value: sealed('!format', '1') }], { sync: true });
  await engine.close();
  const { log, heads } = await opened(folder);
  expect(heads).toHaveLength(2);
  await log[Symbol.asyncDispose]();
  const after = await openLevel(folder);
  expect((await after.get('!format'))?.subarray(4).toString()).toBe('2');
  await after.close();
});
