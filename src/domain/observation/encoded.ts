import type { InputId, Sequence } from '../ids.js';
import type { Cursor } from './cursor.js';
import type { EventType, Observation, ObservedEvent } from './event.js';

/** An observation as its public JSON, made once, when it was appended: the same text wherever it is read (O7). */
export interface EncodedObservation {
  readonly sequence: Sequence;
  /** Begins with `{"cursor":"wo_…"`: a reader that needs the cursor alone parses nothing. */
  readonly json: string;
}

const cursorStart = '{"cursor":"'.length;
const cursorEnd = cursorStart + 'wo_00000000_0000000000000000'.length;

/** The cursor of an encoded observation. Parses nothing. */
export const cursorOf = ({ json }: EncodedObservation): Cursor => json.slice(cursorStart, cursorEnd) as Cursor;

/** Several hold it: nobody may change it. */
function freeze(value: object): void {
  for (const part of Object.values(value) as unknown[]) if (typeof part === 'object' && part) freeze(part);
  Object.freeze(value);
}

class DecodedObservation {
  readonly #encoded: EncodedObservation;
  #parsed: Observation | undefined;

  constructor(encoded: EncodedObservation) {
    this.#encoded = encoded;
  }

  static encodedOf(value: object): EncodedObservation | undefined {
    return #encoded in value ? value.#encoded : undefined;
  }

  get cursor(): Cursor {
    return cursorOf(this.#encoded);
  }
  get sequence(): Sequence {
    return this.#encoded.sequence;
  }
  get at(): string {
    return this.toJSON().at;
  }
  get inputId(): InputId | undefined {
    return this.toJSON().inputId;
  }
  get event(): ObservedEvent {
    return this.toJSON().event;
  }
  toJSON(): Observation {
    if (this.#parsed) return this.#parsed;
    const parsed = JSON.parse(this.#encoded.json) as Observation;
    freeze(parsed);
    return (this.#parsed = parsed);
  }
}

/** Makes the public JSON of an observation, field by field (B1). Done once, when it is appended. */
export function encodeObservation(observation: Observation): EncodedObservation {
  const encoded = DecodedObservation.encodedOf(observation);
  if (encoded) return encoded;
  const { cursor, sequence, at, inputId, event } = observation;
  return { sequence, json: JSON.stringify({ cursor, sequence, at, inputId, event }) };
}

/**
 * The observation in its public JSON. Parses at the first question for `at`, `inputId` or `event`, and only then.
 * Its fields are getters of its prototype: who wants a plain copy takes `parseObservation`.
 */
export function decodeObservation(encoded: EncodedObservation): Observation {
  // An absent `inputId` reads as `undefined`, which the exact type cannot say of a getter.
  return new DecodedObservation(encoded) as Observation;
}

/** The observation in its public JSON, as a plain object of its own. */
export const parseObservation = ({ json }: EncodedObservation): Observation => JSON.parse(json) as Observation;

/** The public JSON of an observation: of a decoded one the very same text, without encoding it again. */
export const observationJson = (observation: Observation): string => encodeObservation(observation).json;

/** Whether it is of that type. Looks into the text before it parses: most are not. */
export const isOfType = (observation: EncodedObservation, type: EventType): boolean =>
  observation.json.includes(`"${type}"`) && parseObservation(observation).event.type === type;
