import type { WorkerId } from '../../../domain/ids.js';
import type { Logger } from '../../../ports/logger.js';
import type { WorkerHead } from '../../../ports/worker-log.js';
import { nameOf } from './record.js';
import { Gone } from './record-reader.js';
import type { RecordReader } from './record-reader.js';
import type { Removals } from './removals.js';
import { openStretch } from './stretch.js';
import type { LogStream, StoredMessage } from './stream.js';
import type { Subjects } from './subjects.js';

const batchCount = 64;
const behindMs = 8_000;
/** Times in a row that the server tells nothing. */
const attempts = 5;

interface HeadsDependencies {
  readonly stream: LogStream;
  readonly subjects: Subjects;
  readonly reader: RecordReader;
  readonly removals: Removals;
  readonly logger: Logger;
}

/** The newest head of every Worker, each once. */
export class Heads {
  readonly #of: HeadsDependencies;

  constructor(dependencies: HeadsDependencies) {
    this.#of = dependencies;
  }

  async *every(): AsyncGenerator<WorkerHead, void, void> {
    const told = new Set<string>();
    for (let attempt = 1; attempt <= attempts; attempt += 1) {
      const before = told.size;
      if (yield* this.#pass(told)) return;
      if (told.size > before) attempt = 1;
      else await this.#of.stream.pause(500);
    }
    throw new Error('the log does not answer');
  }

  /** Answers whether it came to the end. Those that were told before are passed over. */
  async *#pass(told: Set<string>): AsyncGenerator<WorkerHead, boolean, void> {
    const { stream, subjects } = this.#of;
    // What the replica that tells the heads has not got yet is asked of the leader.
    const end = stream.isReplicated ? ((await stream.last(subjects.everyLog))?.sequence ?? 0) : 0;
    const stretch = await openStretch(stream, subjects.everyLog, 'last-per-subject');
    if (!stretch) return false;
    let seen = 0;
    try {
      for (;;) {
        const batch = await stretch.batch(batchCount);
        if (!batch) return false;
        seen = batch.messages.at(-1)?.sequence ?? seen;
        yield* this.#told(await this.#newest(batch.messages), told);
        if (batch.isAtEnd) break;
      }
    } finally {
      stretch.close();
    }
    while (seen < end) {
      const next = await stream.surelyNext(subjects.everyLog, seen + 1, behindMs);
      if (!next) break;
      seen = next.sequence;
      yield* this.#told(await this.#newest([next]), told);
    }
    return true;
  }

  /** A replica may be behind: it tells who is there, and their leader how they stand. */
  async #newest(messages: readonly StoredMessage[]): Promise<readonly StoredMessage[]> {
    const { stream } = this.#of;
    if (!stream.isReplicated) return messages;
    const newest = await Promise.all(messages.map(({ subject }) => stream.last(subject)));
    return newest.filter((message) => message !== undefined);
  }

  async *#told(messages: readonly StoredMessage[], told: Set<string>): AsyncGenerator<WorkerHead, void, void> {
    for (const message of messages) {
      const head = await this.#headOf(message);
      if (!head || told.has(head.workerId)) continue;
      told.add(head.workerId);
      yield head;
    }
  }

  async #headOf(message: StoredMessage): Promise<WorkerHead | undefined> {
    const { reader, logger } = this.#of;
    try {
      const name = nameOf(message.header);
      if (name.kind === 'removed') {
        this.#sweep(message);
        return undefined;
      }
      return await reader.head({ name, message });
    } catch (cause) {
      if (cause instanceof Gone) {
        const newest = await this.#of.stream.last(message.subject);
        if (!newest || newest.sequence > message.sequence) return newest && this.#headOf(newest);
      }
      logger.error('a head could not be read', { subject: message.subject, cause });
      return undefined;
    }
  }

  /** A removal that was not swept: whoever began it did not come to its end. */
  #sweep({ subject, sequence }: StoredMessage): void {
    const workerId = subject.slice(subject.lastIndexOf('.') + 1) as WorkerId;
    this.#of.removals.sweep(workerId, sequence, { isWhole: true }).catch((cause: unknown) => {
      this.#of.logger.warn('a removed Worker could not be swept', { workerId, cause });
    });
  }
}
