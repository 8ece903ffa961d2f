import { InputId, Sequence } from '../../src/domain/ids.js';
import { Epoch, formatCursor } from '../../src/domain/observation/cursor.js';
import { encodeObservation } from '../../src/domain/observation/encoded.js';
import type { EncodedObservation } from '../../src/domain/observation/encoded.js';
import type { Observation, ObservedEvent } from '../../src/domain/observation/event.js';

export const testEpoch = Epoch('0badcafe');

/** The n-th of a row of inputs. */
export const inputIdOf = (n: number): InputId => InputId(`0190d1b2-0000-7000-8000-${n.toString(16).padStart(12, '0')}`);

/** An event as it stands in a log at `sequence`, one millisecond after its predecessor. */
export function observationAt(sequence: number, event: ObservedEvent, inputId?: InputId): Observation {
  return {
    cursor: formatCursor(testEpoch, Sequence(sequence)),
    sequence: Sequence(sequence),
    at: new Date(Date.UTC(2026, 10, 30) + sequence).toISOString(),
    ...(inputId ? { inputId } : {}),
    event,
  };
}

/** Notices `from` … `to`, as a log holds them. */
export function encodedNotices(from: number, to: number): EncodedObservation[] {
  const count = Math.max(0, to - from + 1);
  return Array.from({ length: count }, (_, index) => {
    const sequence = from + index;
    return encodeObservation(observationAt(sequence, { type: 'notice', level: 'info', text: `notice ${sequence}` }));
  });
}
