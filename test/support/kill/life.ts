import { markedProcesses, markVariable } from '../../../src/cli/check/marked-processes.js';
import type { HostProcess, ProcessOptions } from '../host-process.js';
import { runWorkport, startServe } from '../host-process.js';

const token = 'test-access-token';

/** One life of a host: from its start to SIGKILL. */
export interface Life {
  readonly host: HostProcess;
  isKilled(): boolean;
  kill(): Promise<void>;
}

export interface LifeOptions {
  readonly cwd: string;
  readonly mark: string;
  /** Takes what ends the process, for when the test ends. */
  readonly onEnd: NonNullable<ProcessOptions['onEnd']>;
}

const args = ['--data', 'data'];
const env = (mark: string) => ({ WORKPORT_TOKEN: token, [markVariable]: mark });

export async function startLife({ cwd, mark, onEnd }: LifeOptions): Promise<Life> {
  const host = await startServe({ cwd, onEnd, args, env: env(mark) });
  let killed = false;
  return {
    host,
    isKilled: () => killed,
    async kill() {
      killed = true;
      host.child.kill('SIGKILL');
      await host.ended;
    },
  };
}

/** A host that is killed so long after its start, and what it said until then. */
export async function cutShort({ cwd, mark, onEnd }: LifeOptions, afterMs: number): Promise<string> {
  const running = runWorkport(['serve', '--json', '--port', '0', ...args], { cwd, onEnd, env: env(mark) });
  const timer = setTimeout(() => running.child.kill('SIGKILL'), afterMs);
  const { signal, stderr, code } = await running.ended;
  clearTimeout(timer);
  if (signal !== 'SIGKILL') throw new Error(`the host ended by itself (${code}): ${stderr}`);
  return stderr;
}

/** The processes of hosts whose mark fits. */
export const processesOf = (fits: (mark: string) => boolean): ReadonlySet<number> =>
  new Set(markedProcesses(fits).map(({ pid }) => pid));
