import { readFileSync } from 'node:fs';

/** Of the kernel's clock, as `getconf CLK_TCK` says on every Linux that there is. */
const tickMs = 10;

/** The time that a process has had on a CPU, in ms, in steps of 10. Linux alone. */
export function cpuMs(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The time that all CPUs together have had nothing to do, in ms. */
function idleMs() {
  const [, , , , idle, waiting] = readFileSync('/proc/stat', 'utf8').split('\n')[0].split(/ +/).map(Number);
  return (idle + waiting) * tickMs;
}

/** What each of some processes, by name, has had of a CPU while `run` ran, what all of them left, and what it answered. */
export async function withCpu(pids, run) {
  const all = () => Object.fromEntries(Object.entries(pids).map(([name, list]) => [name, sum(list.map(cpuMs))]));
  const before = all();
  const idleBefore = idleMs();
  const began = performance.now();
  const answer = await run();
  const ms = performance.now() - began;
  const after = all();
  const idle = idleMs() - idleBefore;
  return {
    answer,
    ms,
    idle,
    cpu: Object.fromEntries(Object.keys(pids).map((name) => [name, after[name] - before[name]])),
  };
}

const sum = (values) => values.reduce((all, one) => all + one, 0);
