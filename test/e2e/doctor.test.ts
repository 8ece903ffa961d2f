import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { openLevel } from '../../src/adapters/worker-log/embedded/engine.js';
import { embeddedLog, examineLog } from '../../src/adapters/worker-log/embedded/index.js';
import { headKey } from '../../src/adapters/worker-log/embedded/keys.js';
import { sealed } from '../../src/adapters/worker-log/embedded/sealed.js';
import { Sequence, WorkerId } from '../../src/domain/ids.js';
import type { WorkerLog } from '../../src/ports/worker-log.js';
import { changeValue, fileOf, intoTables, lose, removeKey, spoilBlock, tableFile } from '../support/damaged-folder.js';
import { accessToken, runWorkport, startServe } from '../support/host-process.js';
import { call } from '../support/log-session.js';
import { programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { say } from '../support/worker-stream.js';

const withToken = { WORKPORT_TOKEN: accessToken };
const echo = `echo=${process.execPath} ${programPath('echo-backend.mjs')}`;

async function doctor(...args: string[]) {
  const { code, stdout, stderr } = await runWorkport(['doctor', '--json', ...args]).ended;
  const lines =
    stdout.trim() === ''
      ? []
      : stdout
          .trim()
          .split('\n')
          .map((line) => JSON.parse(line) as Line);
  return { code, stderr, workers: lines.filter(({ event }) => event === 'worker'), end: lines.at(-1) };
}

interface Line {
  readonly event: string;
  readonly workerId?: string;
  readonly last?: number;
  readonly problems?: readonly string[];
  readonly workers?: number;
  readonly damagedWorkers?: number;
}

/** A data folder of a host that has ended, with three Workers that have done something. */
async function served() {
  const data = await mkdtemp(join(await temporaryFolder(), 'data-'));
  const host = await startServe({ args: ['--data', data, '--profile', echo] });
  const workers: string[] = [];
  for (let count = 0; count < 3; count += 1) {
    const worker = await host.create({ profile: 'echo' });
    for (const text of ['one', 'two', 'three']) await say(host, worker, text);
    workers.push(worker);
  }
  host.child.kill('SIGTERM');
  await host.ended;
  const ids = workers.map((worker) => WorkerId(worker.split('/').at(-1) ?? ''));
  return { data, log: join(data, 'log'), workers, ids };
}

/** Every file below a folder and a digest of its content. */
async function contentOf(folder: string): Promise<readonly string[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const digest = async (file: string) =>
    `${file} ${createHash('sha256')
      .update(await readFile(file))
      .digest('hex')}`;
  return Promise.all(files.sort().map(digest));
}

async function logOf(folder: string, workerId: WorkerId) {
  await using log: WorkerLog = embeddedLog({ folder });
  const head = await log.head(workerId, call);
  const { observations } = await log.read(workerId, Sequence(0), 1_000, call);
  return { head, observations };
}

async function chunksOf(folder: string, workerId: WorkerId): Promise<readonly string[]> {
  const engine = await openLevel(folder);
  const keys: string[] = [];
  for await (const key of engine.keys({ gte: `o:${workerId}:`, lt: `o:${workerId};` })) keys.push(key);
  await engine.close();
  return keys;
}

const flipLast = (value: Buffer): void =>
  void value.writeUInt8(value.readUInt8(value.length - 3) ^ 1, value.length - 3);

describe('workport doctor', () => {
  test('of a folder that is whole says so, changes nothing, and ends with 0; its copy is byte for byte the same', async () => {
    const { data, log, ids } = await served();
    const before = await contentOf(data);
    const copy = join(await temporaryFolder(), 'copy');
    const { code, workers, end } = await doctor('--data', data, '--repair', copy);
    expect({ code, end }).toMatchObject({ code: 0, end: { workers: 3, damagedWorkers: 0, problems: [] } });
    expect(workers.map(({ workerId }) => workerId)).toEqual([...ids].sort());
    expect(await contentOf(data)).toEqual(before);
    expect((await readdir(join(data, '..'))).filter((name) => name.startsWith('.workport'))).toEqual([]);
    for (const id of ids) expect(await logOf(join(copy, 'log'), id)).toEqual(await logOf(log, id));
  });

  test('R4, P5: cuts damaged Workers before their damage and leaves the others as they are; a host starts from it', async () => {
    const { data, log, workers, ids } = await served();
    const [cut, headless, whole] = ids as [WorkerId, WorkerId, WorkerId];
    const was = await logOf(log, cut);
    const wasWhole = await logOf(log, whole);
    const wasHeadless = await logOf(log, headless);
    const chunks = await chunksOf(log, cut);
    await changeValue(log, chunks[4] ?? '', flipLast);
    await removeKey(log, headKey(headless));
    const before = await contentOf(data);

    const found = await doctor('--data', data);
    expect(found).toMatchObject({ code: 1, end: { workers: 3, damagedWorkers: 2 } });
    expect(await contentOf(data)).toEqual(before);

    const copy = join(await temporaryFolder(), 'copy');
    expect((await doctor('--data', data, '--repair', copy)).code).toBe(1);
    const repaired = join(copy, 'log');
    expect(await logOf(repaired, whole)).toEqual(wasWhole);
    const last = found.workers.find(({ workerId }) => workerId === cut)?.last ?? 0;
    expect(last).toBeGreaterThan(0);
    const left = await logOf(repaired, cut);
    expect(left.observations).toEqual(was.observations.slice(0, last));
    expect(left.head?.epochs.at(-1)?.from).toBe(last + 1);
    expect((await logOf(repaired, headless)).observations).toEqual(wasHeadless.observations);
    expect((await doctor('--data', copy)).code).toBe(0);

    const host = await startServe({ args: ['--data', copy, '--profile', echo] });
    for (const damaged of workers.slice(0, 2)) {
      await expect.poll(async () => (await host.get(damaged)).body.worker?.status).toBe('unconnected');
    }
    for (const worker of workers) {
      expect((await host.post(`${worker}/reconnect`)).body.code).toBeUndefined();
      await say(host, worker, 'again');
    }
  });

  test.each<[string, (log: string) => Promise<void>]>([
    ['CURRENT is missing', (log) => lose(join(log, 'CURRENT'))],
    ['its MANIFEST is not one', async (log) => writeFile(await fileOf(log, /^MANIFEST/), 'nothing')],
    ['a block is damaged', async (log) => spoilBlock(await fileOf(log, tableFile), 0)],
    ['a table file is no table', async (log) => writeFile(await fileOf(log, tableFile), 'nothing')],
  ])('R4: makes a folder that a host starts from where %s', async (_, damage) => {
    const { data, log } = await served();
    await intoTables(log);
    await damage(log);
    const copy = join(await temporaryFolder(), 'copy');
    const { code, end } = await doctor('--data', data, '--repair', copy);
    expect(code).toBe(1);
    expect(end?.problems?.length).toBeGreaterThan(0);
    await startServe({ args: ['--data', copy, '--profile', echo] });
  });

  test('R4: repairs a folder by another name, with spaces and signs in it', async () => {
    const { data, log, ids } = await served();
    const parent = await temporaryFolder();
    const [name, copy] = [join(parent, 'a name – ünï'), join(parent, 'the copy')];
    await symlink(data, name);
    expect(await doctor('--data', name, '--repair', copy)).toMatchObject({ code: 0, end: { workers: 3 } });
    for (const id of ids) expect(await logOf(join(copy, 'log'), id)).toEqual(await logOf(log, id));
  });

  test('refuses a folder that a host has, with 2, and leaves it to that host', async () => {
    const data = await temporaryFolder();
    const host = await startServe({ args: ['--data', data, '--profile', echo] });
    const refused = await doctor('--data', data);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('in use');
    const worker = await host.create({ profile: 'echo' });
    await say(host, worker, 'still there');
  });

  test('ends with 2 where it cannot run, and says why', async () => {
    const { data } = await served();
    const nothing = await doctor('--data', await temporaryFolder());
    expect(nothing).toMatchObject({ code: 2 });
    expect(nothing.stderr).toContain('no data folder');
    const taken = await doctor('--data', data, '--repair', data);
    expect(taken).toMatchObject({ code: 2 });
    expect((await doctor('--data', data, '--repair', join(data, 'copy'))).code).toBe(2);
    const engine = await openLevel(join(data, 'log'));
    await engine.write([{ type: 'put', key: '!format', value: sealed('!format', '2') }], { sync: true });
    await engine.close();
    const newer = await doctor('--data', data);
    expect(newer.code).toBe(2);
    expect(newer.stderr).toContain('later version');
  });

  test('a host refuses a folder that the engine cannot open, and names the doctor', async () => {
    const { data, log } = await served();
    await lose(join(log, 'CURRENT'));
    const { code, stderr } = await runWorkport(['serve', '--port', '0', '--data', data], { env: withToken }).ended;
    expect(code).toBe(1);
    expect(stderr).toContain('CURRENT is missing');
    expect(stderr).toContain('workport doctor');
  });

  test.each<[string, (log: string) => Promise<void>]>([
    ['an empty one', () => Promise.resolve()],
    [
      'one of a host that ended before its first write',
      async (log) => {
        await (await openLevel(log)).close();
      },
    ],
  ])('of a folder that nothing was written to, %s, says so, and ends with 0', async (_, make) => {
    const data = await temporaryFolder();
    const copy = join(await temporaryFolder(), "it's the copy");
    await mkdir(join(data, 'log'));
    await make(join(data, 'log'));
    const { code, stdout } = await runWorkport(['doctor', '--data', data, '--repair', copy]).ended;
    expect(code).toBe(0);
    expect(stdout).toContain('there is nothing in it yet');
    expect(stdout).toContain(`workport serve --data '${copy.replace("'", String.raw`'\''`)}'`);
    await startServe({ args: ['--data', copy, '--profile', echo] });
  });

  test('what a killed doctor leaves of a copy is refused by a host before anything of the data is in it', async () => {
    const { data, log } = await served();
    const copy = join(await temporaryFolder(), 'copy');
    await mkdir(copy);
    const workFolder = await temporaryFolder();
    const nothing = () => undefined;
    const killed = examineLog({
      folder: log,
      workFolder,
      into: join(copy, 'log'),
      onBegun: async () => {
        expect(await readdir(copy)).toEqual(['log']);
        throw new Error('killed');
      },
      onWorker: nothing,
      onProgress: nothing,
      signal: call.signal,
    });
    await expect(killed).rejects.toThrow('killed');
    const refused = await runWorkport(['serve', '--port', '0', '--data', copy], { env: withToken }).ended;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('not finished');
    expect((await doctor('--data', data)).code).toBe(0);
  });

  test('tells people what is wrong with whom', async () => {
    const { data, log, ids } = await served();
    await removeKey(log, headKey(ids[0] as WorkerId));
    const { code, stdout } = await runWorkport(['doctor', '--data', data]).ended;
    expect(code).toBe(1);
    expect(stdout).toMatch(new RegExp(`^${String(ids[0])}: its head is lost; sequences 1 … \\d+ can be read`, 'm'));
    expect(stdout).toContain('3 Workers, 1 of them damaged');
    expect(stdout).toContain('--repair COPY');
  });
});
