import type { Generation } from '../domain/ids.js';
import { encodeObservation } from '../domain/observation/encoded.js';
import type { EncodedObservation } from '../domain/observation/encoded.js';
import { cursorAt } from '../domain/worker/decide-input.js';
import type { Call, Reply } from '../domain/worker/decision.js';
import { evolve } from '../domain/worker/evolve.js';
import type { Fact } from '../domain/worker/fact.js';
import type { LedgerEntry } from '../domain/worker/ledger.js';
import { ledgerEntry, settle } from '../domain/worker/settle.js';
import type { WorkerState } from '../domain/worker/state.js';
import type { Caller, Waiter } from './caller.js';

/** What one turn of a mailbox decided, before it is appended: one append, or nothing. */
export class Batch {
  readonly observations: EncodedObservation[] = [];
  readonly inputs: LedgerEntry[] = [];
  readonly calls: Call[] = [];
  readonly replies: { readonly caller: Caller; readonly reply: Reply }[] = [];
  readonly #steps: { readonly fact: Fact; readonly state: WorkerState }[] = [];
  readonly #waiters: (Waiter & { readonly from: number })[] = [];
  #state: WorkerState;

  constructor(before: WorkerState) {
    this.#state = before;
  }

  get state(): WorkerState {
    return this.#state;
  }

  get isEmpty(): boolean {
    return this.#steps.length === 0;
  }

  /** The head to append. */
  get head(): WorkerState {
    return { ...this.#state, revision: this.#state.revision + 1 };
  }

  get waiters(): readonly Waiter[] {
    return this.#waiters;
  }

  add(facts: readonly Fact[]): void {
    for (const fact of facts) this.#apply(fact);
  }

  /** How far the log follows what a generation published, as long as it is the Worker's. */
  follow(generation: Generation, sequence: number): void {
    const { status } = this.#state;
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

  #apply(fact: Fact): void {
    const before = this.#state;
    const state = evolve(before, fact);
    this.#state = state;
    this.#steps.push({ fact, state });
    if (fact.type === 'observed') {
      const { at, inputId, event } = fact;
      const cursor = cursorAt(state, state.sequence);
      const from = inputId === undefined ? {} : { inputId };
      this.observations.push(encodeObservation({ cursor, sequence: state.sequence, at, ...from, event }));
    }
    const entry = ledgerEntry(fact, before, state);
    if (entry) this.inputs.push(entry);
  }
}
