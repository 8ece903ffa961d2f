import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const stamp = join(root, 'dist/.built-for-tests');

/**
 * Before the tests: builds `dist`, which programs of their own are run from, where a source is newer than the last
 * build. Types are checked elsewhere.
 */
export function setup(): void {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  if (newest(join(root, 'src')) <= modified(stamp)) return;
  const build = spawnSync(
    process.execPath,
    [tsc, '-p', 'tsconfig.build.json', '--noCheck', '--tsBuildInfoFile', 'dist/.tests.tsbuildinfo'],
    { cwd: root, encoding: 'utf8' },
  );
  if (build.status !== 0) throw new Error(`the build for the tests failed:\n${build.stdout}${build.stderr}`);
  rmSync(stamp, { recursive: true, force: true });
  mkdirSync(stamp, { recursive: true });
}

function modified(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newest(folder: string): number {
  return Math.max(
    modified(folder),
    ...readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => modified(join(folder, name))),
  );
}
