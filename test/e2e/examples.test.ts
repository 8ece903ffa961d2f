import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

const cwd = fileURLToPath(new URL('../../', import.meta.url));
const execute = promisify(execFile);
const node = (...args: readonly string[]) => execute(process.execPath, args, { cwd, timeout: 20_000 });

const token = 'e2e-token-0123456789abcdef0123456789abcdef';

interface Started extends AsyncDisposable {
  readonly firstLine: string;
}

/** A program that says something when it is ready. It is ended, and its exit code checked, when the test is left. */
async function start(command: string, args: readonly string[], signal: NodeJS.Signals = 'SIGINT'): Promise<Started> {
  const env = { ...process.env, WORKPORT_TOKEN: token };
  const program = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'], timeout: 60_000 });
  const exited = once(program, 'exit');
  program.stderr.resume();
  const [firstLine] = (await Promise.race([
    once(createInterface(program.stdout), 'line'),
    exited.then(([code]) => Promise.reject(new Error(`it ended with ${String(code)} before it was ready`))),
  ])) as [string];
  return {
    firstLine,
    async [Symbol.asyncDispose]() {
      program.kill(signal);
      expect(await exited).toEqual([0, null]);
    },
  };
}

interface Ready {
  readonly event: string;
  readonly url: string;
  readonly pid: number;
}

const serveOptions = ['--port', '0', '--memory', '--json'];
const serve = (...options: readonly string[]): Promise<Started> =>
  start(process.execPath, ['dist/cli/main.js', 'serve', ...serveOptions, ...options]);
const urlOf = ({ firstLine }: Started): string => (JSON.parse(firstLine) as Ready).url;

const post = async (url: string, body: unknown): Promise<unknown> => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) });
  return response.json();
};

test('examples/embed.mjs: a Runtime in a program greets and ends by itself', async () => {
  const { stdout } = await node('examples/embed.mjs');
  expect(stdout).toBe('Hello Ada, you are number 1.\nHello Grace, you are number 2.\n');
});

test('examples/page.mjs: what a page does creates a Worker, watches its run and stops it', async () => {
  await using host = await serve();
  const env = { ...process.env, WORKPORT_URL: urlOf(host), WORKPORT_TOKEN: token };
  const { stdout } = await execute(process.execPath, ['examples/page.mjs'], { cwd, timeout: 20_000, env });
  expect(stdout).toBe('1\n2\n3\n');
});

test('examples/trouble.mjs: a screen sees a run that is cut off and a reconnect, the same with the same seed', async () => {
  const { stdout } = await node('examples/trouble.mjs');
  expect(stdout).toContain('trouble: kill at event text-delta');
  expect(stdout).toMatch(/the run ended: interrupted\nnot connected: exited\n.*\nconnected\n/);
  expect((await node('examples/trouble.mjs')).stdout).toBe(stdout);
});

test('examples/container.mjs: a host that is wired by inversify serves its profiles', async () => {
  await using host = await start(process.execPath, ['examples/container.mjs']);
  const url = host.firstLine.replace('serving on ', '');
  const profiles = await (await fetch(`${url}/api/v1/runtimes/local/profiles`)).json();
  expect(profiles).toEqual({ profiles: [{ name: 'greeter', label: 'Greeter' }] });
});

test('examples/console.mjs: a host without a container serves the console to whoever opens it', async () => {
  await using host = await start(process.execPath, ['examples/console.mjs']);
  const url = host.firstLine.replace('open ', '');
  const page = await fetch(url);
  expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
  expect(await page.text()).toContain('<title>Workport</title>');
  const profiles = await (await fetch(`${url}/api/v1/runtimes/local/profiles`)).json();
  expect(profiles).toEqual({ profiles: [{ name: 'greeter', label: 'Greeter' }] });
});

test('npm start serves, is the host itself, and a SIGTERM to npm ends it with 0', async () => {
  let pid = 0;
  {
    await using npm = await start('npm', ['start', '--silent', '--', ...serveOptions], 'SIGTERM');
    const ready = JSON.parse(npm.firstLine) as Ready;
    expect(ready.event).toBe('ready');
    expect((await fetch(`${ready.url}/healthz`)).status).toBe(200);
    pid = ready.pid;
  }
  expect(() => process.kill(pid, 0)).toThrow('ESRCH');
});

test('examples/greeter-process.mjs: the backend in a process of its own greets over HTTP', async () => {
  await using host = await serve('--profile', 'greeter=node examples/greeter-process.mjs');
  const created = await post(`${urlOf(host)}/api/v1/runtimes/local/workers`, {
    profile: 'greeter',
    input: { text: 'Ada' },
  });
  expect(created).toMatchObject({ worker: { profile: 'greeter' } });
  const { worker } = created as { worker: { workerId: string } };
  const path = `${urlOf(host)}/api/v1/runtimes/local/workers/${worker.workerId}/transcript`;
  await expect
    .poll(async () => (await fetch(path, { headers: { authorization: `Bearer ${token}` } })).text(), {
      timeout: 10_000,
    })
    .toContain('Hello Ada, you are number 1.');
});

test('examples/tour.sh: the tour of the README shows 42, 7, busy, a cancel and a stop', async () => {
  await using host = await serve();
  const env = { ...process.env, WORKPORT_URL: urlOf(host), WORKPORT_TOKEN: token };
  const { stdout } = await execute('sh', ['examples/tour.sh'], { cwd, env, timeout: 60_000 });
  expect(stdout).toContain('"text":"42"');
  expect(stdout).toContain('"text":"7"');
  expect(stdout).toContain('"outcome":"busy"');
  expect(stdout).toMatch(/"end":"quiesced"/);
  expect(stdout).toContain('event: observation');
  expect(stdout).toContain('"status":"stopped"');
}, 70_000);
