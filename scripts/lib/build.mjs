import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { root } from './root.mjs';
import { runTool } from './run.mjs';

const stampFile = `${root}dist/.built.json`;
const besides = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json', 'scripts/lib/console.mjs'];

/** Each source with its size and time: what tells a build that is up to date. */
function sources() {
  const files = readdirSync(`${root}src`, { recursive: true }).map((name) => `src/${name}`);
  const entries = [...files, ...besides].sort().flatMap((file) => {
    const stat = statSync(root + file);
    return stat.isFile() ? [[file, `${String(stat.size)}:${String(stat.mtimeMs)}`]] : [];
  });
  return Object.fromEntries(entries);
}

function lastBuilt() {
  try {
    return JSON.parse(readFileSync(stampFile, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Builds `dist` where a source changed since. Answers what failed, else `undefined`. */
export async function build(say, budgetMs = 180_000) {
  const now = sources();
  const before = lastBuilt();
  if (before && JSON.stringify(before) === JSON.stringify(now)) return undefined;
  say('building …');
  const removed = before ? Object.keys(before).some((file) => !(file in now)) : true;
  rmSync(removed ? `${root}dist` : stampFile, { recursive: true, force: true });
  const { problem, output } = await runTool('typescript/bin/tsc', ['-p', 'tsconfig.build.json'], { budgetMs });
  if (problem) return `build: ${problem}\n${output}`;
  // Not before: its bundler may just have been installed.
  const { buildConsole } = await import('./console.mjs');
  const consoleProblem = await buildConsole();
  if (consoleProblem) return consoleProblem;
  writeFileSync(stampFile, JSON.stringify(now));
  return undefined;
}
