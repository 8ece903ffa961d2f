import type { Generation, InputId, WorkerId } from '../domain/ids.js';
import type { Errored } from '../domain/outcome.js';
import type { BackendCommand, HostCommand } from '../domain/worker/command.js';
import { decide } from '../domain/worker/decide.js';
import { isDue } from '../domain/worker/due.js';
import type { Circumstances, Decision, Reply, Waiting } from '../domain/worker/decision.js';
import { currentInput, isAtWork } from '../domain/worker/state.js';
import type { WorkerState } from '../domain/worker/state.js';
import { Batch } from './batch.js';
import type { Asked, Caller } from './caller.js';
import { decided } from './decided.js';
import { Callers } from './callers.js';
import { DeadlineTimer } from './deadline-timer.js';
import { defect } from './defect.js';
import { EventsLane } from './events-lane.js';
import type { Progress } from './events-lane.js';
import type { ExecutionCalls } from './execution-calls.js';
import type { EventLane, GenerationPublisher, Published } from './generation-publisher.js';
import { failed } from './guarded-log.js';
import { newUuid } from './ids.js';
import { isHolding, laneTurn } from './lane-turn.js';
import type { MailboxDependencies } from './mailbox-dependencies.js';
import { Restoration } from './restoration.js';
import type { Retention } from './retention.js';
import { Departure } from './departure.js';
import { errored, refusal, unavailable } from './unavailable.js';
import type { MailboxMode } from './unavailable.js';

/**
 * One Worker's only way to change: it decides, appends, then answers and calls, one batch after the other (W19).
 * Commands and deadlines have a lane before published events, but for those that were gathered when they came; a
 * backend's answers stand in the lane of events, behind what was published before them. Calls to the backend are
 * outside: a hanging one blocks nobody.
 */
export class Mailbox implements EventLane {
  readonly workerId: WorkerId;
  readonly #dependencies: MailboxDependencies;
  readonly #calls: ExecutionCalls;
  readonly #retention: Retention;
  readonly #restoration: Restoration;
  readonly #departure: Departure;
  readonly #callers = new Callers();
  readonly #events = new EventsLane(() => this.#callers.hasAsked);
  readonly #timer: DeadlineTimer;
  #state: WorkerState;
  #mode: MailboxMode = 'open';
  #running: Promise<void> | undefined;
  #resting: (() => void)[] = [];
  /** What its deadlines and owed stops ask for is not set in motion yet. */
  #isFresh = true;
  #isDeleting = false;
  /** What it was opened with, as long as it is not in the log: nothing may be written before it. */
  #opening: HostCommand | undefined;
  #restoring: Promise<void> | undefined;

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
    this.#retention.opened(this.workerId, state.createdAt);
    this.#restoration = new Restoration(dependencies);
    this.#departure = new Departure(dependencies);
    this.#timer = new DeadlineTimer(dependencies.clock, () => void this.ask({ type: 'deadline-passed' }));
  }

  /** The Worker as of its last append. */
  get state(): WorkerState {
    return this.#state;
  }

  /** Asks for something; answers when the log does. Never rejects. */
  ask(command: Asked): Promise<Reply> {
    if (this.#mode !== 'open') return this.#refused(command);
    if (command.type === 'recover') this.#opening = command;
    return this.#callers.admit(command, () => this.#wake());
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
    if (isHolding(status)) return 'undecided';
    return currentInput(this.#state)?.inputId;
  }

  isOpen(): boolean {
    return this.#mode === 'open';
  }

  /** Whether nothing was ever written of it, and nothing is in doubt. */
  get isAbsent(): boolean {
    return this.#mode === 'open' && this.#state.status.status === 'absent';
  }

  /** Whether something is open, undecided, or on its way to be connected or stopped. */
  get isWorking(): boolean {
    if (this.#mode !== 'open') return false;
    return isAtWork(this.#state) || this.#running !== undefined;
  }

  /** Resolves when it does not work (any more). */
  rest(): Promise<void> {
    return this.isWorking ? new Promise((resolve) => this.#resting.push(resolve)) : Promise.resolve();
  }

  /** Resolves when it is connected, or known not to be. */
  async connected(): Promise<void> {
    if (this.#mode !== 'open' || this.#state.status.status !== 'connecting') return;
    await this.#callers.join({ for: 'reconnect' });
  }

  /** Resolves when every stop that it owes is answered. */
  ended(): Promise<void> {
    return this.#calls.ended();
  }

  /** Looks again at what is left of a Worker that is gone: a key expires. */
  sweep(): void {
    if (this.#departure.isTombstone) void this.ask({ type: 'deadline-passed' });
  }

  /** This host is not its owner any more: nothing is written (W19). */
  lose(): void {
    if (this.#mode === 'closed' || this.#mode === 'worker-moved') return;
    this.#restoration.end();
    this.#halt('worker-moved');
  }

  /** Ends what runs for a Worker that is another host's (W19). */
  endRun(): void {
    if (this.#mode === 'worker-moved') this.#calls.endCurrent(this.#state);
  }

  /** Decides nothing more. Who still waits is told so. Resolves when nothing is being written any more. */
  async close(): Promise<void> {
    this.#mode = 'closed';
    this.#timer.disarm();
    this.#calls.close();
    this.#restoration.end();
    this.#abandon();
    await Promise.all([this.#running, this.#restoring]);
  }

  #refused(command: Asked): Promise<Reply> {
    return refusal(command, { workerId: this.workerId, mode: this.#mode }, this.#dependencies);
  }

  #wake(): void {
    if (this.#running || this.#mode !== 'open') return;
    this.#running = this.#events.gathered((eventsFirst) => this.#run(eventsFirst));
  }

  /** `eventsFirst`: those that were gathered before somebody asked. */
  async #run(eventsFirst = false): Promise<void> {
    while (this.isOpen() && this.#hasWork()) {
      const batch = new Batch(this.#state);
      const asked = eventsFirst ? [] : this.#callers.take();
      try {
        await this.#turn(batch, asked);
      } catch (cause) {
        defect(cause, this.#dependencies);
        this.#fail(batch, 'failed');
      }
      if (!this.isOpen()) this.#refuse(asked);
      eventsFirst = this.#hasWork() && !this.#callers.hasAsked && (await this.#events.gathered((first) => first));
    }
    this.#running = undefined;
    this.#announceRest();
  }

  #hasWork(): boolean {
    return this.#callers.hasAsked || !this.#events.isEmpty;
  }

  async #turn(batch: Batch, asked: readonly Caller[]): Promise<void> {
    for (const caller of asked) await this.#decideAsked(batch, caller);
    const recorded = this.#events.decide(
      laneTurn(batch, this.#circumstances(), (decision) => this.#apply(batch, decision)),
    );
    for (const [{ generation }, { sequence }] of recorded) batch.follow(generation, sequence);
    const result = batch.isEmpty ? 'appended' : await this.#dependencies.log.append(this.#state, batch);
    if (!this.isOpen()) return this.#abandon(batch);
    if (result !== 'appended') return this.#fail(batch, result);
    if (asked.some(({ command }) => command.type === 'recover')) this.#opening = undefined;
    this.#commit(batch, recorded);
    await this.#depart();
  }

  async #decideAsked(batch: Batch, caller: Caller): Promise<void> {
    const { log } = this.#dependencies;
    const { command } = caller;
    const isNamed = command.type === 'input' && !command.isNew;
    const ledger = isNamed ? await log.input(this.workerId, command.inputId) : undefined;
    if (ledger === failed) return caller.answer(errored('log-unavailable', 'unknown', this.#dependencies.clock));
    const decision = decided(batch.state, command, this.#circumstances(ledger), this.#dependencies);
    const { reply } = decision;
    if (reply?.outcome === 'pending') this.#wait(batch, caller, reply.waiting, decision.facts.length === 0);
    else batch.replies.push({ caller, reply: reply ?? { outcome: 'accepted' } });
    this.#apply(batch, decision);
  }

  /** Who joins an input that is undecided is told in time that nobody knows; the input stays what it is (W8). */
  #wait(batch: Batch, caller: Caller, waiting: Waiting, isJoined: boolean): void {
    batch.wait({ waiting, caller, isJoined });
    if (!isJoined || waiting.for !== 'input') return;
    const { clock, joinMs } = this.#dependencies;
    const late = (): void => caller.answer(errored('backend-timeout', 'unknown', clock));
    caller.onAnswered(clock.after(joinMs(this.#state.profile), late));
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
    this.#callers.settle(batch);
    for (const [publisher, progress] of recorded) {
      const { sequence, refused } = progress;
      publisher.recorded({ sequence, ...(refused.length > 0 && { refused }) }, progress);
    }
    const { status, stopsOwed } = this.#state;
    if (this.#isFresh || before.status !== status || before.stopsOwed !== stopsOwed) {
      this.#isFresh = false;
      this.#calls.keep(this.#state);
      this.#timer.arm(this.#state);
    }
    for (const call of batch.calls) {
      if (call.type === 'remove') this.#isDeleting = true;
      else if (isDue(call, this.#state)) this.#calls.perform(call, this.#state);
    }
  }

  /**
   * The log is not to be relied on: the Worker serves reads only, its generation is closed at the backend, and what
   * says so is the first to be appended when the log is back. After a conflict this host is not the owner (W19).
   */
  #fail(batch: Batch, result: 'failed' | 'unknown' | 'conflict'): void {
    if (!this.isOpen()) return;
    const { logger, onRemoved, onMoved } = this.#dependencies;
    const isMoved = result === 'conflict';
    logger.error('append failed', { workerId: this.workerId, result });
    this.#halt(isMoved ? 'worker-moved' : 'log-unavailable', batch);
    if (!isMoved) {
      this.#calls.endCurrent(this.#state);
      this.#restoring = this.#restoration.run(this.#state, batch.head, (state) => this.#resume(state));
    } else if (this.#state.status.status === 'absent') onRemoved(this.workerId, false);
    else onMoved(this.workerId);
  }

  #halt(mode: 'worker-moved' | 'log-unavailable', batch?: Batch): void {
    this.#mode = mode;
    this.#timer.disarm();
    this.#abandon(batch);
    this.#calls.refuse(mode === 'worker-moved' ? 'stale-generation' : 'log-unavailable');
    this.#events.drop();
  }

  /** Closes the generation in the log, if only with a newer head, so that no doubt is left. Answers that where it is in doubt. */
  async #resume(state: WorkerState | 'moved'): Promise<WorkerState | undefined> {
    if (state === 'moved') {
      this.#mode = 'worker-moved';
      this.#dependencies.onMoved(this.workerId);
      return undefined;
    }
    this.#state = state;
    if (state.status.status === 'absent') {
      this.#mode = 'closed';
      this.#dependencies.onRemoved(this.workerId, false);
      return undefined;
    }
    const batch = new Batch(state);
    this.#apply(batch, decide(state, this.#opening ?? { type: 'log-restored' }, this.#circumstances()));
    const result = await this.#dependencies.log.append(state, batch);
    if (this.#mode !== 'log-unavailable') return undefined;
    if (result !== 'appended') return batch.head;
    this.#state = batch.head;
    this.#isFresh = true;
    this.#running = this.#resumed(batch);
    return undefined;
  }

  /** Open only when all is set in motion: what a backend says meanwhile waits for this turn, and begins none of its own. */
  async #resumed(batch: Batch): Promise<void> {
    this.#opening = undefined;
    try {
      this.#commit(batch, new Map());
    } catch (cause) {
      defect(cause, this.#dependencies);
    }
    if (this.#mode === 'log-unavailable') this.#mode = 'open';
    await this.#depart();
    await this.#run();
  }

  /** Nothing of the batch is certain: everybody who waits is told so. */
  #abandon(batch?: Batch): void {
    this.#callers.abandon(batch, this.#state, (executed) => this.#unavailable(executed));
    this.#refuse(this.#callers.take());
    this.#announceRest();
  }

  #refuse(callers: readonly Caller[]): void {
    for (const caller of callers) void this.#refused(caller.command).then((reply) => caller.answer(reply));
  }

  #announceRest(): void {
    if (!this.isWorking) for (const resolve of this.#resting.splice(0)) resolve();
  }

  async #depart(): Promise<void> {
    if (!this.#isDeleting && this.#state.status.status !== 'failed') return;
    const left = await this.#departure.leave(this.#state, this.#isDeleting);
    this.#isDeleting = false;
    if (left !== 'failed') this.#state = left;
    this.#callers.answer('delete', left === 'failed' ? this.#unavailable('no') : { outcome: 'accepted' });
  }

  #unavailable(executed: Errored['executed']): Errored {
    return unavailable(this.#mode, executed, this.#dependencies.clock);
  }

  #circumstances(ledger?: Circumstances['ledger']): Circumstances {
    const { clock, isDraining } = this.#dependencies;
    return { now: this.#timer.now(), newId: () => newUuid(clock.now()), draining: isDraining(), ledger };
  }
}
