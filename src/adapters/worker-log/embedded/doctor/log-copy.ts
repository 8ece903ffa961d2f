import type { Engine, Operation } from '../engine.js';
import { formatPut, unfinishedPut } from '../format.js';
import type { Sink } from './worker-remains.js';

const writeBytes = 4 * 1024 * 1024;

/** A new folder. Writes in groups: it is brought to disk at its end. */
export class LogCopy implements AsyncDisposable {
  readonly #engine: Engine;
  #operations: Operation[] = [];
  #bytes = 0;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Until its end no host takes it for a whole one. */
  async begin(): Promise<void> {
    await this.add([unfinishedPut]);
    await this.#write(true);
  }

  readonly add: Sink = async (operations) => {
    for (const operation of operations) {
      this.#operations.push(operation);
      if (operation.type === 'put') this.#bytes += operation.value.length;
    }
    if (this.#bytes >= writeBytes) await this.#write(false);
  };

  async end(): Promise<void> {
    await this.add([formatPut]);
    await this.#write(true);
  }

  async #write(sync: boolean): Promise<void> {
    await this.#engine.write(this.#operations, { sync });
    this.#operations = [];
    this.#bytes = 0;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#engine.close();
  }
}
