import { execFile } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const folder = fileURLToPath(new URL('../peers/', import.meta.url));
const { dependencies, optionalDependencies } = JSON.parse(readFileSync(`${folder}package.json`, 'utf8'));
/** What is optional is for one platform. */
const isThere = process.platform === 'linux' && process.arch === 'x64';
const wanted = { ...dependencies, ...(isThere && optionalDependencies) };

const installed = (name) => {
  const file = `${folder}node_modules/${name}/package.json`;
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).version : undefined;
};

/** An alias is named by the version behind its last `@`. */
const versionOf = (range) => range.slice(range.lastIndexOf('@') + 1);

/**
 * Installs what stands beside Workport, into `bench/peers` alone: there is no lock, for some platforms' packages are not
 * in every registry. Answers why it could not.
 */
export async function installPeers(say) {
  if (Object.entries(wanted).every(([name, range]) => installed(name) === versionOf(range))) return undefined;
  say('installing the peers into bench/peers …');
  const args = ['install', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  try {
    await promisify(execFile)('npm', args, { cwd: folder, timeout: 600_000 });
    return undefined;
  } catch (error) {
    return `npm install in bench/peers failed: ${String(error.stderr || error.message).trim()}`;
  }
}

export const versionsOf = (names) =>
  Object.fromEntries(names.map((name) => [name, installed(name) ?? 'not installed']));

/** Whether a command is there. */
export const isInPath = (command) =>
  (process.env.PATH ?? '')
    .split(':')
    .some((place) => statSync(`${place}/${command}`, { throwIfNoEntry: false })?.isFile());
