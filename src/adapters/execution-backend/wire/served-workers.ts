import type { WorkerId } from '../../../domain/ids.js';
import type { Clock } from '../../../ports/clock.js';
import type { Logger } from '../../../ports/logger.js';
import type { AckParams, StopResult } from '../../../protocol/ebp.js';
import { stopResult } from '../../../protocol/ebp.js';
import type { Author } from './author.js';
import { Fences } from './fences.js';
import type { ServedLink } from './served-link.js';
import type { ServedWorkerOptions } from './served-worker.js';
import { ServedWorker } from './served-worker.js';

/** How long an exit waits to be acknowledged, and the end of an execution to be answered, at least. */
const patienceMs = 60_000;

const timedOut = { outcome: 'errored', code: 'backend-timeout' } as const;

/** The executions that run at this end, who holds them, and until when (R5). */
export class ServedWorkers {
  readonly author: Author;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly #workers = new Map<WorkerId, ServedWorker>();
  readonly fences = new Fences((workerId) => this.#workers.has(workerId));

  constructor(author: Author, clock: Clock, logger: Logger) {
    this.author = author;
    this.clock = clock;
    this.logger = logger;
  }

  get(workerId: WorkerId): ServedWorker | undefined {
    return this.#workers.get(workerId);
  }

  /** Begins to serve an execution in place of what was there, which is ended by then. */
  open(begun: Pick<ServedWorkerOptions, 'handle' | 'begin' | 'count' | 'link'>): ServedWorker {
    const worker = new ServedWorker({
      ...begun,
      onExitAcknowledged: () => this.forget(worker),
      onExit: () => this.#keepExit(worker),
      onOverrun: () => this.#endOverrun(worker),
    });
    this.#workers.set(worker.workerId, worker);
    return worker;
  }

  forget(worker: ServedWorker): void {
    worker.end();
    worker.stream.abandon();
    if (this.#workers.get(worker.workerId) === worker) this.#workers.delete(worker.workerId);
  }

  acknowledge(params: AckParams, link: ServedLink): void {
    const worker = this.#workers.get(params.workerId);
    if (worker) worker.stream.acknowledge(params, link);
    else link.peer.ignoreFrame();
  }

  /** Asks the author to end an execution. What it says until then still counts, and repeated stops wait with the first. */
  stop(worker: ServedWorker, graceMs: number): Promise<StopResult> {
    worker.stopping ??= this.#stop(worker, graceMs);
    return worker.stopping;
  }

  /** It began after it was told to end. */
  stopAgain(worker: ServedWorker): Promise<StopResult> {
    worker.stopping = undefined;
    return this.stop(worker, 0);
  }

  /** Ends an execution that nobody is to hear of any more. */
  async abandon(worker: ServedWorker): Promise<void> {
    this.forget(worker);
    await this.stop(worker, 0);
  }

  /** A connection ended: its executions wait for a host, and are ended when none comes within its grace. */
  release(link: ServedLink): void {
    for (const worker of [...this.#workers.values()]) {
      if (worker.link !== link) continue;
      worker.detach();
      worker.cancelGrace();
      if (worker.isEnded) this.forget(worker);
      else if (link.graceMs === 0) void this.abandon(worker);
      else worker.cancelGrace = this.clock.after(link.graceMs, () => void this.abandon(worker));
    }
  }

  /** Ends everything, or everything that `link` holds. */
  async stopAll(graceMs: number, link?: ServedLink): Promise<void> {
    const workers = [...this.#workers.values()].filter((worker) => !link || worker.link === link);
    await Promise.all(workers.map((worker) => this.stop(worker, graceMs)));
  }

  /** Ends everything, for good. */
  async close(): Promise<void> {
    await this.stopAll(0);
    for (const worker of [...this.#workers.values()]) this.forget(worker);
  }

  /** What `answer` gives in time, else `undefined`. */
  async within<T>(delayMs: number, answer: Promise<T>): Promise<T | undefined> {
    let cancel: () => void = () => undefined;
    const late = new Promise<undefined>((resolve) => (cancel = this.clock.after(delayMs, () => resolve(undefined))));
    const first = await Promise.race([answer, late]);
    cancel();
    return first;
  }

  async #stop(worker: ServedWorker, graceMs: number): Promise<StopResult> {
    if (worker.beginning && !worker.facts) await this.within(graceMs, worker.beginning);
    const asked = this.author.ask('stop', stopResult, worker.link, (backend, call) =>
      backend.stop(worker.handle, { graceMs }, call),
    );
    const result = (await this.within(graceMs + patienceMs, asked)) ?? timedOut;
    if (result.outcome === 'accepted') worker.end();
    else worker.stopping = undefined;
    return result;
  }

  #keepExit(worker: ServedWorker): void {
    this.clock.after(Math.max(patienceMs, worker.outlivesMs), () => this.forget(worker));
  }

  #endOverrun(worker: ServedWorker): void {
    this.logger.error('the backend goes on publishing without waiting for room', { workerId: worker.workerId });
    void worker.publisher.disconnect({ kind: 'unknown' });
    void this.stop(worker, 0);
  }
}
