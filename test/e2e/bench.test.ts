import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import { temporaryFolder } from '../support/temporary-folder.js';

const run = promisify(execFile);
const bench = fileURLToPath(new URL('../../bench/run.mjs', import.meta.url));

interface Row {
  readonly id: string;
  readonly figure: number;
  readonly floor: number;
  readonly ratio: number;
}

test('a quick bench proves each workload, and writes its rows as JSON', async () => {
  const file = `${await temporaryFolder()}/rows.json`;
  const { stdout } = await run(process.execPath, [bench, '--quick', '--no-peers', '--json', file]);
  expect(stdout).toContain('A quick run');
  const rows = JSON.parse(await readFile(file, 'utf8')) as readonly Row[];
  expect(rows.map(({ id }) => id)).toEqual(['M2', 'M2', 'M3', 'M7', 'M7', 'M7', 'M10', 'M10']);
  for (const { figure, floor, ratio } of rows) expect(Math.min(figure, floor, ratio)).toBeGreaterThan(0);
});

test('a bench that does not exist is refused with the names of those that do', async () => {
  const failure = run(process.execPath, [bench, 'M99']);
  await expect(failure).rejects.toMatchObject({
    code: 2,
    stderr: 'there is no bench M99; there are M2, M3, M7, M10\n',
  });
});
