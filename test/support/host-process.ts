import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

import { firstLine } from './programs.js';

const main = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
export const accessToken = 'test-access-token';

export interface ProcessOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string | undefined;
  /** Called with what ends the process, where no test is running yet. */
  readonly onEnd?: (end: () => Promise<void>) => void;
}

export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Running {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly ended: Promise<Ended>;
  /** What it said on stderr so far. */
  stderr(): string;
  /** What it said on stdout so far. */
  stdout(): string;
}

/** Runs `workport` as it is built. It is gone when the test is. */
export function runWorkport(args: readonly string[], options: ProcessOptions = {}): Running {
  const child = spawn(process.execPath, [main, ...args], {
    cwd: options.cwd,
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]): Ended => {
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, ...text };
  });
  (options.onEnd ?? onTestFinished)(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  return { child, pid: child.pid ?? 0, ended, stderr: () => text.stderr, stdout: () => text.stdout };
}

export interface HostProcess extends Running {
  readonly url: string;
  /** `…/api/v1/runtimes/local` */
  readonly runtimeUrl: string;
  /** The ready line, as it was. */
  readonly ready: string;
  /** Asks below the runtime, with the access token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  /** Posts JSON and answers status and JSON. */
  post(path: string, body?: unknown): Promise<{ readonly status: number; readonly body: Answer }>;
  get(path: string): Promise<{ readonly status: number; readonly body: Answer }>;
  /** Creates a Worker and answers its path below the runtime. */
  create(body: unknown): Promise<string>;
}

/** What of the answers the tests look at. */
export interface Answer {
  readonly code?: string;
  readonly outcome?: string;
  readonly inputId?: string;
  readonly end?: string;
  readonly worker?: {
    readonly workerId: string;
    readonly status: string;
    readonly openInput?: { readonly inputId: string };
  };
  readonly workers?: readonly unknown[];
  readonly profiles?: readonly { readonly name: string }[];
  readonly entries?: readonly { readonly role: string; readonly inputId?: string; readonly parts: readonly Part[] }[];
}
interface Part {
  readonly type: string;
  readonly text?: string;
  readonly code?: string;
}

/** Starts `workport serve` on a free port, and waits until it is ready. */
export async function startServe(options: ProcessOptions = {}): Promise<HostProcess> {
  const { args = ['--memory'], env } = options;
  const running = runWorkport(['serve', '--json', '--port', '0', ...args], {
    ...options,
    env: { WORKPORT_TOKEN: accessToken, ...env },
  });
  const { stdout } = running.child;
  const line = stdout && (await Promise.race([firstLine(stdout), running.ended.then(({ stderr }) => stderr)]));
  const ready = line ?? '';
  if (!ready.startsWith('{"event":"ready"')) throw new Error(`the host did not start: ${ready}`);
  const { url, runtimeId } = JSON.parse(ready) as { readonly url: string; readonly runtimeId: string };
  const runtimeUrl = `${url}/api/v1/runtimes/${runtimeId}`;

  const ask = (path: string, init: RequestInit = {}): Promise<Response> => {
    const headers = new Headers(init.headers);
    if (!headers.has('authorization')) headers.set('authorization', `Bearer ${accessToken}`);
    return fetch(runtimeUrl + path, { ...init, headers });
  };
  const answered = async (response: Response) => {
    const text = await response.text();
    return { status: response.status, body: (text ? JSON.parse(text) : {}) as Answer };
  };
  const post = async (path: string, body?: unknown) => {
    const content =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return answered(await ask(path, { method: 'POST', ...content }));
  };
  return {
    ...running,
    url,
    runtimeUrl,
    ready,
    ask,
    post,
    get: async (path) => answered(await ask(path)),
    async create(body) {
      const created = await post('/workers', body);
      if (created.status !== 201) throw new Error(`no Worker: ${JSON.stringify(created)}`);
      return `/workers/${created.body.worker?.workerId ?? ''}`;
    },
  };
}
