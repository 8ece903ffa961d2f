import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

import { root } from './root.mjs';
import { runTool } from './run.mjs';

/** The test files below a folder, as paths from the root. */
export function testFiles(folder) {
  if (!existsSync(root + folder)) return [];
  return readdirSync(root + folder, { recursive: true })
    .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules/'))
    .map((name) => `${folder}/${name}`)
    .sort();
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** A file that failed without a failed test: it did not load, or a hook of it failed. */
const brokenFile = (result) =>
  result.status === 'failed' && !result.assertionResults.some((test) => test.status === 'failed');

/** Why a test was skipped: what stands in brackets at the end of its title. */
const reasonOf = (title) => /(?:\[([^\]]+)\]|\(([^)]+)\))$/.exec(title)?.slice(1).find(Boolean);

/**
 * Why a skipped test counts as failed, else `undefined`. A skip says why in brackets at the end of its title:
 * `[needs docker]`, `(needs recover)`. What CI has prepared it cannot be skipped for.
 */
function skipProblem(title, { ci, prepared }) {
  const reason = reasonOf(title);
  if (reason === undefined) return 'skipped without a reason in brackets at the end of its title';
  const need = /^needs (.+)$/.exec(reason)?.[1];
  return ci && prepared.includes(need) ? `skipped, but ${need} is prepared here` : undefined;
}

/** One line for each file and reason. */
function skipLines(skips) {
  const groups = new Map();
  for (const { file, title } of skips) {
    const key = `${file}: ${reasonOf(title)}`;
    groups.set(key, (groups.get(key) ?? 0) + 1);
  }
  return [...groups].map(([key, count]) => `skipped: ${String(count)} of ${key}`);
}

/** Sums a report of vitest's JSON reporter, and says of each failure and skip what it was. */
export function summarize(report, conditions) {
  const sum = { passed: 0, failed: 0, skipped: 0, lines: [] };
  const skips = [];
  for (const result of report.testResults) {
    const file = relative(root, result.name);
    if (brokenFile(result)) {
      sum.failed += 1;
      sum.lines.push(`failed: ${file}: ${result.message || 'a hook failed'}`);
    }
    for (const test of result.assertionResults) {
      const title = `${file}: ${test.fullName}`;
      if (test.status === 'passed') sum.passed += 1;
      else if (test.status === 'failed') {
        sum.failed += 1;
        sum.lines.push(`failed: ${title}`);
      } else {
        const problem = skipProblem(test.fullName, conditions);
        sum[problem ? 'failed' : 'skipped'] += 1;
        if (problem) sum.lines.push(`failed: ${title}: ${problem}`);
        else skips.push({ file, title: test.fullName });
      }
    }
  }
  sum.lines.push(...skipLines(skips));
  return sum;
}

const conditions = () => ({
  ci: process.env.CI === 'true',
  prepared: (process.env.WORKPORT_PREPARED ?? '').split(',').filter(Boolean),
});

/** Runs the test files of some folders, those that contain `filter` where one is given. */
export async function runTests(folders, { budgetMs, filter }) {
  const files = folders.flatMap(testFiles).filter((file) => filter === undefined || file.includes(filter));
  if (files.length === 0) {
    return filter === undefined
      ? { passed: 0, failed: 0, skipped: 0, lines: [] }
      : { passed: 0, failed: 1, skipped: 0, lines: [`failed: no test file of this lane contains "${filter}"`] };
  }
  const folder = mkdtempSync(join(tmpdir(), 'workport-test-'));
  try {
    const reportFile = join(folder, 'report.json');
    const args = ['run', ...files, '--reporter=default', '--reporter=json', `--outputFile.json=${reportFile}`];
    const { problem, output } = await runTool('vitest/vitest.mjs', args, { budgetMs });
    const report = readReport(reportFile);
    const sum = report ? summarize(report, conditions()) : { passed: 0, failed: 0, skipped: 0, lines: [] };
    if (problem && sum.failed === 0) {
      sum.failed = 1;
      sum.lines.push(`failed: vitest: ${problem}`);
    }
    return { ...sum, output: sum.failed > 0 ? output : '' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
