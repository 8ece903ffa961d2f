import type { Readable, Writable } from 'node:stream';

import type { ExecutionExit } from '../../../ports/observation-publisher.js';

export interface ProgramEnding {
  readonly exit: ExecutionExit;
  /** The first cause that was given to `end`, else `exited`. */
  readonly cause: string;
  /** It had to be killed. */
  readonly killed: boolean;
}

/** A program in a process group of its own, with all that it starts in there. */
export interface RunningProgram {
  /** What the program reads. */
  readonly input: Writable;
  /** What the program writes. */
  readonly output: Readable;
  /** Resolves once the program is reaped, its group is gone and its output was read. Never rejects. */
  readonly ended: Promise<ProgramEnding>;
  /**
   * Ends the whole group: close stdin → 2 s → SIGTERM → `graceMs` → SIGKILL; with 0 SIGKILL at once. The first cause
   * is the one that is told; later calls only hasten it. Resolves as `ended`.
   */
  end(cause: string, graceMs: number): Promise<ProgramEnding>;
}
