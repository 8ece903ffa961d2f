import type { WorkerId } from '../../src/domain/ids.js';
import type { AppendBatch, AppendResult, WorkerLog } from '../../src/ports/worker-log.js';

/** `hangs` appends only once it is released. The others answer what they are called; of `unknown` it is told what was really done. */
export type FaultKind = 'failed' | 'conflict' | 'unknown-but-written' | 'unknown-not-written' | 'hangs';

export interface FaultOptions {
  /** How many appends it befalls. 1; `Infinity` until it is cleared. */
  readonly times?: number;
  /** Which appends it befalls. All. */
  readonly when?: (workerId: WorkerId, batch: AppendBatch) => boolean;
}

export interface Fault {
  /** Resolves with the batch when the fault befalls its first append. */
  readonly hit: Promise<AppendBatch>;
  /** Lets go on what hangs, and befalls nothing more. */
  clear(): void;
}

export interface FaultyLog extends WorkerLog {
  /** Scripts a fault. Several come one after another; an append meets the first that is meant for it. */
  fault(kind: FaultKind, options?: FaultOptions): Fault;
}

class ScriptedFault implements Fault {
  readonly kind: FaultKind;
  readonly hit: Promise<AppendBatch>;
  readonly cleared: Promise<void>;
  readonly #when: (workerId: WorkerId, batch: AppendBatch) => boolean;
  #left: number;
  #onHit: (batch: AppendBatch) => void = () => undefined;
  #onClear: () => void = () => undefined;

  constructor(kind: FaultKind, { times = 1, when = () => true }: FaultOptions) {
    this.kind = kind;
    this.#left = times;
    this.#when = when;
    this.hit = new Promise((resolve) => (this.#onHit = resolve));
    this.cleared = new Promise((resolve) => (this.#onClear = resolve));
  }

  takes(workerId: WorkerId, batch: AppendBatch): boolean {
    if (this.#left <= 0 || !this.#when(workerId, batch)) return false;
    this.#left -= 1;
    this.#onHit(batch);
    return true;
  }

  clear(): void {
    this.#left = 0;
    this.#onClear();
  }
}

async function perform(fault: ScriptedFault, append: () => Promise<AppendResult>): Promise<AppendResult> {
  switch (fault.kind) {
    case 'failed':
    case 'conflict':
      return fault.kind;
    case 'unknown-not-written':
      return 'unknown';
    case 'unknown-but-written':
      await append();
      return 'unknown';
    case 'hangs':
      await fault.cleared;
      return append();
  }
}

/** A log that fails as it is told and otherwise does what the one behind it does. */
export function faultyLog(log: WorkerLog): FaultyLog {
  const script: ScriptedFault[] = [];
  return {
    durability: log.durability,
    append(workerId, after, batch) {
      const fault = script.find((scripted) => scripted.takes(workerId, batch));
      const append = (): Promise<AppendResult> => log.append(workerId, after, batch);
      return fault ? perform(fault, append) : append();
    },
    read: log.read.bind(log),
    follow: log.follow.bind(log),
    head: log.head.bind(log),
    heads: log.heads.bind(log),
    input: log.input.bind(log),
    trim: log.trim.bind(log),
    remove: log.remove.bind(log),
    [Symbol.asyncDispose]: () => log[Symbol.asyncDispose](),
    fault(kind, options = {}) {
      const fault = new ScriptedFault(kind, options);
      script.push(fault);
      return fault;
    },
  };
}
