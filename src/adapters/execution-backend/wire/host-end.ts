import type { BackendId, WorkerId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import { systemClock } from '../../../ports/clock.js';
import type { ExecutionBackend } from '../../../ports/execution-backend.js';
import type { Logger } from '../../../ports/logger.js';
import { nullLogger } from '../../../ports/logger.js';
import type { ExecutionExit } from '../../../ports/observation-publisher.js';
import { exitedParams, isPrivateValue } from '../../../protocol/ebp.js';
import { readEventsParams } from '../../../protocol/events-params.js';
import type { SharedKey } from './challenge.js';
import { watchPeer } from './heartbeat.js';
import { HeldWorkers } from './held-workers.js';
import type { HostConnection } from './host-connection.js';
import { handshake } from './host-connection.js';
import { HostOperations } from './host-operations.js';
import { resume } from './host-resumption.js';
import type { HostWorker } from './host-worker.js';
import type { WireLimits } from './limits.js';
import { defaultHandshakeMs, wireLimits } from './limits.js';
import { OperatorLog } from './operator-log.js';
import type { PeerHandler } from './peer.js';
import type { WireTransport } from './transport.js';
import { WireError } from './wire-error.js';

export interface WireBackendOptions {
  readonly id: BackendId;
  /** How this host is called in the handshake. */
  readonly host?: { readonly name: string; readonly version: string } | undefined;
  /** Until `initialize`, and each resumption, is answered. 10 s. */
  readonly handshakeMs?: number | undefined;
  /** How long executions are held without a connection, here and at the backend. 5 min; 0 where `loss` is `ends`. */
  readonly graceMs?: number | undefined;
  readonly limits?: Partial<WireLimits> | undefined;
  readonly logger?: Logger | undefined;
  readonly clock?: Clock | undefined;
  /**
   * `ends`: a lost connection is the end of every execution on it. `resumes`: executions are held for `graceMs` and
   * resumed on the next connection.
   */
  readonly loss: 'ends' | 'resumes';
  /** Whether a silent connection is asked for a sign of life. Pipes need none. */
  readonly heartbeat?: boolean | undefined;
  /** With `ends`: how the other end ended. Asked once per connection that was lost. */
  readonly exit?: (() => ExecutionExit | Promise<ExecutionExit>) | undefined;
  /** How many Workers are held, whenever that changes. */
  readonly onHeld?: ((count: number) => void) | undefined;
}

/** What a single connection has of its own. */
export interface WireConnectOptions {
  readonly key?: SharedKey | undefined;
  /** The handshake is done: calls go over it from now on, and what is held is being resumed. */
  readonly onOpen?: (() => void) | undefined;
  /** It has ended after it was open, for this reason. */
  readonly onEnd?: ((reason: WireError) => void) | undefined;
}

export interface WireBackend extends ExecutionBackend {
  /**
   * Takes a new connection, in place of the one before: handshake, then each Worker that is held is resumed. Resolves
   * when all of that is done; rejects with a `WireError`, and then the transport is closed and what was held is held on.
   */
  connect(transport: WireTransport, options?: WireConnectOptions): Promise<void>;
  /** Whether there is a connection whose handshake is done. */
  readonly isConnected: boolean;
  /** Tells the backend to end all it runs for this host within `graceMs` milliseconds, then closes the connection. */
  shutdown(graceMs: number): Promise<void>;
}

const defaultGraceMs = 5 * 60_000;
/** How long a lost connection waits to be told how the other end ended. */
const exitMs = 500;

/** The host end of EBP: an execution backend whose executions are at the other end of a transport. */
export function wireBackend(options: WireBackendOptions): WireBackend {
  return new HostEnd(options);
}

class HostEnd extends HostOperations implements WireBackend {
  readonly specification = 'execution-backend/1';
  readonly id: BackendId;
  readonly #options: WireBackendOptions;
  readonly #graceMs: number;
  readonly #limits: WireLimits;
  readonly #clock: Clock;
  readonly #operatorLog: OperatorLog;
  #disposed = false;

  constructor(options: WireBackendOptions) {
    super(options.logger ?? nullLogger, new HeldWorkers(options.onHeld));
    this.id = options.id;
    this.#options = options;
    this.#graceMs = options.loss === 'ends' ? 0 : (options.graceMs ?? defaultGraceMs);
    this.#limits = wireLimits(options.limits);
    this.#clock = options.clock ?? systemClock;
    this.#operatorLog = new OperatorLog(this.logger, this.#clock);
  }

  get isConnected(): boolean {
    return this.connection !== undefined;
  }

  async connect(transport: WireTransport, { key, onOpen, onEnd }: WireConnectOptions = {}): Promise<void> {
    if (this.#disposed) {
      transport.close();
      throw new WireError('disposed');
    }
    const connection = await this.#handshake(transport, key);
    if (this.#options.heartbeat) watchPeer(connection.peer, this.#clock, this.logger);
    const former = this.connection;
    this.connection = connection;
    former?.peer.close();
    if (former) this.#detach(former);
    void connection.peer.closed.then((reason) => {
      this.#onLost(connection);
      onEnd?.(reason);
    });
    const held = [...this.workers.values()].filter((worker) => worker.facts !== undefined);
    const resumed = Promise.all(held.map((worker) => this.#resume(worker, connection)));
    onOpen?.();
    await resumed;
    if (connection.peer.isClosed) throw await connection.peer.closed;
  }

  async shutdown(graceMs: number): Promise<void> {
    const connection = this.connection;
    if (!connection) return;
    const deadline = new AbortController();
    const cancel = this.#clock.after(graceMs, () => deadline.abort());
    await connection.peer.request('shutdown', { graceMs }, deadline.signal);
    cancel();
    connection.peer.close();
  }

  /** Closes the connection. What runs at a backend that resumes goes on, until its own grace is over. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    const { connection } = this;
    connection?.peer.close();
    await connection?.peer.closed;
    if (this.#options.loss === 'ends') return;
    for (const worker of this.workers.values()) worker.stopWaiting();
    this.workers.clear();
  }

  async #handshake(transport: WireTransport, key: SharedKey | undefined): Promise<HostConnection> {
    const connection = await handshake(transport, {
      host: this.#options.host ?? { name: 'workport', version: '0' },
      limits: this.#limits,
      handshakeMs: this.#handshakeMs,
      key,
      graceMs: this.#graceMs,
      logger: this.logger,
      isRetried: this.#options.loss === 'resumes',
      clock: this.#clock,
      handler: (connection) => this.#handler(connection),
    });
    if (!this.#disposed) return connection;
    connection.peer.close();
    throw new WireError('disposed');
  }

  get #handshakeMs(): number {
    return this.#options.handshakeMs ?? defaultHandshakeMs;
  }

  #handler(connection: HostConnection): PeerHandler {
    return {
      request: (id) => connection.peer.refuse(id, 'method-not-found'),
      notification: (method, params, bytes) => this.#onNotification(connection, method, params, bytes),
    };
  }

  #onNotification(connection: HostConnection, method: string, params: unknown, bytes: number): boolean {
    if (method === 'worker/events') this.#onEvents(connection, params, bytes);
    else if (method === 'worker/exited') this.#onExited(connection, params);
    else if (method !== 'log') return false;
    else if (!this.#operatorLog.write(params)) connection.peer.violation('log-invalid');
    return true;
  }

  #onEvents(connection: HostConnection, params: unknown, bytes: number): void {
    const frame = readEventsParams(params);
    if (!frame) return connection.peer.violation('events-invalid');
    this.#addressed(connection, frame)?.take(frame, bytes, connection.limits);
  }

  #onExited(connection: HostConnection, params: unknown): void {
    const frame = exitedParams.safeParse(params);
    if (!frame.success) return connection.peer.violation('exited-invalid');
    const worker = this.#addressed(connection, frame.data);
    if (!worker) return;
    const { exit, sequence } = frame.data;
    if (!worker.isNext(sequence)) return connection.peer.violation('exited-not-gapless');
    this.release(worker);
    void worker.takeExit(sequence, isPrivateValue(exit.kind) ? { kind: 'unknown' } : (exit as ExecutionExit));
  }

  #addressed(
    connection: HostConnection,
    { workerId, generation }: { workerId: WorkerId; generation: number },
  ): HostWorker | undefined {
    const worker = this.workers.get(workerId);
    if (worker?.generation === generation && worker.peer === connection.peer) return worker;
    connection.peer.ignoreFrame();
    return undefined;
  }

  #resume(worker: HostWorker, connection: HostConnection): Promise<void> {
    return resume(worker, connection.peer, {
      clock: this.#clock,
      deadlineMs: this.#handshakeMs,
      isWatched: this.#options.heartbeat ?? false,
      lose: (lost) => this.#lose(lost, { kind: 'connection-lost' }),
    });
  }

  #onLost(connection: HostConnection): void {
    if (this.connection !== connection) return;
    this.connection = undefined;
    this.#detach(connection);
    if (this.#options.loss === 'ends') void this.#endAll();
    else if (!this.#disposed && this.workers.size > 0) this.#startGrace();
  }

  #detach({ peer }: HostConnection): void {
    for (const worker of this.workers.values()) if (worker.peer === peer) worker.detach();
  }

  #startGrace(): void {
    for (const worker of [...this.workers.values()]) {
      const lose = (): void => this.#lose(worker, { kind: 'connection-lost' });
      if (worker.facts?.capabilities.recover === false) lose();
      else worker.wait((run) => this.#clock.after(this.#graceMs, run), lose);
    }
  }

  async #endAll(): Promise<void> {
    const ended = [...this.workers.values()];
    this.workers.clear();
    const exit = await this.#exit();
    await Promise.all(ended.map((worker) => worker.disconnect(exit)));
  }

  /** Its Workers are told soon, even where the other end takes its time to go: a process whose pipe is gone is dead. */
  #exit(): Promise<ExecutionExit> {
    const { exit } = this.#options;
    return new Promise((resolve) => {
      const cancel = this.#clock.after(exitMs, () => resolve({ kind: 'unknown' }));
      const onFault = (cause: unknown): undefined => {
        this.logger.error('how the backend ended is not known', { cause });
      };
      void Promise.resolve()
        .then(() => exit?.())
        .catch(onFault)
        .then((told) => resolve(told ?? { kind: 'unknown' }))
        .finally(cancel);
    });
  }

  #lose(worker: HostWorker, exit: ExecutionExit): void {
    if (this.release(worker)) void worker.disconnect(exit);
  }
}
