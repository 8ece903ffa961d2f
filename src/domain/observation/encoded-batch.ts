import type { InputId } from '../ids.js';
import { Sequence } from '../ids.js';
import type { Epoch } from './cursor.js';
import { cursorStart, sequenceInCursor } from './cursor.js';
import type { EncodedObservation } from './encoded.js';

/** What observations that follow each other have in common. */
export interface Stretch {
  readonly epoch: Epoch;
  readonly at: string;
  readonly inputId?: InputId | undefined;
}

/**
 * The observations of one append, encoded into one text of which each is a part: a collector has one string to look
 * after instead of many. Gapless, in the order in which they were added.
 */
export class EncodedBatch {
  readonly #first: number;
  readonly #pieces: string[] = [];
  /** Where each observation ends in the text. */
  readonly #ends: number[] = [];
  #length = 0;
  #observations: readonly EncodedObservation[] | undefined;
  #stretch: Stretch | undefined;
  #head = '';
  #middle = '';

  /** `first`: the sequence of the first that will be added. */
  constructor(first: number) {
    this.#first = first;
  }

  get count(): number {
    return this.#ends.length;
  }

  /** The sequence of the next that is added. */
  get next(): Sequence {
    return Sequence(this.#first + this.#ends.length);
  }

  /** Adds an event as its JSON. The text is that of `encodeObservation`. */
  add(stretch: Stretch, eventJson: string): void {
    if (stretch !== this.#stretch) this.#begin(stretch);
    const { next } = this;
    const place = sequenceInCursor(next);
    const number = String(next);
    this.#pieces.push(this.#head, place, '","sequence":', number, this.#middle, eventJson, '}');
    const { length } = this.#head;
    this.#length += length + place.length + 13 + number.length + this.#middle.length + eventJson.length + 1;
    this.#ends.push(this.#length);
    this.#observations = undefined;
  }

  /** All that were added. */
  get observations(): readonly EncodedObservation[] {
    return (this.#observations ??= this.#cut(this.#pieces.join('')));
  }

  #begin(stretch: Stretch): void {
    const { epoch, at, inputId } = stretch;
    this.#stretch = stretch;
    this.#head = `{"cursor":"${cursorStart(epoch)}`;
    this.#middle = `,"at":"${at}"${inputId === undefined ? '' : `,"inputId":"${inputId}"`},"event":`;
  }

  #cut(text: string): readonly EncodedObservation[] {
    let start = 0;
    return this.#ends.map((end, index) => {
      const json = text.slice(start, end);
      start = end;
      return { sequence: Sequence(this.#first + index), json };
    });
  }
}
