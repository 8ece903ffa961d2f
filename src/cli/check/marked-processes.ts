import { existsSync, readdirSync, readFileSync } from 'node:fs';

/** The variable that every program of a run carries, and hands on to what it starts. */
export const markVariable = 'WORKPORT_CHECK_MARK';

/** Whether this system shows the environments of processes. */
export const canFindMarked = (): boolean => existsSync('/proc/self/environ');

export interface MarkedProcess {
  readonly pid: number;
  /** Its command line, for people. */
  readonly command: string;
}

function fieldsOf(pid: number, file: 'environ' | 'cmdline'): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const markOf = (pid: number): string | undefined =>
  fieldsOf(pid, 'environ')
    .find((entry) => entry.startsWith(`${markVariable}=`))
    ?.slice(markVariable.length + 1);

function isMarked(pid: number, fits: (mark: string) => boolean): boolean {
  const mark = markOf(pid);
  return mark !== undefined && fits(mark);
}

/** The processes of this user that live and carry a mark that fits. One that is dead and only not reaped carries none. */
export function markedProcesses(fits: (mark: string) => boolean): readonly MarkedProcess[] {
  if (!canFindMarked()) return [];
  const pids = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name));
  return pids
    .map(Number)
    .filter((pid) => pid !== process.pid && isMarked(pid, fits))
    .map((pid) => ({ pid, command: fieldsOf(pid, 'cmdline').join(' ').trim() }));
}

/** Kills what carries a mark that fits, wherever it has gone. */
export function killMarked(fits: (mark: string) => boolean): void {
  for (const { pid } of markedProcesses(fits)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended meanwhile.
    }
  }
}
