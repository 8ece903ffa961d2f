import { rejected } from '../domain/outcome.js';
import type { ClientCommand, HostCommand } from '../domain/worker/command.js';
import type { Reply, Waiting } from '../domain/worker/decision.js';
import { executedOf } from '../domain/worker/ending.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Batch } from './batch.js';
import { Caller } from './caller.js';
import type { Asked, Waiter } from './caller.js';

/** How many callers may wait for one Worker. Those who would end what the others wait for find room beyond that. */
export const maxCallers = 1024;

const endings: ReadonlySet<string> = new Set<ClientCommand['type']>(['cancel', 'stop']);
const fromHost: ReadonlySet<string> = new Set<HostCommand['type']>([
  'deadline-passed',
  'recover',
  'host-closing',
  'log-restored',
  'owed-stop-answered',
]);

/** How a caller is told that the log cannot be relied on. */
type Refusal = (executed: 'no' | 'unknown') => Reply;

/** Everybody who waits for one Worker: bounded. */
export class Callers {
  #count = 0;
  #asked: Caller[] = [];
  #waiters: Waiter[] = [];

  get hasAsked(): boolean {
    return this.#asked.length > 0;
  }

  /** Answers at once where too many wait already. */
  admit(command: Asked, queued: () => void): Promise<Reply> {
    const isFromHost = fromHost.has(command.type);
    const room = isFromHost ? Infinity : endings.has(command.type) ? 2 * maxCallers : maxCallers;
    if (this.#count >= room) return Promise.resolve({ ...rejected('quota-exceeded'), limit: maxCallers });
    if (!isFromHost) this.#count += 1;
    const leave = (): void => void (isFromHost || (this.#count -= 1));
    return new Promise((resolve) => {
      this.#asked.push(new Caller(command, resolve, leave));
      queued();
    });
  }

  /** Those who asked since the last turn. */
  take(): readonly Caller[] {
    return this.#asked.splice(0);
  }

  /** Resolves when whoever waits for the same is answered. */
  join(waiting: Waiting): Promise<void> {
    return new Promise((resolve) => {
      this.wait({ waiting, caller: { answer: () => resolve(), isAnswered: false }, isJoined: true });
    });
  }

  wait(waiter: Waiter): void {
    this.#waiters.push(waiter);
  }

  /** Answers whom a batch answers that is appended; the others go on waiting. */
  settle(batch: Batch): void {
    for (const { caller, reply } of batch.replies) caller.answer(reply);
    this.#waiters = batch.settle(this.#waiters);
  }

  answer(waitingFor: Waiting['for'], reply: Reply): void {
    for (const { waiting, caller } of this.#waiters) if (waiting.for === waitingFor) caller.answer(reply);
    this.#waiters = this.#waiters.filter(({ caller }) => !caller.isAnswered);
  }

  /** Nothing of the batch is certain: whom it would have answered is refused, and so is everybody who waits already. */
  abandon(batch: Batch | undefined, state: WorkerState, refuse: Refusal): void {
    for (const { caller, reply } of batch?.replies ?? []) {
      const mayHaveRun = reply.outcome === 'accepted' || (reply.outcome === 'errored' && reply.executed === 'unknown');
      caller.answer(refuse(mayHaveRun ? 'unknown' : 'no'));
    }
    for (const { caller, waiting, isJoined } of batch?.waiters ?? []) {
      caller.answer(refuse(isJoined ? executed(waiting, state) : 'no'));
    }
    for (const { caller, waiting } of this.#waiters.splice(0)) caller.answer(refuse(executed(waiting, state)));
  }
}

/** What may have run of what somebody waits for. */
function executed(waiting: Waiting, { status }: WorkerState): 'no' | 'unknown' {
  return waiting.for === 'create' && status.status === 'reserved' ? executedOf(status) : 'unknown';
}
