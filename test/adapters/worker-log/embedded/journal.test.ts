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

/** Enough of them that append at once for a record. */
const many = Array.from({ length: 30 }, (_, index) => workerIdOf(index + 1));

/** Of each five in their place, and appends of five: three records, the second without any of `two`. */
async function journaled(): Promise<string> {
  const folder = await temporaryFolder();
  const log = embeddedLog({ folder });
  const all = many.map(known);
  for (const worker of all) await appendTo(log, worker, 5);
  for (const round of [1, 2, 3]) {
    const appending = all.filter(({ workerId }) => workerId !== two || round !== 2);
    await Promise.all(appending.map((worker) => appendTo(log, worker, 5)));
  }
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

const lettersIn = async (folder: string): Promise<readonly string[]> => [
  ...new Set((await keysIn(folder)).filter((letter) => letter !== '!')),
];

test('W19: what many append at once is one record, and told from there, also after the next start', async () => {
  const folder = await journaled();
  expect((await keysIn(folder)).filter((letter) => letter === 'j')).toEqual(['j', 'j', 'j']);
  const { log, heads } = await opened(folder);
  expect(heads).toEqual(many.map((workerId) => (workerId === two ? headAt(two, 3, 15) : headAt(workerId, 4, 20))));
  expect((await log.read(one, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 20));
  expect(await log.input(one, inputIdOf(2), call)).toMatchObject({ digest: '2' });
});

test('W19: what the journal holds is in its place with the next write of little', async () => {
  const folder = await journaled();
  const { log } = await opened(folder);
  await appendTo(log, { ...known(one), revision: 4, last: 20, exists: true }, 1);
  const observed = async () => (await log.read(one, Sequence(0), 100, call)).observations;
  expect(await observed()).toEqual(encodedNotices(1, 21));
  expect((await log.read(two, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 15));
  await log[Symbol.asyncDispose]();
  expect(await lettersIn(folder)).toEqual(['h', 'i', 'o']);
});

test('P3: a page that begins in its place and ends in the journal is one', async () => {
  const folder = await journaled();
  const { log } = await opened(folder);
  const all = many.map((workerId): Known => {
    return { ...known(workerId), ...(workerId === two ? { revision: 3, last: 15 } : { revision: 4, last: 20 }) };
  });
  await log.trim(one, Sequence(1));
  for (const _ of [1, 2]) await Promise.all(all.map((worker) => appendTo(log, worker, 4)));
  const page = await log.read(one, Sequence(15), 10, call);
  expect(page).toEqual({ first: 1, last: 28, observations: encodedNotices(16, 25) });
  expect((await log.read(one, Sequence(25), 10, call)).observations).toEqual(encodedNotices(26, 28));
  expect(await log.head(one, call)).toEqual(headAt(one, 6, 28));
  expect(await log.input(one, inputIdOf(6), call)).toMatchObject({ digest: '6' });
});

test('W18: a journal that has grown is put in its place, and everything is there', async () => {
  const engine = failingEngine();
  await using log = embeddedLog({ folder: await temporaryFolder(), durability: 'none' }, engine.open);
  const all = many.map(known);
  for (let count = 0; count < 8; count += 1) await Promise.all(all.map((worker) => appendTo(log, worker, 800)));
  const places = engine.writes.filter((operations) => operations.some(({ key }) => key.startsWith('o:')));
  expect(places.length).toBeGreaterThan(0);
  for (const workerId of many) {
    const { observations } = await log.read(workerId, Sequence(0), 10_000, call);
    expect(observations).toEqual(encodedNotices(1, 6_400));
  }
});

test.each<[string, (folder: string) => Promise<void>]>([
  ['is damaged', (folder) => changeValue(folder, journalKey(2), (value) => void value.writeUInt8(1, 60))],
  ['is missing', (folder) => removeKey(folder, journalKey(2))],
])('R4, P5: where a record %s, of whom it told is damaged, and the end of all is in doubt', async (_, harm) => {
  const folder = await journaled();
  await harm(folder);
  const { log, damaged } = await opened(folder);
  expect(damaged).toEqual(many.filter((workerId) => workerId !== two));
  expect(log.isTailInDoubt).toBe(true);
  expect((await log.read(one, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 10));
  await expect(log.read(one, Sequence(10), 100, call)).rejects.toThrow('missing');
  expect((await log.read(two, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 15));
  await log.trim(two, Sequence(1));
  await log[Symbol.asyncDispose]();
  expect(await lettersIn(folder)).toEqual(['h', 'i', 'o']);
  const again = await opened(folder);
  expect(again.damaged).toEqual(damaged);
  expect(again.log.isTailInDoubt).toBe(true);
  expect((await again.log.read(one, Sequence(0), 100, call)).observations).toEqual(encodedNotices(1, 10));
});

test('R4: where the first record is missing, of whom it told is damaged', async () => {
  const folder = await journaled();
  await removeKey(folder, journalKey(1));
  expect((await opened(folder)).damaged.sort()).toEqual(many);
});

test('R4: a record that was put in its place and is found again is passed over', async () => {
  const folder = await journaled();
  const engine = await openLevel(folder);
  const record = await engine.get(journalKey(1));
  await engine.close();
  const first = await opened(folder);
  await first.log.trim(one, Sequence(1));
  await first.log[Symbol.asyncDispose]();
  const again = await openLevel(folder);
  await again.write([{ type: 'put', key: journalKey(1), value: record ?? Buffer.alloc(0) }], { sync: true });
  await again.close();
  const { heads, log } = await opened(folder);
  expect(heads).toEqual(first.heads);
  expect(log.isTailInDoubt).toBe(false);
});

test('a folder of the format without a journal becomes one of this format', async () => {
  const folder = await journaled();
  const engine = await openLevel(folder);
  await engine.write([{ type: 'put', key: '!format', value: sealed('!format', '1') }], { sync: true });
  await engine.close();
  await (await opened(folder)).log[Symbol.asyncDispose]();
  const after = await openLevel(folder);
  expect((await after.get('!format'))?.subarray(4).toString()).toBe('2');
  await after.close();
});
