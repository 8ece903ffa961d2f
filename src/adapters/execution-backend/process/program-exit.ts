import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import type { Duplex, Readable } from 'node:stream';

import type { Clock } from '../../../ports/clock.js';
import type { ExecutionExit } from '../../../ports/observation-publisher.js';
import { killGroup } from './kill-group.js';

/** How long the output of a program that is gone may still be read. */
const drainMs = 2000;

export interface ExitSources {
  readonly lifeline: Duplex;
  /** Everything that the program writes to. */
  readonly outputs: readonly Readable[];
  readonly clock: Clock;
  /** Called at once when the leader of the group is reaped. */
  onReaped(): void;
}

/**
 * Resolves when a guarded program is reaped, nothing of its group is left and what it wrote was read. The lifeline
 * tells the second: it ends when guard and leader are dead, and both die only with the whole group.
 */
export async function programExit(child: ChildProcess, sources: ExitSources): Promise<ExecutionExit> {
  const { lifeline, outputs, clock } = sources;
  let status = '';
  lifeline.on('data', (chunk: Buffer) => (status += chunk.toString('latin1').slice(0, 8)));
  const groupGone = ended(lifeline);
  const outputsRead = Promise.all(outputs.map(ended));

  const signal = await new Promise<string | null>((resolve) => {
    child.on('exit', (_code, name) => {
      // Where the leader was killed alone, the others are still there.
      if (child.pid !== undefined) killGroup(child.pid, 'SIGKILL');
      sources.onReaped();
      resolve(name);
    });
  });
  await groupGone;
  lifeline.destroy();
  const giveUp = clock.after(drainMs, () => outputs.forEach((output) => output.destroy()));
  await outputsRead;
  giveUp();
  return exitOf(status, signal);
}

function ended(stream: Readable): Promise<void> {
  return new Promise((resolve) => {
    stream.on('error', () => resolve());
    stream.on('end', () => resolve());
    stream.on('close', () => resolve());
  });
}

/** A shell tells a signal as 128 and its number. Without a status the leader itself was killed, and the signal is its own. */
function exitOf(status: string, signal: string | null): ExecutionExit {
  if (status === '') return signal === null ? { kind: 'unknown' } : { kind: 'signal', value: signal };
  const code = Number.parseInt(status, 10);
  const name = Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0];
  return name === undefined ? { kind: 'code', value: code } : { kind: 'signal', value: name };
}
