import { randomUUID } from 'node:crypto';

import type { ProcessRegister } from '../../adapters/execution-backend/process/index.js';
import { groupGone, killGroup } from '../../adapters/execution-backend/process/kill-group.js';
import { killMarked } from './marked-processes.js';

/** The programs of one backend. */
export interface ProgramGroup {
  /** What each carries in its environment, and no other program. */
  readonly mark: string;
  /** Handed to what starts them. */
  readonly register: ProcessRegister;
  /** Ends those that live, the way a crash does. */
  kill(): void;
}

/** All programs of a run, so that none outlives it. */
export class StartedPrograms implements AsyncDisposable {
  readonly #live = new Set<number>();
  readonly #marks = new Set<string>();
  readonly #isMarked = (mark: string): boolean => this.#marks.has(mark);
  /** The last net, for a process that ends at once: what left its group is not ended with it. */
  readonly #atExit = (): void => killMarked(this.#isMarked);

  constructor() {
    process.on('exit', this.#atExit);
  }

  group(): ProgramGroup {
    const groups = new Set<number>();
    const mark = randomUUID();
    this.#marks.add(mark);
    const register: ProcessRegister = {
      add: (pid) => {
        for (const set of [groups, this.#live]) set.add(pid);
        return Promise.resolve(() => {
          for (const set of [groups, this.#live]) set.delete(pid);
          return Promise.resolve();
        });
      },
      sweep: () => Promise.resolve(0),
    };
    return { mark, register, kill: () => groups.forEach((group) => killGroup(group, 'SIGKILL')) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const live = [...this.#live];
    for (const group of live) killGroup(group, 'SIGKILL');
    await Promise.all(live.map(groupGone));
    killMarked(this.#isMarked);
    process.off('exit', this.#atExit);
  }
}
