import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { onTestFinished, vi } from 'vitest';

import type { WorkerId } from '../../src/domain/ids.js';
import { programPath } from './programs.js';
import { stopProcess } from './stop-process.js';

export interface OwningEvent {
  readonly event: 'entered' | 'offered' | 'took' | 'refused' | 'lost';
  readonly hostId?: string;
  readonly workerId?: WorkerId;
}

export interface OwningProcess {
  readonly events: readonly OwningEvent[];
  /** As it entered first. */
  readonly id: string;
  take(workerId: WorkerId): void;
  kill(): Promise<void>;
  stop(): void;
  goOn(): void;
}

/** A host in a process of its own that has entered. It is gone when the test is. */
export async function owningProcess(address: string, name: string, leaseMs: number): Promise<OwningProcess> {
  const args = [programPath('owns-workers.mjs'), address, name, String(leaseMs)];
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  const kill = async (): Promise<void> => {
    child.kill('SIGKILL');
    await ended;
  };
  onTestFinished(kill);
  const events: OwningEvent[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => events.push(JSON.parse(line) as OwningEvent));
  const id = await vi.waitFor(
    () => {
      const [first] = events;
      if (!first?.hostId) throw new Error('it has not entered');
      return first.hostId;
    },
    { timeout: 30_000, interval: 10 },
  );
  return {
    events,
    id,
    kill,
    take: (workerId) => void child.stdin.write(`${workerId}\n`),
    stop: () => stopProcess(child),
    goOn: () => void child.kill('SIGCONT'),
  };
}
