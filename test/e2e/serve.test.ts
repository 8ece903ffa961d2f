import { mkdir, readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test, vi } from 'vitest';

import { accessToken, runWorkport, startServe } from '../support/host-process.js';
import type { HostProcess, ProcessOptions } from '../support/host-process.js';
import { isRunning, programPath } from '../support/programs.js';
import { temporaryFolder } from '../support/temporary-folder.js';
import { isEndOf, say, streamUntil } from '../support/worker-stream.js';

const withToken = { WORKPORT_TOKEN: accessToken };
const serve = (args: readonly string[], options: ProcessOptions = {}) =>
  runWorkport(['serve', '--port', '0', ...args], { env: withToken, ...options }).ended;
const until = (isSo: () => boolean): Promise<unknown> => vi.waitFor(() => expect(isSo()).toBe(true), 10_000);
const echo = `echo=${process.execPath} ${programPath('echo-backend.mjs')}`;

describe('workport serve', () => {
  test('with --json says ready in one line on stdout, without the token, and logs JSON lines on stderr', async () => {
    const host = await startServe();
    expect(JSON.parse(host.ready)).toEqual({
      event: 'ready',
      url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+$/),
      runtimeId: 'local',
      pid: host.pid,
    });
    host.child.kill('SIGTERM');
    const { code, stdout, stderr } = await host.ended;
    expect(code).toBe(0);
    expect(stdout).toBe(`${host.ready}\n`);
    const lines = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { readonly message: string });
    expect(lines[0]?.message).toMatch(/^Workers live in memory/);
    expect(stdout + stderr).not.toContain(accessToken);
  });

  test('without --json tells people where it serves, what it offers, and where Workers are kept', async () => {
    const cwd = await temporaryFolder();
    const host = runWorkport(['serve', '--port', '0'], { env: withToken, cwd });
    await until(() => host.stdout().includes('are kept'));
    expect(host.stdout()).toMatch(
      /^workport serves on http:\/\/127\.0\.0\.1:\d+\nruntime: local; profiles: javascript\n/,
    );
    expect(host.stdout()).toContain(`Workers are kept in ${join(cwd, '.workport')}.`);
    host.child.kill('SIGINT');
    const { code, stdout, stderr } = await host.ended;
    expect(code).toBe(0);
    expect(stdout + stderr).not.toContain(accessToken);
    expect((await stat(join(cwd, '.workport'))).mode & 0o777).toBe(0o700);
  });

  test('with --memory makes no folder', async () => {
    const cwd = await temporaryFolder();
    await startServe({ cwd });
    await expect(stat(join(cwd, '.workport'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('lets nobody in without the token', async () => {
    const host = await startServe();
    for (const authorization of ['', 'Bearer wrong', `Basic ${accessToken}`]) {
      expect((await host.ask('', { headers: { authorization } })).status).toBe(401);
    }
    expect((await host.ask('')).status).toBe(200);
  });

  test('takes the token of --token-file before that of the variable', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'token'), 'from-file\n');
    const host = await startServe({ cwd, args: ['--memory', '--token-file', 'token'] });
    expect((await host.ask('')).status).toBe(401);
    expect((await host.ask('', { headers: { authorization: 'Bearer from-file' } })).status).toBe(200);
  });

  test('offers a command as a profile, next to what the file in its folder offers', async () => {
    const cwd = await temporaryFolder();
    const program = { type: 'subprocess', command: process.execPath, args: [programPath('echo-backend.mjs')] };
    const env = { MODE: 'literal', FROM_HOST: { fromEnv: 'HOST_VARIABLE' } };
    const config = {
      runtimeId: 'here',
      profiles: {
        file: { label: 'File', backend: { ...program, env, cwd: 'work' }, options: { answer: 42 } },
        planned: { label: 'Planned', backend: null },
      },
    };
    await mkdir(join(cwd, 'work'));
    await writeFile(join(cwd, 'workport.config.json'), JSON.stringify(config));
    const host = await startServe({
      cwd,
      args: ['--memory', '--profile', echo],
      env: { ...withToken, HOST_VARIABLE: 'referred', OTHER_VARIABLE: 'private' },
    });
    expect(host.runtimeUrl).toMatch(/\/runtimes\/here$/);
    expect((await host.get('/profiles')).body.profiles?.map(({ name }) => name)).toEqual(['file', 'planned', 'echo']);
    const worker = await host.create({ profile: 'file' });
    expect(await say(host, worker, 'env MODE')).toEqual(['assistant: literal']);
    expect(await say(host, worker, 'env FROM_HOST')).toEqual(['assistant: referred']);
    expect(await say(host, worker, 'env OTHER_VARIABLE')).toEqual(['assistant: unset']);
    expect((await say(host, worker, 'session'))[0]).toContain('"options":{"answer":42}');
    expect(await say(host, await host.create({ profile: 'echo' }), 'echo hello')).toEqual(['assistant: hello']);
    expect((await host.get(await host.create({ profile: 'planned' }))).body.worker?.status).toBe('unconnected');
  });
});

describe('what cannot be started is said in one line that says what to do', () => {
  const usage: readonly (readonly [title: string, args: readonly string[], line: RegExp])[] = [
    ['an unknown option', ['--prot', '1'], /^workport: unknown option '--prot'\n\(Did you mean --port\?\)\n/],
    ['a port that is none', ['--port', '70000'], /^workport: .*A port is 0 \(any\) … 65535\./],
    ['an argument too many', ['now'], /^workport: too many arguments/],
    [
      '--memory with --data',
      ['--memory', '--data', 'x'],
      /^workport: option '--memory' cannot be used with option '--data/,
    ],
    [
      'a profile without a command',
      ['--profile', 'x'],
      /^workport: --profile "x": has to be NAME=COMMAND, NAME=acp:COMMAND or NAME=ADDRESS; for example/,
    ],
    [
      'a missing configuration',
      ['--config', 'x.json'],
      /^workport: --config: there is no file x\.json that can be read\n$/,
    ],
    [
      'a missing token file',
      ['--token-file', 'x'],
      /^workport: --token-file x: there is no such file that can be read\n$/,
    ],
    [
      'an unknown host',
      ['--host', '192.0.2.1', '--memory'],
      /^workport: --host 192\.0\.2\.1 is no address of this machine/,
    ],
  ];
  test.for(usage)('%s: exit 2', async ([, args, line]) => {
    const { code, stdout, stderr } = await serve(args, { cwd: await temporaryFolder() });
    expect(stderr).toMatch(line);
    expect(stderr).not.toMatch(/^ +at /m);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  test('no token, and no terminal to show a new one: exit 2', async () => {
    const { code, stderr } = await serve(['--memory'], { env: {} });
    expect(stderr).toMatch(/^workport: there is no access token: set the variable WORKPORT_TOKEN, or .*--token-file/);
    expect(code).toBe(2);
  });

  test('an unknown key of the configuration, with --json as JSON: exit 2', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'workport.config.json'), '{"profils":{}}');
    const { code, stderr } = await serve(['--json'], { cwd });
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      message: expect.stringMatching(
        /^workport\.config\.json: profils: unknown key; did you mean "profiles"\? Allowed: /,
      ),
    });
    expect(code).toBe(2);
  });

  test('a port that is in use: exit 1, and the host that uses it goes on', async () => {
    const host = await startServe();
    const { port } = new URL(host.url);
    const { code, stderr } = await serve(['--memory', '--port', port]);
    expect(stderr).toBe(
      `workport: port ${port} of 127.0.0.1 is in use: choose another with --port, or any free one with --port 0\n`,
    );
    expect(code).toBe(1);
    expect((await host.ask('')).status).toBe(200);
  });

  test('a data folder that is a file: exit 2', async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, 'data'), '');
    const { code, stderr } = await serve(['--data', 'data'], { cwd });
    expect(stderr).toMatch(
      /^workport: --data data: cannot be written \(\w+\); name a folder that can be with --data, or/,
    );
    expect(code).toBe(2);
  });
});

describe('help', () => {
  test('of serve shows every option with its default, and an example: exit 0', async () => {
    const { code, stdout } = await runWorkport(['serve', '--help']).ended;
    const text = stdout.replace(/\s+/g, ' ');
    const defaults = {
      host: '"127.0.0.1"',
      port: '7420',
      data: '"./.workport"',
      memory: 'false',
      config: 'workport.config.json, .js or .mjs, where there is one',
      profile: 'javascript, where neither file nor flag names any',
      'token-file': 'the variable WORKPORT_TOKEN; else one is made, and shown on a terminal',
      json: 'false',
    };
    for (const [option, value] of Object.entries(defaults)) {
      expect(text).toMatch(new RegExp(`--${option} [^(]*\\(default: ${value}\\)`));
    }
    expect(text.match(/ --[a-z-]+ /g)?.filter((name) => !(name.trim().slice(2) in defaults))).toEqual([' --help ']);
    expect(stdout).toContain('Example:\n  WORKPORT_TOKEN=secret workport serve');
    expect(code).toBe(0);
  });

  test('names the commands that there are, and no other', async () => {
    const { code, stdout } = await runWorkport(['--help']).ended;
    expect(stdout.split('Commands:')[1]?.match(/^ {2}\S+/gm)).toEqual(['  serve', '  check', '  backend', '  doctor']);
    expect(code).toBe(0);
  });

  test.for([
    [[], 'Usage: workport'],
    [['serv'], 'Did you mean serve?'],
  ] as const)('is shown for the command line %j: exit 2', async ([args, text]) => {
    const { code, stderr } = await runWorkport(args).ended;
    expect(stderr).toContain(text);
    expect(code).toBe(2);
  });
});

describe('a host that is told to end', () => {
  /** A Worker whose input runs until the file is there. */
  async function waiting(
    host: HostProcess,
    file: string,
  ): Promise<{ readonly worker: string; readonly inputId: string }> {
    const worker = await host.create({ profile: 'javascript' });
    const text = `const fs = require('node:fs');
      while (!fs.existsSync(${JSON.stringify(file)})) await new Promise((resolve) => setTimeout(resolve, 10));
      'released'`;
    const { body } = await host.post(`${worker}/inputs`, { text });
    return { worker, inputId: body.inputId ?? '' };
  }
  const pidOf = async (host: HostProcess, worker: string): Promise<number> =>
    Number((await say(host, worker, 'process.pid'))[0]?.replace('assistant: ', ''));

  test('says what it waits for, takes no new work, lets the open input end, and leaves no process', async () => {
    const file = join(await temporaryFolder(), 'release');
    const host = await startServe();
    const idle = await host.create({ profile: 'javascript' });
    const pid = await pidOf(host, idle);
    const { worker, inputId } = await waiting(host, file);
    host.child.kill('SIGTERM');
    await until(() =>
      host.stderr().includes('ending: waits for an open input, at most 30 s; a second signal ends at once'),
    );
    expect((await host.post('/workers', { profile: 'javascript' })).body.code).toBe('runtime-draining');
    expect((await host.post(`${idle}/inputs`, { text: '1' })).body.code).toBe('runtime-draining');
    expect((await fetch(`${host.url}/readyz`)).status).toBe(503);
    const watching = streamUntil(host, worker, { after: 'start' }, isEndOf(inputId));
    await writeFile(file, '');
    expect((await watching).at(-1)?.event.end).toBe('completed');
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
    expect(await isRunning(pid)).toBe(false);
  });

  test('and is told so again ends at once, with 1 and without a process', async () => {
    const host = await startServe();
    const { worker } = await waiting(host, '/nowhere/never');
    const other = await host.create({ profile: 'javascript' });
    const pid = await pidOf(host, other);
    host.child.kill('SIGINT');
    await until(() => host.stderr().includes('ending: waits'));
    host.child.kill('SIGINT');
    expect(await host.ended).toMatchObject({ code: 1, signal: null });
    await vi.waitFor(async () => expect(await isRunning(pid)).toBe(false), 10_000);
    expect(worker).toBeTruthy();
  });

  test('ends with open streams, each told so', async () => {
    const host = await startServe();
    const worker = await host.create({ profile: 'javascript' });
    const stream = await host.ask(`${worker}/observations/stream`);
    host.child.kill('SIGTERM');
    expect(await stream.text()).toContain('event: end\ndata: {"code":"server-draining"}');
    expect(await host.ended).toMatchObject({ code: 0 });
  });

  test('whose stderr and stdout nobody reads ends as well', async () => {
    const host = await startServe({ args: ['--memory', '--profile', echo] });
    host.child.stderr?.destroy();
    host.child.stdout?.destroy();
    const worker = await host.create({ profile: 'echo' });
    for (const word of ['one', 'two']) expect(await say(host, worker, `stderr ${word}`)).toEqual([]);
    host.child.kill('SIGTERM');
    expect(await host.ended).toMatchObject({ code: 0, signal: null });
  });
});

test('the account that a killed host kept of its programs is settled by the next start with the same data folder', async () => {
  const cwd = await temporaryFolder();
  const notes = (): Promise<readonly string[]> => readdir(join(cwd, '.workport/processes'));
  const host = await startServe({ cwd, args: [] });
  await host.create({ profile: 'javascript' });
  expect(await notes()).toHaveLength(1);
  host.child.kill('SIGKILL');
  await host.ended;
  expect(await notes()).toHaveLength(1);
  await startServe({ cwd, args: [] });
  expect(await notes()).toEqual([]);
});
