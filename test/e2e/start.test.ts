import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { expect, test } from 'vitest';

import { startServe } from '../support/host-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The modules of a host that ended: what V8 tells coverage of. */
async function loaded(args?: readonly string[]): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  const host = await startServe({ env: { NODE_V8_COVERAGE: folder }, ...(args && { args }) });
  host.child.kill('SIGTERM');
  await host.ended;
  const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return reports.flatMap((report) => (JSON.parse(report) as Coverage).result.map(({ url }) => url));
}

/** A configuration with one profile, whose backend is a server that is not there. */
async function remoteConfiguration(): Promise<string> {
  const folder = await temporaryFolder();
  const file = join(folder, 'workport.config.json');
  const backend = { type: 'remote-socket', address: `unix:${join(folder, 'nobody')}` };
  await writeFile(file, JSON.stringify({ profiles: { remote: { label: 'Remote', backend } } }));
  return file;
}

const remoteSocket = 'dist/adapters/execution-backend/remote-socket/remote-socket-backend.js';
const spared = [
  'dist/cli/check.js',
  'dist/cli/doctor.js',
  'dist/contracts/',
  'dist/adapters/browser-gateway/client/',
  'node_modules/jose/',
  remoteSocket,
];

test('a start loads the command that is asked for, and of what it does not use nothing', async () => {
  const urls = await loaded();
  const has = (part: string): boolean => urls.some((url) => url.includes(`/${part}`));
  expect(has('dist/cli/serve.js')).toBe(true);
  expect(spared.filter((part) => !existsSync(join(root, part)))).toEqual([]);
  expect(spared.filter(has)).toEqual([]);
});

test('a start whose configuration names a backend on a socket loads that backend, and nothing else more', async () => {
  const urls = await loaded(['--memory', '--config', await remoteConfiguration()]);
  expect(spared.filter((part) => urls.some((url) => url.includes(`/${part}`)))).toEqual([remoteSocket]);
});
