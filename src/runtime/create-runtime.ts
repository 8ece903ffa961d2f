import type { RuntimeId } from '../domain/ids.js';
import { rejected } from '../domain/outcome.js';
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
import { Catalog } from './catalog.js';
import { Commands } from './commands.js';
import { Lifecycle } from './lifecycle.js';
import { ObservationHub } from './observation-hub.js';
import { resolveOptions } from './options.js';
import type { ResolvedOptions, RuntimeOptions } from './options.js';
import { Queries } from './queries.js';
import { openAll, recoverAll } from './recovery.js';
import type { RecoveryDependencies } from './recovery.js';
import { defect } from './defect.js';

/** Owns the Workers of one host: its catalog, its log, its lifecycle. It executes nothing itself. */
export interface Runtime extends BrowserGateway, AsyncDisposable {
  readonly runtimeId: RuntimeId;
  /** Resolves when every Worker that was in the log is recovered or known to be lost. Rejects where the log cannot be read. */
  ready(): Promise<void>;
  /**
   * Takes no creates, inputs and reconnects any more; resolves when no input is open, at the latest at the drain
   * deadline. Executions that can be recovered are then left running, the others are ended. Idempotent.
   */
  drain(): Promise<void>;
}

const idlePollMs = 50;

class LocalRuntime implements Runtime {
  readonly runtimeId: RuntimeId;
  readonly #options: ResolvedOptions;
  readonly #catalog: Catalog;
  readonly #commands: Commands;
  readonly #queries: Queries;
  readonly #ended = new AbortController();
  readonly #lifecycle: Lifecycle;
  readonly #opened: Promise<void>;
  readonly #ready: Promise<void>;
  #isReady = false;
  #drained: Promise<void> | undefined;

  constructor(options: ResolvedOptions) {
    const { runtimeId, clock, logger, limits, log } = options;
    this.runtimeId = runtimeId;
    this.#options = options;
    this.#catalog = new Catalog(options, () => this.#isDraining);
    this.#commands = new Commands(options, this.#catalog);
    const hub = new ObservationHub(log, this.#ended.signal);
    const condition = () => ({ ready: this.#isReady, draining: this.#isDraining });
    this.#queries = new Queries(options, this.#catalog, hub, condition);
    this.#lifecycle = new Lifecycle({ clock, logger, deadlineMs: limits.drainMs });
    this.#own();
    const recovery = this.#recovery();
    const found = openAll(recovery);
    this.#opened = found.then(() => undefined);
    this.#ready = found.then((mailboxes) => recoverAll(mailboxes, recovery)).then(() => void (this.#isReady = true));
    this.#ready.catch((cause: unknown) => {
      logger.error('the log cannot be read', { cause });
    });
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  async execute<C extends Command>(command: C, call: CallOptions = {}): Promise<OutcomeOf<C>> {
    call.signal?.throwIfAborted();
    const { runtimeId } = command.type === 'create' ? command : command.worker;
    if (runtimeId !== this.runtimeId) return rejected('runtime-unknown');
    const answer = this.#opened
      .then(() => this.#commands.execute(command, call))
      .catch((cause: unknown) => this.#defect(cause));
    return await abortable(answer, call.signal);
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

  async *observe(worker: WorkerRef, from?: string, call: CallOptions = {}): AsyncGenerator<Frame, void, void> {
    call.signal?.throwIfAborted();
    const signal = call.signal ?? new AbortController().signal;
    let isFirst = true;
    try {
      await abortable(this.#opened, call.signal);
      for await (const frame of this.#queries.observe(worker, from, signal, call.principal)) {
        isFirst = false;
        yield frame;
      }
    } catch (cause) {
      signal.throwIfAborted();
      const problem = this.#defect(cause);
      if (isFirst) yield { type: 'problem', problem };
    }
  }

  drain(): Promise<void> {
    this.#drained ??= this.#drain();
    return this.#drained;
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#drained ??= Promise.resolve();
    return this.#lifecycle[Symbol.asyncDispose]();
  }

  get #isDraining(): boolean {
    return this.#drained !== undefined;
  }

  async #drain(): Promise<void> {
    await Promise.resolve();
    const { clock, limits } = this.#options;
    const deadline = clock.now() + limits.drainMs;
    while (clock.now() < deadline && [...this.#catalog.all()].some((mailbox) => mailbox.isWorking)) {
      await new Promise<void>((resolve) => clock.after(idlePollMs, resolve));
    }
    await this.#closeWorkers();
  }

  async #closeWorkers(): Promise<void> {
    await Promise.all([...this.#catalog.all()].map((mailbox) => mailbox.ask({ type: 'host-closing' })));
    await Promise.all([...this.#catalog.all()].map((mailbox) => mailbox.ended()));
  }

  /** Disposed of in the reverse of this order: Workers end first, then streams, backends, the log. */
  #own(): void {
    const { log, profiles } = this.#options;
    this.#lifecycle.own('log', () => log[Symbol.asyncDispose]());
    const backends = new Set([...profiles.values()].flatMap(({ backend }) => backend ?? []));
    for (const backend of backends) this.#lifecycle.own(`backend ${backend.id}`, () => backend[Symbol.asyncDispose]());
    this.#lifecycle.own('mailboxes', () => {
      for (const mailbox of this.#catalog.all()) mailbox.close();
    });
    this.#lifecycle.own('streams', () => this.#ended.abort(new Error('the host goes')));
    this.#lifecycle.own('workers', () => this.#closeWorkers());
  }

  #recovery(): RecoveryDependencies {
    const { log, logger, clock, limits } = this.#options;
    return {
      catalog: this.#catalog,
      log,
      logger,
      clock,
      concurrency: limits.concurrentRecoveries,
      onFound: (mailbox) => this.#commands.remember(mailbox),
    };
  }

  #defect(cause: unknown) {
    return defect(cause, this.#options);
  }
}

/** Stops waiting when the signal aborts; what was asked goes on. */
function abortable<T>(operation: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return operation;
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    operation.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** A Runtime needs no container: its profiles hold their backends. `defaultLog` is what it keeps its Workers in where no log is given. */
export const runtimeFactory =
  (defaultLog: () => WorkerLog) =>
  (options: RuntimeOptions): Runtime =>
    new LocalRuntime(resolveOptions(options, defaultLog));
