import { setTimeout } from 'node:timers/promises';

/** Signals a process group; never this process's own one and never everybody. Answers whether there was one. */
export function killGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (group <= 1 || group === process.pid) return false;
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}

const goneWithinMs = 1000;
const pollMs = 5;

/**
 * Resolves when no process of a killed group is left: those that were killed with their leader may be gone a moment
 * after it. No longer than a second, for where nobody reaps orphans a dead one keeps its group.
 */
export async function groupGone(group: number): Promise<void> {
  for (let waitedMs = 0; exists(group) && waitedMs < goneWithinMs; waitedMs += pollMs) await setTimeout(pollMs);
}

function exists(group: number): boolean {
  try {
    return process.kill(-group, 0);
  } catch {
    return false;
  }
}
