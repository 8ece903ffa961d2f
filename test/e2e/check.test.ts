import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { describe, expect, test, vi } from 'vitest';

import { runWorkport } from '../support/host-process.js';
import { programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { isWellFormed } from '../support/well-formed.js';

const root = fileURLToPath(new URL('../../', import.meta.url));
const subject = (name: string): string => join(root, 'test/support/check', name);
const start = (...args: readonly string[]) => runWorkport(['check', ...args], { cwd: root });
const check = (...args: readonly string[]) => start(...args).ended;
const command = (path: string, ...args: readonly string[]): string => [process.execPath, path, ...args].join(' ');
const file = async (name: string, text: string): Promise<string> => {
  const path = join(await temporaryFolder(), name);
  await writeFile(path, text);
  return path;
};

interface Entry {
  readonly event: string;
  readonly id?: string;
  readonly status?: string;
}
const entriesOf = (stdout: string): readonly Entry[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Entry);
const idsOf = (stdout: string): readonly string[] => entriesOf(stdout).flatMap(({ id }) => id ?? []);

describe('workport check of a module', () => {
  test('that keeps every rule says so, case by case, names what it skipped by capability, and ends with 0', async () => {
    const { code, stdout, stderr } = await check(subject('sound.mjs'));
    expect(stdout).toMatch(/^workport check: execution-backend .*sound\.mjs: \d+ cases\n/);
    expect(stdout).toMatch(/^passed {2}EB-CANCEL-001 a cancel that is accepted/m);
    expect(stdout).toMatch(/^skipped EB-CUT-001 .* \(needs cut\)$/m);
    expect(stdout).toMatch(/^\d+ passed, 0 failed, \d+ skipped, 0 known in [\d.]+ s\nskipped: .*needs recover: \d+/m);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });

  test('that breaks a rule names case, rule, what was expected and came, and the frames, and ends with 1', async () => {
    const { code, stdout } = await check(subject('answers-cancel-early.mjs'), '--focus', 'EB-CANCEL-001');
    expect(stdout).toMatch(/^failed {2}EB-CANCEL-001 a cancel that is accepted was answered after its run-ended/m);
    expect(stdout).toMatch(/^ {2}W11 +Cancel ends the run it names and no other, and is accepted only after/m);
    expect(stdout).toMatch(/^ {2}expected: .*\n {2}came: /m);
    expect(stdout).toMatch(/^ {4}→ cancel \{.*\n {4}← cancel \{"outcome":"accepted"\}$/m);
    expect(stdout).toMatch(/^ {2}hint: it was told "wait" .*--harness/m);
    expect(stdout).toMatch(/^0 passed, 1 failed, 0 skipped, 0 known in .*\nfailed: EB-CANCEL-001$/m);
    expect(code).toBe(1);
  });

  test.each(['', 'export const backend = () => '])(
    'that ends the process by itself (%o) is no success, and says so',
    async (before) => {
      const path = await file('ends.mjs', `${before}process.exit(0);`);
      const { code, stderr } = await check(path);
      expect(stderr).toMatch(/^workport: what is judged ended this process with 0/);
      expect(code).toBe(2);
    },
  );

  test('whose error nobody catches fails the case, and what it prints stands in no report', async () => {
    const { code, stdout, stderr } = await check(subject('loses-an-error.mjs'), '--focus', 'EB-STOP-001', '--json');
    expect(entriesOf(stdout)[1]).toMatchObject({
      status: 'failed',
      reason: expect.stringContaining('caught: lost at'),
    });
    expect(stderr).toContain('a backend was made\n');
    expect(code).toBe(1);
  });

  test.for([
    [
      'exports one backend',
      ['one-backend.mjs'],
      /one-backend\.mjs: `backend` is one backend, and every case needs a fr/,
    ],
    [
      'exports no backend',
      ['../contracts/scripted-backend.mjs'],
      /exports neither `backend` .*; it exports canary, scr/,
    ],
    ['is not there', ['nowhere.mjs'], /there is no file .*nowhere\.mjs that can be read/],
    ['is never loaded', ['never-loaded.mjs', '--timing', '0.02'], /cannot be loaded: waited in vain for the module/],
    ['never spawns', ['never-spawns.mjs', '--timing', '0.05'], /could not be made and spawned: .*the answer of spawn/],
    [
      'makes no backend',
      ['makes-nothing.mjs'],
      /has to make an ExecutionBackend \("execution-backend\/1"\), not undefined/,
    ],
    ['refuses its profile', ['refuses.mjs'], /answered rejected \/ wrong-profile\n.*--harness FILE with \{"profile"/],
    ['exports a backend, not a log', ['sound.mjs', '--port', 'worker-log'], /has to be a harness: .*WorkerLogHarness/],
    [
      'exports a harness, with another in a file',
      ['log.mjs', '--harness', 'x'],
      /--harness x: there is no such file|says all/,
    ],
  ] as const)('that %s cannot be judged: exit 2', async ([, [name, ...args], line]) => {
    const { code, stdout, stderr } = await check(subject(name), ...args);
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('that takes one profile only is judged with the one that a harness file names', async () => {
    const harness = await file('harness.json', '{ "profile": { "name": "right" } }');
    const { code, stdout } = await check(subject('refuses.mjs'), '--harness', harness, '--focus', 'EB-SPAWN-001');
    expect(stdout).toContain('passed  EB-SPAWN-001');
    expect(code).toBe(0);
  });
});

describe('workport check of the other ports', () => {
  test('judges a log', async () => {
    const { code, stdout } = await check(subject('log.mjs'), '--port', 'worker-log');
    expect(stdout).toMatch(/^passed {2}WL-APPEND-001/m);
    expect(code).toBe(0);
  });

  test('judges a gateway, the default export of a module', async () => {
    const { code, stdout } = await check(subject('gateway.mjs'), '--port', 'browser-gateway');
    expect(stdout).toMatch(/^\d+ passed, 0 failed, \d+ skipped/m);
    expect(code).toBe(0);
  });
});

describe('workport check of a program', () => {
  test('judges it by the inputs of a harness file', async () => {
    const greeter = command('examples/greeter-process.mjs');
    const args = [
      '--harness',
      'examples/greeter.json',
      '--focus',
      'EB-SPAWN',
      '--focus',
      'EB-EXIT',
      '--focus',
      'EB-QUESTION',
    ];
    const { code, stdout } = await check('--command', greeter, ...args);
    expect(stdout).toMatch(/^passed {2}EB-EXIT-001/m);
    expect(stdout).toMatch(/, 0 failed, /);
    expect(code).toBe(0);
  });

  test('judges one that runs all Workers and speaks on descriptors of its own', async () => {
    const program = command(subject('speaks-on-fd3.mjs'));
    const args = ['--isolation', 'backend', '--channel', 'fd3', '--focus', 'EB-EXIT', '--focus', 'EB-SPAWN-006'];
    const { code, stdout } = await check('--command', program, ...args);
    expect(stdout).toMatch(/^4 passed, 0 failed, 0 skipped/m);
    expect(code).toBe(0);
  });

  test('names the fault of one, and what it said meanwhile', async () => {
    const program = command(programPath('echo-backend.mjs'));
    const { code, stdout } = await check('--command', program, '--focus', 'EB-CANCEL-001', '--timing', '0.4');
    expect(stdout).toMatch(/^failed {2}EB-CANCEL-001/m);
    expect(stdout).toMatch(/^ {2}hint: it was told "wait"/m);
    expect(code).toBe(1);
  });

  test.for([
    ['is not there', 'no-such-program-here', /was not found: is it installed.*\n.*\n.*no-such-program-here/],
    ['exits at once', command(programPath('exits-7.mjs'), '--x'), /exited with \d+ before it answered `initialize`/],
    [
      'prints',
      command(programPath('prints-before-initialize.mjs')),
      /messages of EBP in line 1: .*--channel fd3\n.*\n.*Welcome/,
    ],
    ['is silent', command(programPath('never-answers.mjs')), /did not answer `initialize` within 1 s: .*--timing/],
    ['is no command', '"', /a quote is not closed/],
  ] as const)('that %s ends with 2 and says what was seen', async ([, program, line]) => {
    const { code, stdout, stderr } = await check('--command', program, '--timing', '0.1');
    expect(stderr).toMatch(line);
    expect(stderr).toContain(`--command ${program === '"' ? '"\\""' : program}`);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });
});

describe('workport check chooses', () => {
  const sound = subject('sound.mjs');

  test('the cases in focus but those skipped, by id, beginning and rule', async () => {
    const { stdout } = await check(sound, '--focus', 'EB-STOP', '--focus', 'W7', '--skip', 'R5', '--json');
    expect(idsOf(stdout)).toEqual(expect.arrayContaining(['EB-STOP-002', 'EB-DISPATCH-002']));
    expect(idsOf(stdout)).not.toContain('EB-STOP-001');
    expect(idsOf(stdout).every((id) => /EB-(STOP|DISPATCH|ATONCE|WIRE)/.test(id))).toBe(true);
  });

  test('the same order for the same seed, and says the seed that it picked', async () => {
    const order = async (seed: string) =>
      (await check(sound, '--focus', 'EB-DISPATCH', '--seed', seed, '--json')).stdout;
    const first = await order('random');
    const [{ seed = NaN } = {}] = entriesOf(first) as readonly { readonly seed?: number }[];
    expect(idsOf(await order(String(seed)))).toEqual(idsOf(first));
    expect((await check(sound, '--focus', 'EB-CANCEL-001', '--seed', '7')).stdout).toContain(
      'the random order of --seed 7',
    );
  });

  test('to repeat all of them, and counts each once', async () => {
    const { stdout } = await check(sound, '--focus', 'EB-SPAWN', '--repeat', '3', '--json');
    const times = idsOf(stdout).filter((id) => id === 'EB-SPAWN-001');
    expect(times).toHaveLength(3);
    expect(idsOf(stdout).filter((id) => id === 'EB-SPAWN-007')).toHaveLength(1);
    expect(entriesOf(stdout).at(-1)).toMatchObject({ event: 'report', passed: 8, skipped: 1, failed: 0 });
  });

  test.for([
    ['a pattern without a case', ['--focus', 'EB-CANCL'], /--focus "EB-CANCL": no case .*did you mean "EB-CANCEL"\?/],
    ['nothing that is left', ['--focus', 'EB-CUT-001', '--skip', 'O7'], /--skip leaves no case/],
    [
      'a module and a command',
      ['--command', 'true'],
      /name one of these, not several: a module, a --command, a --socket/,
    ],
    ['a channel of a module', ['--channel', 'fd3'], /--channel is for a --command/],
    ['a number that is none', ['--repeat', '0'], /A number of times is 1 … 1000\./],
    ['a key file of a module', ['--key-file', 'x'], /--key-file is for a --socket/],
    ['an unknown option', ['--sockets', 'x'], /unknown option '--sockets'/],
    ['an unknown port', ['--port', '7420'], /Allowed choices are execution-backend, worker-log, browser-gateway/],
    ['a report that cannot be written', ['--junit', '/nowhere/x.xml'], /--junit \/nowhere\/x\.xml: cannot be written/],
  ] as const)('%s: exit 2', async ([, args, line]) => {
    const { code, stdout, stderr } = await check(sound, ...args);
    expect(stderr).toMatch(line);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('only what is skipped: exit 2, for nothing was judged', async () => {
    const { code, stderr } = await check(sound, '--focus', 'EB-CUT');
    expect(stderr).toMatch(/every case that was chosen is skipped/);
    expect(code).toBe(2);
  });
});

describe('workport check with known failures', () => {
  const faulty = [subject('answers-cancel-early.mjs'), '--focus', 'EB-CANCEL-001', '--focus', 'EB-SPAWN-001'];

  test('that fail ends with 0', async () => {
    const list = await file('known.txt', '# to be mended\nEB-CANCEL-001 # early\n\n');
    const { code, stdout } = await check(...faulty, '--known-failures', list);
    expect(stdout).toMatch(/^1 passed, 0 failed, 0 skipped, 1 known in .*\nknown to fail: EB-CANCEL-001$/m);
    expect(code).toBe(0);
  });

  test('one of which passes every time ends with 1', async () => {
    const list = await file('known.txt', 'EB-CANCEL-001\nEB-SPAWN-001\n');
    const { code, stdout } = await check(...faulty, '--known-failures', list, '--repeat', '2');
    expect(stdout).toMatch(/^passed, though known to fail: take them out of the list: EB-SPAWN-001$/m);
    expect(code).toBe(1);
  });

  test('one of which is no case ends with 2', async () => {
    const list = await file('known.txt', '\nEB-CANCEL-0001\n');
    const { code, stderr } = await check(...faulty, '--known-failures', list);
    expect(stderr).toMatch(/known\.txt:2: "EB-CANCEL-0001" is the id of no case; did you mean "EB-CANCEL-001"\?/);
    expect(code).toBe(2);
  });
});

describe('workport check tells programs', () => {
  test('with --json: started, a result for each case, and the report, one object a line', async () => {
    const { stdout } = await check(subject('answers-cancel-early.mjs'), '--focus', 'EB-CANCEL', '--json');
    const entries = entriesOf(stdout);
    expect(entries[0]).toMatchObject({ event: 'started', port: 'execution-backend', cases: entries.length - 2 });
    expect(entries.slice(1, -1).every(({ event }) => event === 'result')).toBe(true);
    expect(entries[1]).toMatchObject({
      id: 'EB-CANCEL-001',
      status: 'failed',
      rules: expect.arrayContaining(['W11']),
      frames: expect.arrayContaining(['← cancel {"outcome":"accepted"}']),
    });
    expect(entries.at(-1)).toMatchObject({ event: 'report', interrupted: false, exitCode: 1 });
  });

  test('with --junit: a test case for each case, with the failure in it', async () => {
    const report = await file('report.xml', '');
    await check(subject('answers-cancel-early.mjs'), '--focus', 'EB-CANCEL', '--focus', 'EB-CUT', '--junit', report);
    const xml = await readFile(report, 'utf8');
    expect(isWellFormed(xml)).toBe(true);
    expect(xml).toMatch(/<testcase classname="execution-backend" name="EB-CANCEL-001 [^"]*" time="[\d.]+"><failure /);
    expect(xml).toMatch(/name="EB-CUT-001 [^"]*" time="0\.000"><skipped message="needs cut"\/>/);
  });
});

describe.skipIf(!existsSync('/proc/self/cmdline'))('workport check leaves no process', () => {
  const alive = (word: string): readonly string[] =>
    readdirSync('/proc').filter((pid) => {
      try {
        return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(word);
      } catch {
        return false;
      }
    });
  const noneAlive = (word: string) => vi.waitFor(() => expect(alive(word)).toEqual([]), 10_000);
  const begun = (running: ReturnType<typeof start>) =>
    vi.waitFor(() => expect(running.stdout()).toContain('passed '), 20_000);

  test('where it is interrupted: it ends after the case that runs, with 1 and what it has', async () => {
    const word = crypto.randomUUID();
    const running = start('--command', command(programPath('scripted-backend.mjs'), word));
    await begun(running);
    running.child.kill('SIGINT');
    const { code, stdout } = await running.ended;
    expect(stdout).toMatch(/^\d+ passed, 0 failed, .*[^]*^interrupted: \d+ of \d+ cases were run$/m);
    expect(code).toBe(1);
    await noneAlive(word);
  });

  test('where it is interrupted twice: it ends at once', async () => {
    const word = crypto.randomUUID();
    const running = start('--command', command(programPath('scripted-backend.mjs'), word));
    await begun(running);
    running.child.kill('SIGINT');
    running.child.kill('SIGTERM');
    expect((await running.ended).code).toBe(1);
    await noneAlive(word);
  });

  test('of a program that puts one out of reach', async () => {
    const word = crypto.randomUUID();
    const { code, stdout } = await check(
      '--command',
      command(subject('leaves-a-daemon.mjs'), word),
      '--focus',
      'EB-SPAWN-001',
    );
    expect(stdout).toContain('EB-SPAWN-001');
    expect(code).toBe(0);
    await noneAlive(word);
  });
});
