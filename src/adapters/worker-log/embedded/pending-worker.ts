import type { InputId, WorkerId } from '../../../domain/ids.js';
import type { EncodedObservation } from '../../../domain/observation/encoded.js';
import { chunkOf } from './chunk.js';
import { Damage } from './damage.js';
import type { Operation } from './engine.js';
import { headTextPut } from './head-record.js';
import type { Entry } from './journal-record.js';
import { inputKey } from './keys.js';
import { sealed } from './sealed.js';

/** What was appended apart goes into one chunk up to so many: that much is lost where one is damaged. */
const togetherAtMost = 32;

const isNext = (before: readonly EncodedObservation[] | undefined, chunk: readonly EncodedObservation[]): boolean =>
  (before?.at(-1)?.sequence ?? 0) + 1 === chunk[0]?.sequence;

/** What the journal holds of one Worker, in the order in which it came. */
export class PendingWorker {
  readonly #workerId: WorkerId;
  readonly #chunks: EncodedObservation[][] = [];
  readonly #inputs = new Map<InputId, string>();
  #head = '';

  constructor(workerId: WorkerId) {
    this.#workerId = workerId;
  }

  get head(): string {
    return this.#head;
  }

  add({ head, observations, inputs }: Entry): void {
    this.#head = head;
    for (const { inputId, json } of inputs) this.#inputs.set(inputId, json);
    if (observations.length === 0) return;
    const chunk = this.#chunks.at(-1);
    const fits = chunk && chunk.length + observations.length <= togetherAtMost && isNext(chunk, observations);
    if (fits) chunk.push(...observations);
    else this.#chunks.push([...observations]);
  }

  input(inputId: InputId): string | undefined {
    return this.#inputs.get(inputId);
  }

  /** The first sequence of it; `undefined` where it holds no observations. */
  get first(): number | undefined {
    return this.#chunks[0]?.[0]?.sequence;
  }

  /** Whether one observation follows the other: a record may have been lost between them. */
  get isGapless(): boolean {
    return this.#chunks.every((chunk, index) => index === 0 || isNext(this.#chunks[index - 1], chunk));
  }

  /** What comes after `after`, up to `last`, chunk by chunk. Throws `Damage` where something is missing. */
  *after(after: number, last: number): Generator<readonly EncodedObservation[], void, void> {
    let before: readonly EncodedObservation[] | undefined;
    for (const chunk of this.#chunks) {
      const end = chunk.at(-1)?.sequence ?? 0;
      if (end > after) {
        if (before && !isNext(before, chunk)) throw new Damage('a record of the journal is missing');
        yield chunk.filter(({ sequence }) => sequence > after && sequence <= last);
        if (end >= last) return;
      }
      before = chunk;
    }
  }

  /** Puts all of it in its place. */
  operations(): readonly Operation[] {
    const inputs = [...this.#inputs].map(([inputId, json]): Operation => {
      const key = inputKey(this.#workerId, inputId);
      return { type: 'put', key, value: sealed(key, json) };
    });
    const chunks = this.#chunks.flatMap((chunk) => chunkOf(this.#workerId, chunk) ?? []);
    return [...chunks, headTextPut(this.#workerId, this.#head), ...inputs];
  }
}
