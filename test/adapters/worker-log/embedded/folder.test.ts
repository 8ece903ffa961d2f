import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { expect, onTestFinished, test } from 'vitest';

import { openLevel } from '../../../../src/adapters/worker-log/embedded/engine.js';
import { lastingProblems } from '../../../../src/adapters/worker-log/embedded/engine-files/folder-files.js';
import { embeddedLog, examineLog } from '../../../../src/adapters/worker-log/embedded/index.js';
import { sealed } from '../../../../src/adapters/worker-log/embedded/sealed.js';
import { Sequence } from '../../../../src/domain/ids.js';
import { systemClock } from '../../../../src/ports/clock.js';
import type { AppendResult } from '../../../../src/ports/worker-log.js';
import { encodedNotices } from '../../../support/observations.js';
import { headAt, workerIdOf } from '../../../support/heads.js';
import { appendTo, call } from '../../../support/log-session.js';
import { firstLine } from '../../../support/programs.js';
import { temporaryFolder } from '../../../support/temporary-folder.js';

const run = promisify(execFile);
const worker = workerIdOf(1);
const known = () => ({ workerId: worker, revision: 0, last: 0, first: 1, trimmedTo: 1, exists: false });

/** What an opening is refused with. */
async function opening(folder: string): Promise<unknown> {
  await using log = embeddedLog({ folder });
  try {
    await log.open?.();
    return undefined;
  } catch (cause) {
    return cause;
  }
}

test('a second owner of a folder is refused, in the same process', async () => {
  const folder = await temporaryFolder();
  await using log = embeddedLog({ folder });
  await log.open?.();
  expect(await opening(folder)).toMatchObject({ problem: 'in-use' });
  expect(await appendTo(log, known(), 1)).toBe('appended');
});

test('a second owner in the same process is refused by whichever name it knows the folder', async () => {
  const parent = await temporaryFolder();
  const [folder, alias] = [join(parent, 'log'), join(parent, 'alias')];
  await using log = embeddedLog({ folder });
  await log.open?.();
  await symlink(folder, alias);
  for (const name of [alias, `${parent}//log`]) expect(await opening(name)).toMatchObject({ problem: 'in-use' });
});

/** A process that opens a log, says so or why not, and stays. */
function owner(folder: string) {
  const program = `
    import { embeddedLog } from ${JSON.stringify(new URL('../../../../dist/adapters/worker-log/embedded/index.js', import.meta.url).href)};
    try {
      await embeddedLog({ folder: ${JSON.stringify(folder)} }).open();
      console.log('open');
    } catch (cause) {
      console.log(cause.problem);
    }
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const gone = once(child, 'close');
  onTestFinished(() => void child.kill('SIGKILL'));
  return { said: firstLine(child.stdout), end: () => (child.kill('SIGKILL'), gone) };
}

test('a second owner of a folder is refused while another process has it, and let in when that is gone', async () => {
  const folder = await temporaryFolder();
  const { said, end } = owner(folder);
  expect(await said).toBe('open');
  expect(await opening(folder)).toMatchObject({ problem: 'in-use' });
  await end();
  expect(await opening(folder)).toBeUndefined();
});

test('a second owner in the same process, or one who examines it, lets no other process in', async () => {
  const [folder, workFolder] = [await temporaryFolder(), await temporaryFolder()];
  await using log = embeddedLog({ folder });
  await log.open?.();
  expect(await opening(folder)).toMatchObject({ problem: 'in-use' });
  const nothing = () => undefined;
  const { signal } = call;
  const examined = examineLog({ folder, workFolder, onWorker: nothing, onProgress: nothing, signal });
  await expect(examined).rejects.toMatchObject({ problem: 'in-use' });
  expect(await owner(folder).said).toBe('in-use');
});

test('a file that another host takes away while it is looked at is no damage; one that is missing is', async () => {
  const found = [['000004.log is missing', '000005.ldb is missing'], ['000005.ldb is missing']];
  expect(await lastingProblems(() => Promise.resolve(found.shift() ?? []))).toEqual(['000005.ldb is missing']);
});

test('a folder that a later version wrote is refused, with both formats', async () => {
  const folder = await temporaryFolder();
  const engine = await openLevel(folder);
  await engine.write([{ type: 'put', key: '!format', value: sealed('!format', '2') }], { sync: true });
  await engine.close();
  const refused = await opening(folder);
  expect(refused).toMatchObject({ problem: 'newer-format' });
  expect(String(refused)).toContain('format 2; this version knows 1');
});

test('a folder that cannot be made is refused, and appends to it answer', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const folder = join(file, 'log');
  expect(await opening(folder)).toMatchObject({ problem: 'unwritable' });
  await using log = embeddedLog({ folder });
  expect(await appendTo(log, known(), 1)).toBe('failed');
  await expect(log.read(worker, Sequence(0), 1, call)).rejects.toMatchObject({ problem: 'unwritable' });
});

/** A small disk of its own, where this user may have one. */
async function smallDisk(): Promise<string | undefined> {
  const folder = join(await temporaryFolder(), 'disk');
  await mkdir(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]);
  } catch {
    return undefined;
  }
  onTestFinished(() => run('umount', ['-l', folder]).then(() => undefined));
  return folder;
}

test('W19: on a full disk appends answer and reads go on, and it writes again once there is room', async ({ skip }) => {
  const disk = await smallDisk();
  if (disk === undefined) return skip('this user may mount no disk');
  const filler = join(disk, 'filler');
  await writeFile(filler, Buffer.alloc(5 * 1024 * 1024));
  let now = 0;
  const clock = { ...systemClock, now: () => (now += 2_000) };
  await using log = embeddedLog({ folder: join(disk, 'log'), clock });
  const of = known();
  const results: AppendResult[] = [];
  for (let count = 0; count < 100 && !results.includes('unknown'); count += 1)
    results.push(await appendTo(log, of, 2_000));
  expect(results.at(-1)).toBe('unknown');
  for (let count = 0; count < 3; count += 1) expect(await appendTo(log, of, 2_000)).not.toBe('appended');
  const page = await log.read(worker, Sequence(of.last - 10), 100, call);
  expect(page.observations).toEqual(encodedNotices(of.last - 9, of.last));
  await rm(filler);
  expect(await appendTo(log, of, 10)).toBe('appended');
  expect(await log.head(worker, call)).toEqual(headAt(worker, of.revision, of.last));
});

test('W18: a folder in which something else than a file has the name of one is refused, and never waited for', async () => {
  const folder = await temporaryFolder();
  await run('mkfifo', [join(folder, 'CURRENT')]);
  expect(await opening(folder)).toMatchObject({ problem: 'damaged' });
});
