import { readFileSync } from 'node:fs';

import { root } from './root.mjs';
import { run } from './run.mjs';

const budgetMs = 600_000;

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(root + file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** Whether every package of the lock is there in its version. Packages for other platforms may be missing. */
function installed(folder) {
  const wanted = packagesOf(`${folder}package-lock.json`);
  const present = packagesOf(`${folder}node_modules/.package-lock.json`);
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([path, entry]) => {
    if (path === '') return true;
    const found = present[path];
    return found ? found.version === entry.version : entry.optional === true || entry.devOptional === true;
  });
}

/**
 * Installs what the lock of a folder names (that of the root: `''`), where it is not there yet. Answers why that failed,
 * else `undefined`.
 */
export async function install(say, folder = '') {
  if (installed(folder)) return undefined;
  say('installing packages (npm ci) …');
  const npm = process.env.npm_execpath;
  const args = ['ci', '--prefix', root + folder, '--no-audit', '--no-fund'];
  const { problem } = npm?.endsWith('.js')
    ? await run(process.execPath, [npm, ...args], { budgetMs, show: true })
    : await run('npm', args, { budgetMs, show: true });
  return problem ? `npm ci: ${problem}` : undefined;
}
