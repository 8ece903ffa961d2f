/** Signals a process group; never this process's own one and never everybody. Answers whether there was one. */
export function killGroup(group: number, signal: 'SIGTERM' | 'SIGKILL'): boolean {
  if (group <= 1 || group === process.pid) return false;
  try {
    return process.kill(-group, signal);
  } catch {
    return false;
  }
}
