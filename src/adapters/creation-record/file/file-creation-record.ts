import type { FileHandle } from 'node:fs/promises';
import { copyFile, open, readFile, rename, writeFile } from 'node:fs/promises';

import * as z from 'zod';

import { isName, isUuid } from '../../../domain/ids.js';
import type { WorkerRef } from '../../../ports/browser-gateway.js';
import type { CreationRecord } from '../../../ports/creation-record.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';

/** `creator` is null where the Worker is gone. */
const lineSchema = z.strictObject({
  runtimeId: z.string().refine(isName),
  workerId: z.string().refine(isUuid),
  creator: z.string().nullable(),
});
type Line = z.output<typeof lineSchema>;
type Kept = Line & { readonly creator: string };

const keyOf = ({ runtimeId, workerId }: Pick<Line, 'runtimeId' | 'workerId'>): string => `${runtimeId}/${workerId}`;
/** Begins a line of its own, whatever a write that failed has left before it. */
const lineOf = (line: Line): string => `\n${JSON.stringify(line)}`;

function parseLine(text: string): Line | undefined {
  try {
    return lineSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

interface Found {
  readonly lines: readonly Kept[];
  /** Lines that say nothing. */
  readonly damaged: number;
}

/** Line by line, the later one wins; a line that was cut off by a crash was never answered for, and is left out. */
async function readLines(path: string): Promise<Found> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw cause;
  });
  const last = new Map<string, Line>();
  let damaged = 0;
  for (const written of text.split('\n').filter((one) => one !== '')) {
    const line = parseLine(written);
    if (line) last.set(keyOf(line), line);
    else damaged += 1;
  }
  return { lines: [...last.values()].filter((line): line is Kept => line.creator !== null), damaged };
}

/** Written beside it and put in its place: at no time there is half of it. */
async function rewrite(path: string, lines: readonly Line[]): Promise<void> {
  const beside = `${path}.new`;
  await writeFile(beside, lines.map(lineOf).join(''), { mode: 0o600, flush: true });
  await rename(beside, path);
}

class FileCreationRecord implements CreationRecord {
  readonly #path: string;
  readonly #logger: Logger;
  readonly #creators = new Map<string, string>();
  #file: FileHandle | undefined;
  /** One line after the other. */
  #written: Promise<void> = Promise.resolve();

  constructor(path: string, logger: Logger) {
    this.#path = path;
    this.#logger = logger;
  }

  async open(): Promise<void> {
    const { lines, damaged } = await readLines(this.#path);
    if (damaged > 0) await this.#keep(damaged);
    await rewrite(this.#path, lines);
    for (const line of lines) this.#creators.set(keyOf(line), line.creator);
    this.#file = await open(this.#path, 'a');
  }

  creatorOf(worker: WorkerRef): string | undefined {
    return this.#creators.get(keyOf(worker));
  }

  async add({ runtimeId, workerId }: WorkerRef, creator: string): Promise<void> {
    await this.#append({ runtimeId, workerId, creator });
    this.#creators.set(keyOf({ runtimeId, workerId }), creator);
  }

  async remove({ runtimeId, workerId }: WorkerRef): Promise<void> {
    this.#creators.delete(keyOf({ runtimeId, workerId }));
    await this.#append({ runtimeId, workerId, creator: null });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#written;
    await this.#file?.close();
    this.#file = undefined;
  }

  /** What nobody can read may still be read by people: it is gone from the file that is written anew. */
  async #keep(lines: number): Promise<void> {
    const kept = `${this.#path}.damaged`;
    await copyFile(this.#path, kept);
    this.#logger.warn('lines of the creation record cannot be read: the Workers in them are nobody’s own', {
      lines,
      kept,
    });
  }

  #append(line: Line): Promise<void> {
    const append = this.#written.then(async () => {
      if (!this.#file) throw new Error('the creation record is not open');
      await this.#file.appendFile(lineOf(line));
      await this.#file.datasync();
    });
    this.#written = append.catch(() => undefined);
    return append;
  }
}

/**
 * Kept in a file of its own, a line of JSON for each Worker; what is answered is on the disk. Nobody else may write it
 * meanwhile. What cannot be read is copied to `PATH.damaged`, and the operator is told. `open` rejects where the file cannot be read or written.
 */
export const fileCreationRecord = (
  path: string,
  { logger = nullLogger }: { readonly logger?: Logger | undefined } = {},
): CreationRecord & { open(): Promise<void> } => new FileCreationRecord(path, logger);
