import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const folder = new URL('./installed/node_modules/.bin/', import.meta.url);

/** The program of an agent of `installed/package.json`. */
export const installedAgent = (name: string): string => fileURLToPath(new URL(name, folder));

/** Whether the agents are installed, on a machine that shows which processes run. */
export const agentsAreHere =
  existsSync('/proc/self/environ') &&
  ['claude-code-acp', 'gemini', 'codex-acp'].every((name) => existsSync(installedAgent(name)));

const isMarked = async (pid: string, mark: string): Promise<boolean> => {
  try {
    const read = (name: string) => readFile(`/proc/${pid}/${name}`, 'latin1');
    const [environment, line, status] = await Promise.all([read('environ'), read('cmdline'), read('stat')]);
    return (environment + line).includes(mark) && !/\) [ZX] /.test(status);
  } catch {
    return false;
  }
};

/** The processes that run with `mark` in the environment or on the command line that they were started with. */
export async function markedProcesses(mark: string): Promise<readonly string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => isMarked(pid, mark)));
  return pids.filter((_, index) => found[index]);
}

/** What of these is the program itself, and neither who guards it nor what it has started. */
export async function programOf(processes: readonly string[], name: string): Promise<number> {
  for (const pid of processes) {
    const [command, program] = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0');
    if (command === 'node' && program === installedAgent(name)) return Number(pid);
  }
  throw new Error(`${name} does not run`);
}
