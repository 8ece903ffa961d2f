import type { Generation, InputId } from '../domain/ids.js';
import { EncodedBatch } from '../domain/observation/encoded-batch.js';
import type { Stretch } from '../domain/observation/encoded-batch.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import { epochOf } from '../domain/worker/decide-input.js';
import type { Call, Reply } from '../domain/worker/decision.js';
import { advance, evolve } from '../domain/worker/evolve.js';
import type { Fact } from '../domain/worker/fact.js';
import type { LedgerEntry } from '../domain/worker/ledger.js';
import { ledgerEntry, settle } from '../domain/worker/settle.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Caller, Waiter } from './caller.js';

/** What one turn of a mailbox decided, before it is appended: one append, or nothing. */
export class Batch {
  readonly inputs: LedgerEntry[] = [];
  readonly calls: Call[] = [];
  readonly replies: { readonly caller: Caller; readonly reply: Reply }[] = [];
  readonly #steps: { readonly fact: Fact; readonly state: WorkerState }[] = [];
  readonly #waiters: (Waiter & { readonly from: number })[] = [];
  #state: WorkerState;
  #head: { readonly state: WorkerState; readonly head: WorkerState } | undefined;
  readonly #encoded: EncodedBatch;
  #stretch: Stretch | undefined;
  /** Events that were recorded as they were said and are not in `#state` yet, and when the last of them was. */
  #recorded = 0;
  #recordedAt = '';

  constructor(before: WorkerState) {
    this.#state = before;
    this.#encoded = new EncodedBatch(before.sequence + 1);
  }

  get observations(): readonly EncodedObservation[] {
    return this.#encoded.observations;
  }

  get state(): WorkerState {
    if (this.#recorded > 0) this.#state = advance(this.#state, this.#recorded, this.#recordedAt);
    this.#recorded = 0;
    return this.#state;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0 && this.#encoded.count === 0;
  }

  /** The head to append. */
  get head(): WorkerState {
    const { state } = this;
    if (this.#head?.state !== state) this.#head = { state, head: { ...state, revision: state.revision + 1 } };
    return this.#head.head;
  }

  /** The state as it was before the events that were recorded as they were said: in all but sequence and time it is the same. */
  get standing(): WorkerState {
    return this.#state;
  }

  /** Records an event of which `isRecordedAsIs` holds in `standing`. */
  record(at: string, inputId: InputId | undefined, eventJson: string): void {
    this.#recorded += 1;
    this.#recordedAt = at;
    this.#encode(at, inputId, eventJson);
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  add(facts: readonly Fact[]): void {
    for (const fact of facts) this.#apply(fact);
  }

  /** How far the log follows what a generation published, as long as it is the Worker's. */
  follow(generation: Generation, sequence: number): void {
    const { status } = this.state;
    const isCurrent = 'generation' in status && status.generation === generation;
    if (isCurrent) this.add([{ type: 'position', generation, sequence }]);
  }

  /** Who begins to wait now is answered by later facts alone. */
  wait(waiter: Waiter): void {
    this.#waiters.push({ ...waiter, from: this.#steps.length });
  }

  /** Answers everybody whom these facts answer; the others go on waiting. */
  settle(earlier: readonly Waiter[]): Waiter[] {
    const all = [...earlier.map((waiter) => ({ ...waiter, from: 0 })), ...this.#waiters];
    return all.filter(({ waiting, caller, from }) => {
      if (caller.isAnswered) return false;
      for (let index = from; index < this.#steps.length; index += 1) {
        const step = this.#steps[index];
        const reply = step && settle(waiting, step.fact, step.state);
        if (!reply) continue;
        caller.answer(reply);
        return false;
      }
      return true;
    });
  }

  #encode(at: string, inputId: InputId | undefined, eventJson: string): void {
    const epoch = epochOf(this.#state, this.#encoded.next);
    const before = this.#stretch;
    const isSame = before?.at === at && before.inputId === inputId && before.epoch === epoch;
    this.#stretch = isSame ? before : { epoch, at, inputId };
    this.#encoded.add(this.#stretch, eventJson);
  }

  #apply(fact: Fact): void {
    const before = this.state;
    const state = evolve(before, fact);
    this.#state = state;
    this.#steps.push({ fact, state });
    if (fact.type === 'observed') {
      this.#encode(fact.at, fact.inputId, JSON.stringify(fact.event));
    }
    const entry = ledgerEntry(fact, before, state);
    if (entry) this.inputs.push(entry);
  }
}
