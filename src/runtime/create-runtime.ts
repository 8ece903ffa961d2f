import type { RuntimeId } from '../domain/ids.js';
import { rejected } from '../domain/outcome.js';
import type { Errored } from '../domain/outcome.js';
import type {
  AnswerOf,
  BrowserGateway,
  CallOptions,
  Command,
  Frame,
  OutcomeOf,
  Query,
  WorkerRef,
} from '../ports/browser-gateway.js';
import type { WorkerLog } from '../ports/worker-log.js';
import type { LinkedSignal } from '../ports/abort.js';
import { abortable, leavable, linkedSignal } from '../ports/abort.js';
import { Catalog } from './catalog.js';
import { ClusterPlacement } from './cluster/cluster-placement.js';
import { Commands } from './commands.js';
import { defect } from './defect.js';
import { History } from './history.js';
import { Lifecycle } from './lifecycle.js';
import { LogReader } from './log-reader.js';
import { ObservationHub } from './observation-hub.js';
import { resolveOptions } from './options.js';
import type { ResolvedOptions, RuntimeOptions } from './options.js';
import type { Placement } from './placement.js';
import { Queries } from './queries.js';
import { recovered } from './recovery.js';
import { SolePlacement } from './sole-placement.js';

/** Owns the Workers of one host: its catalog, its log, its lifecycle. It executes nothing itself. */
export interface Runtime extends BrowserGateway, AsyncDisposable {
  readonly runtimeId: RuntimeId;
  /**
   * Resolves when every Worker that was in the log is recovered or known to be lost; with `cluster`, when this host has
   * entered and can be asked: its Workers come one by one. Rejects where the log or the ownership cannot be used.
   */
  ready(): Promise<void>;
  /**
   * Takes no creates, inputs and reconnects any more; resolves when no input is open, at the latest at the drain
   * deadline. Executions that can be recovered are then left running, the others are ended. Idempotent.
   */
  drain(): Promise<void>;
}

class LocalRuntime implements Runtime {
  readonly runtimeId: RuntimeId;
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;
  readonly #placement: Placement;
  readonly #queries: Queries;
  /** Aborts when the host goes: what is being opened is not opened any more. */
  readonly #closing = new AbortController();
  /** Those who look now. One signal for all of them would be taken for a leak. */
  readonly #streams = new Set<LinkedSignal>();
  /** Nobody can look any more: every stream ends with `server-draining`. */
  #isEnded = false;
  readonly #lifecycle: Lifecycle;
  readonly #opened: Promise<void>;
  readonly #ready: Promise<void>;
  #isOpened = false;
  #isReady = false;
  #drained: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    const { runtimeId, clock, logger, limits, log } = options;
    this.runtimeId = runtimeId;
    this.#options = options;
    const reader = new LogReader({ log, clock, deadlineMs: limits.appendMs });
    const history = new History(reader);
    const { catalog, placement } = placed(options, reader, () => this.#isDraining);
    this.#catalog = catalog;
    this.#placement = placement;
    const hub = new ObservationHub(reader, history);
    const condition = () => ({ ready: this.#isReady, draining: this.#isDraining });
    this.#queries = new Queries(options, this.#placement, { history, hub, condition });
    this.#lifecycle = new Lifecycle({ clock, logger, deadlineMs: limits.drainMs });
    this.#own();
    const found = this.#placement.open(this.#closing.signal);
    this.#opened = found.then(() => void (this.#isOpened = true));
    this.#ready = this.#opened
      .then(() => found)
      .then((workers) => recovered(workers, { logger, clock }))
      .then(() => void (this.#isReady = true));
    this.#ready.catch((cause: unknown) => logger.error('the log cannot be read', { cause }));
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async execute<C extends Command>(command: C, call: CallOptions = {}): Promise<OutcomeOf<C>> {
    call.signal?.throwIfAborted();
    const { runtimeId } = command.type === 'create' ? command : command.worker;
    if (runtimeId !== this.runtimeId) return rejected('runtime-unknown');
    return await abortable(this.#answer(command, call), call.signal);
  }

  async #answer<C extends Command>(command: C, call: CallOptions): Promise<OutcomeOf<C>> {
    try {
      if (!this.#isOpened) await this.#opened;
      return await this.#placement.execute(command, call);
    } catch (cause) {
      return this.#defect(cause);
    }
  }

  async read<Q extends Query>(query: Q, call: CallOptions = {}): Promise<AnswerOf<Q>> {
    call.signal?.throwIfAborted();
    const signal = call.signal ?? new AbortController().signal;
    try {
      if (query.type !== 'runtimes') await abortable(this.#opened, call.signal);
      return await this.#queries.read(query, signal, call.principal);
    } catch (cause) {
      signal.throwIfAborted();
      return this.#defect(cause);
    }
  }

  observe(worker: WorkerRef, from?: string, call: CallOptions = {}): AsyncGenerator<Frame, void, void> {
    let leave = (): void => undefined;
    const begun = (stream: LinkedSignal): void => {
      leave = () => stream.abort(new Error('nobody looks any more'));
    };
    return leavable(this.#frames(worker, from, call, begun), () => leave());
  }

  async *#frames(
    worker: WorkerRef,
    from: string | undefined,
    call: CallOptions,
    begun: (stream: LinkedSignal) => void,
  ): AsyncGenerator<Frame, void, void> {
    call.signal?.throwIfAborted();
    const stream = linkedSignal([call.signal]);
    const { signal } = stream;
    begun(stream);
    this.#streams.add(stream);
    if (this.#isEnded) stream.abort(hostGoes());
    let isFirst = true;
    try {
      await abortable(this.#opened, signal);
      const frames = this.#queries.observe(worker, from, signal, call.principal);
      for await (const frame of frames instanceof Promise ? await frames : frames) {
        yield frame;
        isFirst = false;
      }
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (this.#isEnded) return yield { type: 'end', code: 'server-draining' };
      if (signal.aborted) return;
      const problem = this.#defect(cause);
      if (isFirst) yield { type: 'problem', problem };
    } finally {
      stream.release();
      this.#streams.delete(stream);
    }
  }

  #endStreams(): void {
    this.#isEnded = true;
    for (const stream of [...this.#streams]) stream.abort(hostGoes());
  }

  drain(): Promise<void> {
    this.#drained ??= this.#placement.drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#drained ??= Promise.resolve();
    return this.#lifecycle[Symbol.asyncDispose]();
  }

  get #isDraining(): boolean {
    return this.#drained !== undefined;
  }

  /** Disposed of in the reverse of this order: Workers end first, then streams, backends, the log. */
  #own(): void {
    const { log, profiles } = this.#options;
    this.#lifecycle.own('log', () => log[Symbol.asyncDispose]());
    this.#lifecycle.own('placement', () => this.#placement.leave());
    const backends = new Set([...profiles.values()].flatMap(({ backend }) => backend ?? []));
    for (const backend of backends) this.#lifecycle.own(`backend ${backend.id}`, () => backend[Symbol.asyncDispose]());
    this.#lifecycle.own('mailboxes', async () => {
      await Promise.all(this.#catalog.everyMailbox().map((mailbox) => mailbox.close()));
    });
    this.#lifecycle.own('streams', () => this.#endStreams());
    this.#lifecycle.own('workers', () => {
      this.#closing.abort(hostGoes());
      return this.#placement.close();
    });
  }

  #defect(cause: unknown): Errored {
    return defect(cause, this.#options);
  }
}

/** Where Workers are, and the mailboxes of those that are here. */
function placed(
  options: ResolvedOptions,
  reader: LogReader,
  isDraining: () => boolean,
): { readonly catalog: Catalog; readonly placement: Placement } {
  const { cluster } = options;
  if (!cluster) {
    const catalog = new Catalog(options, reader, { isDraining });
    return { catalog, placement: new SolePlacement(options, catalog, new Commands(options, catalog)) };
  }
  const catalog: Catalog = new Catalog(options, reader, {
    isDraining,
    gone: (workerId) => placement.gone(workerId),
    moved: (mailbox) => placement.moved(mailbox),
  });
  const commands = new Commands(options, catalog);
  const placement = new ClusterPlacement({ options, cluster, catalog, commands, reader, isDraining });
  return { catalog, placement };
}

const hostGoes = (): Error => new Error('the host goes');

/** A Runtime needs no container: its profiles hold their backends. `defaultLog` is what it keeps its Workers in where no log is given. */
export const runtimeFactory =
  (defaultLog: () => WorkerLog) =>
  (options: RuntimeOptions): Runtime =>
    new LocalRuntime(resolveOptions(options, defaultLog));
