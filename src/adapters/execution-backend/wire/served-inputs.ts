import type { InputId } from '../../../domain/ids.js';
import type { InputResult } from '../../../protocol/ebp.js';

interface Decided {
  readonly result: InputResult;
  /** The mark of the stream that the answer goes behind. */
  readonly after: number;
}

/** The protocol asks for 64. */
const remembered = 256;

/** Which inputs an execution took, so that none is run twice (W8), and which of them runs. */
export class ServedInputs {
  readonly #taken = new Set<InputId>();
  readonly #undecided = new Map<InputId, Promise<Decided>>();
  /** The run that has begun and not ended. */
  open: InputId | undefined;

  isTaken(inputId: InputId): boolean {
    return this.#taken.has(inputId);
  }

  /** Hands an input to the author. Only what it takes is remembered. */
  hand(inputId: InputId, ask: () => Promise<Decided>): Promise<Decided> {
    const awaited = this.#undecided.get(inputId);
    if (awaited) return awaited;
    const answer = ask().then((decided) => {
      this.#undecided.delete(inputId);
      if (decided.result.outcome === 'accepted') this.#take(inputId);
      return decided;
    });
    this.#undecided.set(inputId, answer);
    return answer;
  }

  /** An input that was taken before it is served here. */
  adopt(inputId: InputId): void {
    this.#take(inputId);
  }

  /** Resolves when nothing is undecided. */
  async allDecided(): Promise<void> {
    await Promise.all(this.#undecided.values());
  }

  /** An event names its run: it has begun (W9), or it ends. */
  follow(inputId: InputId, type: string): void {
    if (this.#undecided.has(inputId)) this.#take(inputId);
    if (type === 'run-ended' && this.open === inputId) this.open = undefined;
  }

  #take(inputId: InputId): void {
    if (this.#taken.has(inputId)) return;
    this.#taken.add(inputId);
    this.open = inputId;
    if (this.#taken.size <= remembered) return;
    const oldest = this.#taken.values().next();
    if (!oldest.done) this.#taken.delete(oldest.value);
  }
}
