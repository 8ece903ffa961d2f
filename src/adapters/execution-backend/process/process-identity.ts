import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/** What tells a process from another one that got its number later. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly group: number;
  /** When it started, in whatever form the system tells it. Equal texts: the same start. */
  readonly startTime: string;
}

const run = promisify(execFile);

async function identityOnLinux(pid: number): Promise<ProcessIdentity | undefined> {
  const [stat, bootId] = await Promise.all([
    readFile(`/proc/${pid}/stat`, 'utf8'),
    readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
  ]);
  // The second field is the program's name in parentheses and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, , group] = fields;
  const ticks = fields[19];
  if (state === 'Z' || state === 'X' || group === undefined || ticks === undefined) return undefined;
  return { pid, group: Number(group), startTime: `${bootId.trim()}:${ticks}` };
}

async function identityByPs(pid: number): Promise<ProcessIdentity | undefined> {
  const { stdout } = await run('ps', ['-o', 'pgid=,lstart=', '-p', String(pid)], {
    env: { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' },
  });
  const match = /^\s*(\d+)\s+(\S.*\S)\s*$/.exec(stdout);
  return match?.[1] && match[2] ? { pid, group: Number(match[1]), startTime: match[2] } : undefined;
}

/** The identity of a live process; `undefined` where there is none with this number. */
export async function processIdentity(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    return await (process.platform === 'linux' ? identityOnLinux(pid) : identityByPs(pid));
  } catch {
    return undefined;
  }
}
