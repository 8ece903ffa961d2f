import type { Observation } from '../../../domain/observation/event.js';

/** How observations are written to a wire. */
export interface WireForm {
  textOf(observation: Observation): string;
  /** Between two of one piece. */
  readonly between: string;
  /** After each piece. */
  readonly end: string;
}

/** How much text goes out together; one larger observation goes alone. */
const pieceChars = 32_768;
const encoder = new TextEncoder();

/** The bytes of one frame's observations, piece by piece. Each piece is made when the first reader comes to it, and once. */
class Pieces implements Iterable<Uint8Array<ArrayBuffer>> {
  readonly #observations: readonly Observation[];
  readonly #form: WireForm;
  readonly #made: Uint8Array<ArrayBuffer>[] = [];
  /** The first observation that is in no piece yet, and its text where that is known already. */
  #place = 0;
  #ahead: string | undefined;

  constructor(observations: readonly Observation[], form: WireForm) {
    this.#observations = observations;
    this.#form = form;
  }

  *[Symbol.iterator](): Generator<Uint8Array<ArrayBuffer>, void, undefined> {
    for (let index = 0; ; index += 1) {
      if (index === this.#made.length && this.#place < this.#observations.length) this.#make();
      const piece = this.#made[index];
      if (!piece) return;
      yield piece;
    }
  }

  #make(): void {
    const { between, end } = this.#form;
    let text = this.#take();
    while (this.#place < this.#observations.length) {
      const ahead = this.#peek();
      if (text.length + ahead.length > pieceChars) break;
      text += between + this.#take();
    }
    this.#made.push(encoder.encode(text + end));
  }

  #peek(): string {
    return (this.#ahead ??= this.#form.textOf(this.#observations[this.#place] as Observation));
  }

  #take(): string {
    const text = this.#peek();
    this.#ahead = undefined;
    this.#place += 1;
    return text;
  }
}

/** Gives the bytes of a frame's observations: the same ones to everybody who holds the same frame, for as long. */
export function sharedPieces(
  form: WireForm,
): (observations: readonly Observation[]) => Iterable<Uint8Array<ArrayBuffer>> {
  const known = new WeakMap<readonly Observation[], Pieces>();
  return (observations) => {
    const pieces = known.get(observations) ?? new Pieces(observations, form);
    known.set(observations, pieces);
    return pieces;
  };
}
