import type { ChildProcess } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

const stateOf = (folder: string): string => {
  try {
    return /\) (\w)/u.exec(readFileSync(`${folder}/stat`, 'utf8'))?.[1] ?? '';
  } catch {
    // It has ended since it was listed.
    return 'T';
  }
};

/** Stops a process, and waits until none of its threads runs: the first one that hears of it has to stop the others. */
export function stopProcess(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined || !child.kill('SIGSTOP')) throw new Error('there is no process to stop');
  const tasks = `/proc/${String(pid)}/task`;
  const isRunning = (): boolean => readdirSync(tasks).some((task) => !/[TtXZ]/u.test(stateOf(`${tasks}/${task}`)));
  for (const endAt = Date.now() + 10_000; isRunning();) {
    if (Date.now() > endAt) throw new Error(`the process ${String(pid)} does not stop`);
  }
}
