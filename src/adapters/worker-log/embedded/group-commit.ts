import type { Operation } from './engine.js';

/** `failed`: nothing of it was written. `unknown`: it cannot be told. */
export type Committed = 'committed' | 'failed' | 'unknown';

interface Waiting {
  readonly operations: readonly Operation[];
  readonly bytes: number;
  readonly resolve: (committed: Committed) => void;
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
  readonly #write: (operations: readonly Operation[]) => Promise<Exclude<Committed, 'committed'> | undefined>;
  #waiting: Waiting[] = [];
  #isWriting = false;

  /** `write` answers why it could not. It never rejects. */
  constructor(write: (operations: readonly Operation[]) => Promise<Exclude<Committed, 'committed'> | undefined>) {
    this.#write = write;
  }

  /** Resolves once it is written, or known not to be. Never rejects. */
  commit(operations: readonly Operation[]): Promise<Committed> {
    return new Promise((resolve) => {
      this.#waiting.push({ operations, bytes: bytesOf(operations), resolve });
      void this.#run();
    });
  }

  async #run(): Promise<void> {
    if (this.#isWriting) return;
    this.#isWriting = true;
    while (this.#waiting.length > 0) {
      // What is ready in this turn goes together.
      await Promise.resolve();
      const group = this.#nextGroup();
      const problem = await this.#write(group.flatMap(({ operations }) => operations));
      for (const { resolve } of group) resolve(problem ?? 'committed');
    }
    this.#isWriting = false;
  }

  #nextGroup(): readonly Waiting[] {
    let bytes = 0;
    const end = this.#waiting.findIndex((waiting) => (bytes += waiting.bytes) > groupBytes);
    const count = end < 0 ? this.#waiting.length : Math.max(1, end);
    return this.#waiting.splice(0, count);
  }
}
