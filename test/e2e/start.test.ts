import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { startServe } from '../support/host-process.js';
import { temporaryFolder } from '../support/temporary-folder.js';

interface Coverage {
  readonly result: readonly { readonly url: string }[];
}

/** The modules of a host that ended: what V8 tells coverage of. */
async function loaded(): Promise<readonly string[]> {
  const folder = await temporaryFolder();
  const host = await startServe({ env: { NODE_V8_COVERAGE: folder } });
  host.child.kill('SIGTERM');
  await host.ended;
  const reports = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')));
  return reports.flatMap((report) => (JSON.parse(report) as Coverage).result.map(({ url }) => url));
}

test('a start loads the command that is asked for, and what its configuration names', async () => {
  const urls = await loaded();
  const has = (part: string): boolean => urls.some((url) => url.includes(part));
  expect(has('/dist/cli/serve.js')).toBe(true);
  const spared = ['/dist/cli/check.js', '/dist/cli/doctor.js', '/dist/contracts/', '/node_modules/jose/'];
  const adapters = ['/remote-socket/remote-socket-backend.js', '/browser-gateway/client/'];
  expect([...spared, ...adapters].filter(has)).toEqual([]);
});
