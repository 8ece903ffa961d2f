import { mkdir, statfs } from 'node:fs/promises';

import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import { Damage } from './damage.js';
import { doubtBegins, isInDoubt } from './doubt.js';
import type { Engine, OpenEngine, Operation } from './engine.js';
import { folderProblems, lastingProblems, logBytes } from './engine-files/folder-files.js';
import { unsoundTables } from './engine-files/unsound-range.js';
import { checkFormat, formatPut } from './format.js';
import type { Committed, CommitTarget, Opening } from './group-commit.js';
import { holdFolder } from './held-folders.js';
import { everyHead, formatKey, syncKey } from './keys.js';
import { folderErrorOf, LogFolderError } from './log-folder-error.js';
import type { Durability } from './options.js';
import { sealed } from './sealed.js';
import { tornTail } from './engine-files/torn-tail.js';

const synced: Operation = { type: 'put', key: syncKey, value: sealed(syncKey, '') };
/** Between two attempts to open a folder that could not be opened. */
const reopenMs = 1_000;

export interface StoreOptions {
  readonly folder: string;
  readonly durability: Durability;
  readonly intervalMs: number;
  readonly openEngine: OpenEngine;
  readonly clock: Clock;
  readonly logger: Logger;
}

async function checkFiles(folder: string): Promise<void> {
  const problems = await lastingProblems(() => folderProblems(folder));
  if (problems.length > 0) throw new LogFolderError('damaged', `${folder} is damaged: ${problems.join(', ')}`);
}

/** The engine writes what its log holds to a table when it is opened. */
const spareBytes = 1024 * 1024;

async function checkRoom(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const needed = (await logBytes(folder)) + spareBytes;
  if (bavail * bsize >= needed) return;
  throw new LogFolderError('unwritable', `${folder} cannot be written: the disk is full`);
}

/**
 * The engine and its failures. After a write that failed it takes no other: it is closed and opened again when somebody
 * asks for one that can be written, and read from until then. It has its folder to itself, so that it is closed before
 * another is opened: where that fails for a reason that was not seen before, nothing can be read until one opens.
 */
export class Store implements CommitTarget {
  readonly durability: Durability;
  readonly #options: StoreOptions;
  #engine: Promise<Engine> | undefined;
  /** What `#engine` is, once it is open. */
  #opened: Engine | undefined;
  /** A write to it failed: it is read from until it can be opened again. */
  #broken: Engine | undefined;
  #failedAt = -Infinity;
  #failure: unknown;
  /** Why it could not be opened again, as the operator was told. */
  #toldReason: string | undefined;
  #openings = 0;
  #isTailInDoubt = false;
  #isClosed = false;
  #closing: Promise<void> | undefined;
  #lastWrite: Promise<unknown> = Promise.resolve();
  #forgetSync: (() => void) | undefined;

  constructor(options: StoreOptions) {
    this.durability = options.durability;
    this.#options = options;
  }

  get logger(): Logger {
    return this.#options.logger;
  }

  /** Grows whenever the engine is opened: what was known of its content before is void. */
  get openings(): number {
    return this.#openings;
  }

  /**
   * Whether the end of any log may be missing, although it was seen: something was cut off, or left out, when the
   * folder was opened. It is so until `undoubted`, also after another start.
   */
  get isTailInDoubt(): boolean {
    return this.#isTailInDoubt;
  }

  undoubted(): void {
    this.#isTailInDoubt = false;
  }

  /** What can be read of what was written; what was in doubt may be missing. Rejects as `engine`. */
  readable(): Promise<Engine> {
    return this.#broken && !this.#isClosed ? Promise.resolve(this.#broken) : this.engine();
  }

  /** Rejects with a `LogFolderError` where it cannot be opened. */
  engine(): Promise<Engine> {
    if (this.#isClosed) return Promise.reject(new Error('the log is closed'));
    if (this.#engine) return this.#engine;
    const { clock, folder } = this.#options;
    const sinceMs = clock.now() - this.#failedAt;
    // A clock that was set back keeps nobody from another attempt.
    if (sinceMs >= 0 && sinceMs < reopenMs) return Promise.reject(folderErrorOf(folder, this.#failure));
    const opening = this.#broken ? this.#reopen(this.#broken) : this.#open();
    this.#engine = opening;
    opening.then(
      (engine) => {
        this.#opened = engine;
        this.#toldReason = undefined;
      },
      (cause: unknown) => {
        this.#engine = undefined;
        this.#failure = cause;
        this.#failedAt = clock.now();
        this.#tellOnce(cause);
      },
    );
    return opening;
  }

  /** It is tried again and again as long as somebody appends. Who opened it first was told by the rejection. */
  #tellOnce(cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (this.#openings === 0 || reason === this.#toldReason) return;
    this.#toldReason = reason;
    this.#options.logger.error('the log cannot be opened again', { cause });
  }

  /** As long as it is seen that another cannot be opened, the broken one is kept for those who read. */
  async #reopen(broken: Engine): Promise<Engine> {
    await checkRoom(this.#options.folder);
    await checkFiles(this.#options.folder);
    this.#broken = undefined;
    await this.#closeEngine(broken);
    return this.#open();
  }

  #closeEngine(engine: Engine): Promise<void> {
    return engine.close().catch((cause: unknown) => this.#options.logger.error('the log did not close', { cause }));
  }

  async #open(): Promise<Engine> {
    const { folder } = this.#options;
    try {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const { path, release } = await holdFolder(folder);
      return await this.#openHeld(path, release).catch((cause: unknown) => {
        release();
        throw cause;
      });
    } catch (cause) {
      throw folderErrorOf(folder, cause);
    }
  }

  /** Within a process the engine tells folders apart by their names: `path` is the one. */
  async #openHeld(path: string, release: () => void): Promise<Engine> {
    const { folder, openEngine, logger } = this.#options;
    await checkFiles(folder);
    const torn = await tornTail(folder);
    const unsound = await unsoundTables(folder, everyHead);
    const opened = await openEngine(path);
    const leftOut = [...opened.leftOut, ...unsound.map((name) => `${name} has damaged heads`)];
    const engine = { ...opened, leftOut, close: () => opened.close().finally(release) };
    if (torn) logger.warn('a write that was half done was cut off the log', { ...torn });
    for (const line of leftOut) logger.error('a part of the log could not be read', { line });
    // What this process began to write and could not end was told to nobody.
    const isCut = leftOut.length > 0 || (torn !== undefined && this.#openings === 0);
    await this.#begin(engine, isCut).catch(async (cause: unknown) => {
      await engine.close();
      throw cause;
    });
    this.#openings += 1;
    return engine;
  }

  async #begin(engine: Engine, isCut: boolean): Promise<void> {
    const { folder, logger } = this.#options;
    // A block that cannot be read tells nothing of the format, and hides nobody whose records lie elsewhere.
    const found = await engine.get(formatKey).catch((cause: unknown) => {
      if (!(cause instanceof Damage)) throw cause;
      logger.error('the format of the log cannot be read', { cause });
      return formatPut.value;
    });
    if (found) checkFormat(folder, found);
    else await engine.write([formatPut], { sync: true });
    if (isCut) await engine.write([doubtBegins], { sync: true });
    this.#isTailInDoubt = await isInDoubt(engine);
  }

  async opened(): Promise<Opening | undefined> {
    try {
      const engine = await this.engine();
      const sync = this.durability === 'sync';
      return { number: this.#openings, write: (operations) => this.#write(engine, operations, sync) };
    } catch {
      return undefined;
    }
  }

  /**
   * One after the other. LevelDB refuses what follows a sync that failed, and not what follows a record that it could
   * not write in full: that would come behind half a record, be answered, and be lost at the next opening.
   */
  #write(engine: Engine, operations: readonly Operation[], sync: boolean): Promise<Committed> {
    const written = this.#lastWrite.then(() => this.#writeNow(engine, operations, sync));
    this.#lastWrite = written;
    return written;
  }

  async #writeNow(engine: Engine, operations: readonly Operation[], sync: boolean): Promise<Committed> {
    if (this.#opened !== engine) return 'failed';
    try {
      await engine.write(operations, { sync });
      if (this.durability === 'interval' && !sync) this.#syncSoon(engine);
      return 'committed';
    } catch (cause) {
      this.#options.logger.error('the log could not be written', { cause });
      this.#giveUp(engine);
      return 'unknown';
    }
  }

  #syncSoon(engine: Engine): void {
    const { clock, intervalMs } = this.#options;
    if (this.#isClosed) return;
    this.#forgetSync ??= clock.after(intervalMs, () => {
      this.#forgetSync = undefined;
      void this.#write(engine, [synced], true);
    });
  }

  /** Once for each engine, however many of its writes fail. */
  #giveUp(engine: Engine): void {
    if (this.#opened !== engine) return;
    this.#engine = undefined;
    this.#opened = undefined;
    this.#broken = engine;
    this.#forgetSync?.();
    this.#forgetSync = undefined;
  }

  /** What was written and is not on disk yet is brought there. Idempotent; nothing is opened from the first call on. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async #close(): Promise<void> {
    this.#isClosed = true;
    this.#forgetSync?.();
    await this.#engine?.catch(() => undefined);
    await this.#lastWrite;
    const engine = this.#opened;
    this.#opened = undefined;
    if (this.#broken) await this.#closeEngine(this.#broken);
    if (!engine) return;
    if (this.durability !== 'sync') await engine.write([synced], { sync: true }).catch(() => undefined);
    await engine.close();
  }
}
