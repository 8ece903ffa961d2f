import type { WorkerId } from '../../../domain/ids.js';
import { pageLength } from '../../../ports/worker-log.js';
import type { EncodedObservation } from '../../../ports/worker-log.js';
import type { NatsConnection, NatsMessage } from '../../nats/index.js';
import { isRecord, nameOf, observationsIn } from './record.js';
import type { RecordName } from './record.js';
import type { Subjects } from './subjects.js';

/** A record as it came, decoded once for all who follow. */
export interface SaidRecord {
  readonly name: RecordName;
  readonly bytes: number;
  observations(): readonly EncodedObservation[];
}

export interface Watcher {
  offer(record: SaidRecord): void;
  /** Something may have changed. */
  wake(): void;
  /** The log was removed or closed. */
  end(): void;
}

interface Watch {
  readonly watchers: Set<Watcher>;
  readonly unsubscribe: () => void;
}

/** A new leader may say nothing of what the one before had stored: it is looked for when it is elected, and once more. */
const electionMs = 2_000;

function saidRecord(name: RecordName, data: Uint8Array): SaidRecord {
  let decoded: readonly EncodedObservation[] | undefined;
  return { name, bytes: data.length, observations: () => (decoded ??= observationsIn(data, name)) };
}

/** `undefined` for what says that something has changed, and for what is no record. */
function nameIn(header: NatsMessage['header']): RecordName | undefined {
  try {
    return isRecord(header) ? nameOf(header) : undefined;
  } catch {
    return undefined;
  }
}

/** Who waits for what comes next: one subscription for a Worker, however many follow it, and nothing on the server's disk. */
export class Watches {
  readonly #connection: NatsConnection;
  readonly #subjects: Subjects;
  readonly #watches = new Map<WorkerId, Watch>();
  readonly #forget: (() => void)[];

  constructor(connection: NatsConnection, subjects: Subjects, { name, pause }: WatchesOptions) {
    this.#connection = connection;
    this.#subjects = subjects;
    const wakeAll = (): void => this.#wakeAll();
    const elected = (): void => {
      wakeAll();
      void pause(electionMs).then(wakeAll);
    };
    const unsubscribe = connection.subscribe(`$JS.EVENT.ADVISORY.STREAM.LEADER_ELECTED.${name}`, elected);
    this.#forget = [connection.onReconnected(wakeAll), unsubscribe];
  }

  /** What comes from now on is offered. The returned function takes it back. */
  add(workerId: WorkerId, watcher: Watcher): () => void {
    const watch = this.#watches.get(workerId) ?? this.#begin(workerId);
    watch.watchers.add(watcher);
    return () => {
      watch.watchers.delete(watcher);
      if (watch.watchers.size > 0 || this.#watches.get(workerId) !== watch) return;
      this.#watches.delete(workerId);
      watch.unsubscribe();
    };
  }

  #begin(workerId: WorkerId): Watch {
    const watchers = new Set<Watcher>();
    const said = (message: NatsMessage): void => this.#said(watchers, message);
    const watch = { watchers, unsubscribe: this.#connection.subscribe(this.#subjects.said(workerId), said) };
    this.#watches.set(workerId, watch);
    return watch;
  }

  #said(watchers: ReadonlySet<Watcher>, { data, header }: NatsMessage): void {
    const name = nameIn(header);
    const record = name && name.pieces.length === 0 && data.length <= pageLength ? saidRecord(name, data) : undefined;
    for (const watcher of [...watchers]) {
      if (name && name.kind !== 'record') watcher.end();
      else if (record) watcher.offer(record);
      else watcher.wake();
    }
  }

  #wakeAll(): void {
    for (const { watchers } of this.#watches.values()) for (const watcher of [...watchers]) watcher.wake();
  }

  close(): void {
    for (const forget of this.#forget) forget();
    for (const { watchers } of [...this.#watches.values()]) for (const watcher of [...watchers]) watcher.end();
  }
}

interface WatchesOptions {
  /** Of the stream. */
  readonly name: string;
  readonly pause: (ms: number) => Promise<void>;
}
