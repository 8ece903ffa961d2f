import type { Operation } from './engine.js';

/** `failed`: nothing of it was written. `unknown`: it cannot be told. */
export type Committed = 'committed' | 'failed' | 'unknown';

interface Waiting {
  readonly operations: readonly Operation[];
  /** The opening of the engine that they rest on, where they do. */
  readonly opening: number | undefined;
  readonly bytes: number;
  readonly resolve: (committed: Committed) => void;
}

/** The engine, as it was opened once. */
export interface Opening {
  readonly number: number;
  /** All or nothing. Never rejects. */
  write(operations: readonly Operation[]): Promise<Committed>;
}

/** What is written to. */
export interface CommitTarget {
  /** Opens it where it is not open; `undefined` where it cannot be opened. Never rejects. */
  opened(): Promise<Opening | undefined>;
}

/** How much goes into one write, but for a single commit that is larger. */
const groupBytes = 4 * 1024 * 1024;

const bytesOf = (operations: readonly Operation[]): number =>
  operations.reduce((sum, operation) => sum + (operation.type === 'put' ? operation.value.length : 0), 0);

/**
 * Writes what many Workers have to commit in groups: while one write is under way the next group gathers, so that one
 * sync serves all of it. Commits are written in the order in which they came, each of them whole.
 */
export class GroupCommit {
  readonly #target: CommitTarget;
  #waiting: Waiting[] = [];
  #isWriting = false;

  constructor(target: CommitTarget) {
    this.#target = target;
  }

  /**
   * Resolves once it is written, or known not to be. Never rejects. With `opening` it is `failed` where the engine was
   * opened anew since: what it follows may not be there.
   */
  commit(operations: readonly Operation[], opening?: number): Promise<Committed> {
    return new Promise((resolve) => {
      this.#waiting.push({ operations, opening, bytes: bytesOf(operations), resolve });
      void this.#run();
    });
  }

  /** As `commit`, but rejects where it is not known to be written. */
  async mustCommit(operations: readonly Operation[], opening?: number): Promise<void> {
    const committed = await this.commit(operations, opening);
    if (committed !== 'committed') throw new Error('the log could not be written');
  }

  async #run(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // What is ready in this turn goes together.
      const opened = await this.#target.opened();
      await this.#write(this.#nextGroup(), opened);
    }
    this.#isWriting = false;
  }

  async #write(group: readonly Waiting[], opened: Opening | undefined): Promise<void> {
    const fits = ({ opening }: Waiting): boolean =>
      opened !== undefined && (opening ?? opened.number) === opened.number;
    for (const waiting of group) if (!fits(waiting)) waiting.resolve('failed');
    const fitting = group.filter(fits);
    if (!opened || fitting.length === 0) return;
    const committed = await opened.write(fitting.flatMap(({ operations }) => operations));
    for (const { resolve } of fitting) resolve(committed);
  }

  #nextGroup(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting) => (bytes += waiting.bytes) > groupBytes);
    const count = end < 0 ? this.#waiting.length : Math.max(1, end);
    return this.#waiting.splice(0, count);
  }
}
