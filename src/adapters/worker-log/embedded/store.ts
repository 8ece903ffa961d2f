import { mkdir } from 'node:fs/promises';

import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { Engine, OpenEngine, Operation } from './engine.js';
import type { Committed } from './group-commit.js';
import { formatKey } from './keys.js';
import { folderErrorOf, LogFolderError } from './log-folder-error.js';
import { sealed, unsealed } from './sealed.js';

const format = '1';
const reopenMs = 1_000;

export interface StoreOptions {
  readonly folder: string;
  readonly sync: boolean;
  readonly open: OpenEngine;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Makes a new folder one of ours, and refuses one that a later version wrote. */
async function checkFormat(folder: string, engine: Engine): Promise<void> {
  const found = await engine.get(formatKey);
  if (found === undefined) {
    return engine.write([{ type: 'put', key: formatKey, value: sealed(format) }], { sync: true });
  }
  const written = unsealed(found);
  if (written === format) return;
  const message = `${folder} has format ${written}; this version reads format ${format}`;
  throw new LogFolderError('newer-format', message);
}

/**
 * The engine and its failures. After a write that failed the engine takes no other: it is closed and opened again, at
 * most once a second, when somebody asks for it.
 */
export class Store {
  readonly #options: StoreOptions;
  #engine: Promise<Engine> | undefined;
  #openedAt = -Infinity;
  #openings = 0;
  #isClosed = false;

  constructor(options: StoreOptions) {
    this.#options = options;
  }

  /** Grows whenever the engine is opened: what was known of its content before is void. */
  get openings(): number {
    return this.#openings;
  }

  /** Rejects with a `LogFolderError` where it cannot be opened. */
  engine(): Promise<Engine> {
    if (this.#isClosed) return Promise.reject(new Error('the log is closed'));
    if (this.#engine) return this.#engine;
    const { clock, folder } = this.#options;
    if (clock.now() - this.#openedAt < reopenMs) {
      return Promise.reject(new LogFolderError('unwritable', `${folder} could not be written`));
    }
    this.#openedAt = clock.now();
    const opening = this.#open();
    this.#engine = opening;
    opening.catch(() => {
      if (this.#engine === opening) this.#engine = undefined;
    });
    return opening;
  }

  async #open(): Promise<Engine> {
    const { folder, open } = this.#options;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const engine = await open(folder);
      try {
        await checkFormat(folder, engine);
      } catch (cause) {
        await engine.close();
        throw cause;
      }
      this.#openings += 1;
      return engine;
    } catch (cause) {
      throw folderErrorOf(folder, cause);
    }
  }

  /** Writes all or nothing. Answers why it could not; never rejects. */
  async write(operations: readonly Operation[]): Promise<Exclude<Committed, 'committed'> | undefined> {
    let engine;
    try {
      engine = await this.engine();
    } catch {
      return 'failed';
    }
    try {
      await engine.write(operations, { sync: this.#options.sync });
      return undefined;
    } catch (cause) {
      this.#options.logger.error('the log could not be written', { cause });
      await this.#giveUp(engine);
      return 'unknown';
    }
  }

  async #giveUp(engine: Engine): Promise<void> {
    this.#engine = undefined;
    this.#openedAt = -Infinity;
    await engine.close().catch((cause: unknown) => this.#options.logger.error('the log did not close', { cause }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const engine = await this.#engine?.catch(() => undefined);
    await engine?.close();
  }
}
