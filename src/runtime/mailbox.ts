import { CorrelationId } from '../domain/ids.js';
import type { Generation, InputId, WorkerId } from '../domain/ids.js';
import type { BackendCommand, ClientCommand, HostCommand } from '../domain/worker/command.js';
import { decide } from '../domain/worker/decide.js';
import { nextDeadline } from '../domain/worker/decide-host.js';
import type { Circumstances, Decision, Reply } from '../domain/worker/decision.js';
import { rejected } from '../domain/outcome.js';
import { currentInput, initialState } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Clock } from '../ports/clock.js';
import type { Logger } from '../ports/logger.js';
import { Batch } from './batch.js';
import type { Waiter } from './batch.js';
import { EventsLane } from './events-lane.js';
import type { Progress } from './events-lane.js';
import type { ExecutionCalls } from './execution-calls.js';
import type { EventLane, GenerationPublisher, Published } from './generation-publisher.js';
import { failed } from './guarded-log.js';
import type { GuardedLog } from './guarded-log.js';
import { newUuid } from './ids.js';
import type { Retention } from './retention.js';

export interface MailboxDependencies {
  readonly log: GuardedLog;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly isDraining: () => boolean;
  /** Its log is gone, or never was. `remains`: a tombstone is left, for what is still owed. */
  readonly onRemoved: (workerId: WorkerId, remains: boolean) => void;
}

interface Asked {
  readonly command: ClientCommand | HostCommand;
  readonly resolve: (reply: Reply) => void;
}

const restoreDelaysMs = [50, 100, 200, 500, 1000, 2000, 5000] as const;
const nobody = (): void => undefined;

/**
 * One Worker's only way to change: it decides, appends, then answers and calls, one batch after the other (W19).
 * Commands and deadlines have a lane before published events; a backend's answers stand in the lane of events, behind
 * what was published before them. Calls to the backend are outside: a hanging one blocks nobody.
 */
export class Mailbox implements EventLane {
  readonly workerId: WorkerId;
  readonly #dependencies: MailboxDependencies;
  readonly #calls: ExecutionCalls;
  readonly #retention: Retention;
  #state: WorkerState;
  #mode: 'open' | 'log-unavailable' | 'worker-moved' | 'closed' = 'open';
  #commands: Asked[] = [];
  readonly #events = new EventsLane();
  #waiters: Waiter[] = [];
  #running = false;
  #disarm: () => void = nobody;

  constructor(
    state: WorkerState,
    dependencies: MailboxDependencies,
    parts: { readonly calls: (mailbox: Mailbox) => ExecutionCalls; readonly retention: Retention },
  ) {
    this.workerId = state.workerId;
    this.#state = state;
    this.#dependencies = dependencies;
    this.#calls = parts.calls(this);
    this.#retention = parts.retention;
  }

  /** The Worker as of its last append. */
  get state(): WorkerState {
    return this.#state;
  }

  /** Asks for something; answers when the log does. Never rejects. */
  ask(command: ClientCommand | HostCommand): Promise<Reply> {
    if (this.#mode !== 'open' && command.type !== 'owed-stop-answered') return Promise.resolve(this.#unavailable('no'));
    return new Promise((resolve) => {
      this.#commands.push({ command, resolve });
      this.#wake();
    });
  }

  publish(entry: Published): void {
    this.#events.push(entry);
    this.#wake();
  }

  post(command: BackendCommand): void {
    this.#events.push({ command });
    this.#wake();
  }

  inputOf(generation: Generation): InputId | undefined | 'undecided' {
    const { status } = this.#state;
    if (!('generation' in status) || status.generation !== generation) return 'undecided';
    if (status.status === 'reserved' || status.status === 'connecting') return 'undecided';
    return currentInput(this.#state)?.inputId;
  }

  /** Whether something is open, undecided, or on its way to be connected or stopped. */
  get isWorking(): boolean {
    const { status } = this.#state.status;
    return currentInput(this.#state) !== undefined || isTransient.has(status) || this.#running;
  }

  /** Resolves when it is connected, or known not to be. */
  async connected(): Promise<void> {
    if (this.#mode !== 'open' || this.#state.status.status !== 'connecting') return;
    await new Promise<void>((resolve) => {
      this.#waiters.push({ waiting: { for: 'reconnect' }, resolve: () => resolve() });
    });
  }

  /** Resolves when every stop that it owes is answered. */
  ended(): Promise<void> {
    return this.#calls.ended();
  }

  /** Decides nothing more. Who still waits is told so. */
  close(): void {
    this.#mode = 'closed';
    this.#disarm();
    this.#calls.close();
    this.#abandon(this.#waiters.splice(0), 'unknown');
    for (const { resolve } of this.#commands.splice(0)) resolve(this.#unavailable('no'));
  }

  #wake(): void {
    if (this.#running || this.#mode !== 'open') return;
    this.#running = true;
    void Promise.resolve().then(() => this.#run());
  }

  async #run(): Promise<void> {
    while (this.#mode === 'open' && (this.#commands.length > 0 || !this.#events.isEmpty)) await this.#turn();
    this.#running = false;
  }

  async #turn(): Promise<void> {
    const batch = new Batch(this.#state);
    for (const asked of this.#commands.splice(0)) await this.#decideAsked(batch, asked);
    const recorded = this.#events.decide((command) =>
      this.#apply(batch, decide(batch.state, command, this.#circumstances())),
    );
    this.#position(batch, recorded);
    const result = batch.isEmpty ? 'appended' : await this.#dependencies.log.append(this.#state, batch);
    if (this.#closedMeanwhile()) return this.#abandonBatch(batch, 'unknown');
    if (result !== 'appended') return this.#fail(batch, result);
    this.#commit(batch, recorded);
  }

  #closedMeanwhile(): boolean {
    return this.#mode === 'closed';
  }

  #isRestoring(): boolean {
    return this.#mode === 'log-unavailable';
  }

  async #decideAsked(batch: Batch, { command, resolve }: Asked): Promise<void> {
    const { log } = this.#dependencies;
    const ledger = command.type === 'input' ? await log.input(this.workerId, command.inputId) : undefined;
    if (ledger === failed) return resolve(this.#unavailable('no'));
    const decision = decide(batch.state, command, this.#circumstances(ledger));
    const { reply } = decision;
    if (reply?.outcome === 'pending') batch.wait({ waiting: reply.waiting, resolve });
    else batch.replies.push({ resolve, reply: reply ?? { outcome: 'accepted' } });
    this.#apply(batch, decision);
  }

  #position(batch: Batch, progress: ReadonlyMap<GenerationPublisher, Progress>): void {
    const { status } = batch.state;
    for (const [{ generation }, { sequence }] of progress) {
      if ('generation' in status && status.generation === generation)
        batch.add([{ type: 'position', generation, sequence }]);
    }
  }

  #apply(batch: Batch, decision: Decision): Decision {
    const { facts, calls, ignored, refused } = decision;
    batch.add(facts);
    batch.calls.push(...calls);
    if (ignored ?? refused) this.#dependencies.logger.debug('ignored', { workerId: this.workerId, code: refused });
    return decision;
  }

  #commit(batch: Batch, recorded: ReadonlyMap<GenerationPublisher, Progress>): void {
    const before = this.#state;
    if (!batch.isEmpty) {
      this.#state = batch.head;
      this.#retention.appended(this.workerId, batch.observations);
    }
    for (const { resolve, reply } of batch.replies) resolve(reply);
    this.#waiters = batch.settle(this.#waiters);
    for (const [publisher, { sequence, events, refused }] of recorded) {
      publisher.recorded({ sequence, ...(refused.length > 0 && { refused }) }, events);
    }
    if (before.status !== this.#state.status || before.stopsOwed !== this.#state.stopsOwed) this.#statusChanged();
    for (const call of batch.calls) {
      if (call.type === 'remove') void this.#remove();
      else this.#calls.perform(call, this.#state);
    }
  }

  #statusChanged(): void {
    const { status } = this.#state;
    this.#calls.keep(this.#state);
    this.#events.release(status);
    this.#arm();
    if (status.status === 'failed') void this.#dropFailed();
  }

  #arm(): void {
    this.#disarm();
    const { clock } = this.#dependencies;
    const deadline = nextDeadline(this.#state);
    this.#disarm =
      deadline === undefined
        ? nobody
        : clock.after(Math.max(0, deadline - clock.now()), () => void this.ask({ type: 'deadline-passed' }));
  }

  /**
   * The log is not to be relied on: the Worker serves reads only, its generation is closed at the backend, and what
   * says so is the first to be appended when the log is back. After a conflict this host is not the owner (W19).
   */
  #fail(batch: Batch, result: 'failed' | 'unknown' | 'conflict'): void {
    const { logger, onRemoved } = this.#dependencies;
    this.#mode = result === 'conflict' ? 'worker-moved' : 'log-unavailable';
    logger.error('append failed', { workerId: this.workerId, result });
    this.#disarm();
    this.#abandonBatch(batch, 'no');
    this.#calls.refuse('log-unavailable');
    this.#events.drop();
    const { status } = this.#state;
    if ('generation' in status && status.generation !== undefined) {
      this.#calls.endByName(status.generation, this.#state);
    }
    if (result !== 'conflict') void this.#restore(batch);
    else if (status.status === 'absent') onRemoved(this.workerId, false);
  }

  async #restore(batch: Batch): Promise<void> {
    for (let attempt = 0; this.#isRestoring(); attempt += 1) {
      const delayMs = restoreDelaysMs[Math.min(attempt, restoreDelaysMs.length - 1)] ?? 0;
      await new Promise<void>((resolve) => this.#dependencies.clock.after(delayMs, resolve));
      if (!this.#isRestoring() || (await this.#tryRestore(batch))) return;
    }
  }

  /** Reads the head again, for the append in doubt may have been written; then closes the generation. */
  async #tryRestore(lost: Batch): Promise<boolean> {
    const { log, onRemoved } = this.#dependencies;
    const head = await log.head(this.workerId);
    if (head === failed || !this.#isRestoring()) return false;
    if (head?.revision === lost.head.revision) this.#state = head;
    else if ((head?.revision ?? 0) !== this.#state.revision) {
      this.#mode = 'worker-moved';
      return true;
    }
    if (this.#state.status.status === 'absent') {
      onRemoved(this.workerId, false);
      return true;
    }
    const batch = new Batch(this.#state);
    this.#apply(batch, decide(this.#state, { type: 'log-restored' }, this.#circumstances()));
    const result = batch.isEmpty ? 'appended' : await log.append(this.#state, batch);
    if (result === 'conflict') this.#mode = 'worker-moved';
    if (result !== 'appended') return result === 'conflict';
    this.#mode = 'open';
    this.#commit(batch, new Map());
    this.#statusChanged();
    this.#wake();
    return true;
  }

  #abandonBatch(batch: Batch, executed: 'no' | 'unknown'): void {
    for (const { resolve } of batch.replies) resolve(this.#unavailable('no'));
    this.#abandon(batch.waiters, executed);
    this.#abandon(this.#waiters.splice(0), 'unknown');
    for (const { resolve } of this.#commands.splice(0)) resolve(this.#unavailable('no'));
  }

  #abandon(waiters: readonly Waiter[], executed: 'no' | 'unknown'): void {
    for (const { resolve } of waiters) resolve(this.#unavailable(executed));
  }

  /** A create that came to nothing leaves what is still owed, and its key where nobody knows what ran (W5). */
  async #dropFailed(): Promise<void> {
    const { status, stopsOwed, key } = this.#state;
    if (status.status !== 'failed') return;
    const { refusal } = status;
    const keptKey = refusal.outcome === 'errored' && refusal.executed === 'unknown' ? key : undefined;
    await this.#leave(stopsOwed.length > 0 || keptKey ? { ...this.#state, key: keptKey } : undefined);
  }

  /** Deletes the log; a key stays until it expires, and so do the stops that are owed. */
  async #remove(): Promise<void> {
    const { workerId, key, stopsOwed, binding, generation, revision } = this.#state;
    const gone = { status: 'failed', refusal: rejected('worker-unknown') } as const;
    const kept = { ...initialState(workerId), key, stopsOwed, binding, generation, revision, status: gone };
    const removed = await this.#leave(key || stopsOwed.length > 0 ? kept : undefined);
    const reply: Reply = removed ? { outcome: 'accepted' } : this.#unavailable('no');
    const waiting = this.#waiters.filter((waiter) => waiter.waiting.for === 'delete');
    this.#waiters = this.#waiters.filter((waiter) => waiter.waiting.for !== 'delete');
    for (const { resolve } of waiting) resolve(reply);
  }

  async #leave(tombstone: WorkerState | undefined): Promise<boolean> {
    const { log, onRemoved } = this.#dependencies;
    if (!(await log.remove(this.workerId, tombstone))) return false;
    if (tombstone) this.#state = tombstone;
    onRemoved(this.workerId, tombstone !== undefined);
    return true;
  }

  #unavailable(executed: 'no' | 'unknown'): Reply {
    const code = this.#mode === 'worker-moved' ? 'worker-moved' : 'log-unavailable';
    return { outcome: 'errored', code, executed, correlationId: CorrelationId(this.#newId()) };
  }

  #newId(): string {
    return newUuid(this.#dependencies.clock.now());
  }

  #circumstances(ledger?: Circumstances['ledger']): Circumstances {
    const { clock, isDraining } = this.#dependencies;
    return { now: clock.now(), newId: () => this.#newId(), draining: isDraining(), ledger };
  }
}

const isTransient: ReadonlySet<string> = new Set(['reserved', 'connecting', 'stopping']);
