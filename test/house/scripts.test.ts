import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { describe, expect, test } from 'vitest';

import { loadScript, root } from './load-script.js';

const { nodeProblem } = await loadScript<{ nodeProblem(version: string): string | undefined }>(
  'scripts/lib/node-version.mjs',
);
const { summarize } = await loadScript<{ summarize(report: Report, conditions: Conditions): Sum }>(
  'scripts/lib/vitest.mjs',
);
const { run } = await loadScript<{
  run(command: string, args: readonly string[], options: { budgetMs: number }): Promise<Ended>;
}>('scripts/lib/run.mjs');

interface Ended {
  readonly problem?: string;
  readonly output: string;
}
interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}
interface Conditions {
  readonly ci: boolean;
  readonly prepared: readonly string[];
}
interface Sum {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly lines: readonly string[];
}

const atHome: Conditions = { ci: false, prepared: [] };
const report = (status: string, tests: Readonly<Record<string, string>>): Report => ({
  testResults: [
    {
      name: fileURLToPath(new URL('test/e2e/planted.test.ts', root)),
      status,
      message: '',
      assertionResults: Object.entries(tests).map(([fullName, state]) => ({ fullName, status: state })),
    },
  ],
});

async function testCommand(...args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const options = { cwd: fileURLToPath(root), timeout: 15_000 };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['scripts/test.mjs', ...args], options)) };
  } catch (error) {
    return error as { code: unknown; stdout: string; stderr: string };
  }
}

describe('a Node version', () => {
  test.for(['20.19.0', '20.20.2', '22.0.0', '24.21.0'])('%s runs workport', (version) => {
    expect(nodeProblem(version)).toBeUndefined();
  });
  test.for(['20.18.3', '18.20.0', '0.12.18'])('%s is refused with what is needed', (version) => {
    expect(nodeProblem(version)).toMatch(/needs Node\.js 20\.19 or newer/);
  });
});

describe('the arguments of npm test', () => {
  test('a lane that does not exist ends with 2 and names the nearest', async () => {
    const { code, stderr } = await testCommand('untit');
    expect(code).toBe(2);
    expect(stderr).toContain('did you mean unit?');
  });
  test('an option that does not exist ends with 2', async () => {
    expect((await testCommand('--fast')).code).toBe(2);
  });
  test('a filter for a lane without files ends with 2', async () => {
    expect((await testCommand('types', 'ids')).code).toBe(2);
  });
  test('a filter that no file matches is a failure, never an empty success', async () => {
    const { code, stdout } = await testCommand('unit', 'no-such-file');
    expect(code).toBe(1);
    expect(stdout.trimEnd().split('\n').at(-1)).toBe('0 passed, 1 failed, 0 skipped');
  });
  test('--help shows every lane', async () => {
    const { code, stdout } = await testCommand('--help');
    expect(code).toBe(0);
    for (const lane of ['types', 'lint', 'walls', 'unit', 'contracts', 'e2e', 'browser', 'house']) expect(stdout).toContain(lane);
  });
});

describe('the sum of a test report', () => {
  test('a skip with a reason in its title is skipped and shown', () => {
    const planted = { 'a [needs docker]': 'skipped', 'b (needs docker)': 'skipped', 'c (only without d)': 'skipped' };
    const sum = summarize(report('passed', { ...planted, e: 'passed' }), atHome);
    expect(sum).toMatchObject({ passed: 1, failed: 0, skipped: 3 });
    expect(sum.lines).toEqual([
      'skipped: 2 of test/e2e/planted.test.ts: needs docker',
      'skipped: 1 of test/e2e/planted.test.ts: only without d',
    ]);
  });
  test('a skip for what CI has prepared is a failure', () => {
    const planted = report('passed', { 'a [needs docker]': 'skipped', 'b [needs chromium]': 'skipped' });
    expect(summarize(planted, { ci: true, prepared: ['docker'] })).toMatchObject({ failed: 1, skipped: 1 });
    expect(summarize(planted, { ci: false, prepared: ['docker'] })).toMatchObject({ failed: 0, skipped: 2 });
  });
  test('a skip without a reason is a failure', () => {
    expect(summarize(report('passed', { a: 'skipped' }), atHome)).toMatchObject({ failed: 1, skipped: 0 });
  });
  test('a file that did not load is a failure', () => {
    expect(summarize(report('failed', {}), atHome)).toMatchObject({ passed: 0, failed: 1 });
  });
});

describe('a tool that is run', () => {
  test('past its budget it is ended, and the budget is named', async () => {
    const { problem } = await run(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { budgetMs: 300 });
    expect(problem).toBe('took longer than its budget of 0.3 s');
  });
  test('a descendant that ignores SIGTERM and holds the pipe ends with it', async () => {
    const stubborn = `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000)`;
    const program = `require('node:child_process').spawn(process.execPath, ['-e', ${JSON.stringify(stubborn)}], { stdio: 'inherit' }).once('spawn', () => { console.log('ready'); process.exit(3); })`;
    const { problem, output } = await run(process.execPath, ['-e', program], { budgetMs: 10_000 });
    expect(problem).toBe('exit code 3');
    expect(output).toBe('ready\n');
  });
  test('a program that does not exist is a problem, not a throw', async () => {
    expect((await run('no-such-program', [], { budgetMs: 1000 })).problem).toContain('could not be started');
  });
});
