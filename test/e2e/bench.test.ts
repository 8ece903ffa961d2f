import { execFile } from 'node:child_process';
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { natsPrograms } from '../support/nats-server.js';
import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));

interface Row {
  readonly id: string;
  readonly unit: string;
  readonly figure: number;
  readonly floor: number | null;
  readonly ratio: number | null;
  readonly peers: readonly { readonly name: string; readonly figure: number; readonly ratio: number }[];
}

const ids = ['M1', 'M2', 'M3', 'M4', 'M5', 'M6', 'M7', 'M8', 'M9', 'M10', 'M11', 'M12', 'S1', 'S2', 'S3'];
/** Left out where there is none, which is said. */
const needsNats = ['S1', 'S2'];
/** Where no registry can be reached the peers are left out, and that is said. */
const peers = ['RxJS', 'vscode-jsonrpc', 'ACP SDK', 'ws', 'Socket.IO', 'Socket.IO client'];

test('a quick bench proves each workload beside its peers, writes its rows as JSON and draws its curves', async () => {
  const folder = await temporaryFolder();
  const file = `${folder}/rows.json`;
  const { stdout, stderr } = await run(process.execPath, [bench, '--quick', '--json', file, '--plots', folder]);
  expect(stdout).toContain('A quick run');
  const rows = JSON.parse(await readFile(file, 'utf8')) as readonly Row[];
  const { isHere } = natsPrograms['nats-server'];
  expect([...new Set(rows.map(({ id }) => id))]).toEqual(ids.filter((id) => isHere || !needsNats.includes(id)));
  const seen = rows.flatMap((row) => row.peers);
  const figuresOf = (some: readonly Row[]) =>
    some.flatMap(({ figure, floor, ratio, peers }) => [
      figure,
      floor ?? 1,
      ratio ?? 1,
      ...peers.flatMap((peer) => [peer.figure, peer.ratio]),
    ]);
  // JSON has no other numbers: what is none is null there.
  expect(figuresOf(rows).filter((figure) => !Number.isFinite(figure))).toEqual([]);
  // The memory of a handful of Workers is noise, less than nothing now and then; CPU time of a moment is none.
  const isNoise = ({ id, unit }: Row) => unit === 'B' || id.startsWith('S');
  expect(Math.min(...figuresOf(rows.filter((row) => !isNoise(row))))).toBeGreaterThan(0);
  if (stderr.includes('npm install in bench/peers failed')) {
    console.log('the peers could not be installed: nothing beside them was looked at');
    return;
  }
  expect(seen.map(({ name }) => name)).toEqual(expect.arrayContaining(peers));
  const drawn = (await readdir(folder)).filter((name) => name.endsWith('.svg'));
  const curves = ['engine-messages', 'log-length', 'memory', 'observers', 'taken-over', 'workers'];
  const others = isHere ? ['take-over'] : [];
  expect(drawn.toSorted()).toEqual([...curves, ...others].map((name) => `${name}.svg`).toSorted());
}, 300_000);

test('a bench that does not exist is refused with the names of those that do', async () => {
  const failure = run(process.execPath, [bench, 'M99']);
  await expect(failure).rejects.toMatchObject({
    code: 2,
    stderr: `there is no bench M99; there are ${ids.join(', ')}\n`,
  });
});

test('what an event and an input cost in promises, timers, bytes and calls stays within its bounds', async () => {
  const { stdout } = await run(process.execPath, [bench, '--costs']);
  expect(stdout.match(/^\| an (event|input).*≤/gm)).toHaveLength(5);
}, 60_000);
