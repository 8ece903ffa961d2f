import { describe, expect, it, vi } from 'vitest';

import {
  encodeObservation,
  cursorOf,
  decodeObservation,
  observationJson,
  parseObservation,
} from '../../../src/domain/observation/encoded.js';
import { inputIdOf, observationAt } from '../../support/observations.js';

const observation = observationAt(7, { type: 'text-delta', messageId: 'm', text: 'é\u2028' }, inputIdOf(1));
const encoded = encodeObservation(observation);

describe('encoded observations', () => {
  it('B1: what is encoded is the public fields in their order, and no other', () => {
    const untidy = { pid: 1, ...observation, event: observation.event, cursor: observation.cursor };
    expect(encodeObservation(untidy)).toEqual(encoded);
    expect(Object.keys(JSON.parse(encoded.json) as object)).toEqual(['cursor', 'sequence', 'at', 'inputId', 'event']);
    expect(JSON.parse(encodeObservation(observationAt(1, { type: 'worker-stopping' })).json)).not.toHaveProperty(
      'inputId',
    );
  });

  it('O7: a decoded observation gives the very text it was decoded from, however often it passes', () => {
    const decoded = decodeObservation(encoded);
    expect(observationJson(decoded)).toBe(encoded.json);
    expect(encodeObservation(decoded)).toBe(encoded);
    expect(JSON.stringify({ decoded })).toBe(`{"decoded":${encoded.json}}`);
  });

  it('a decoded observation reads as the one that was encoded', () => {
    const { cursor, sequence, at, inputId, event } = decodeObservation(encoded);
    expect({ cursor, sequence, at, inputId, event }).toEqual(observation);
    expect(parseObservation(encoded)).toStrictEqual(observation);
    expect(decodeObservation(encodeObservation(observationAt(1, { type: 'worker-stopping' }))).inputId).toBeUndefined();
  });

  it('cursor, sequence and text are read without parsing, the rest parses once', () => {
    const parse = vi.spyOn(JSON, 'parse');
    const decoded = decodeObservation(encoded);
    expect([decoded.cursor, decoded.sequence, cursorOf(encoded)]).toEqual([observation.cursor, 7, observation.cursor]);
    expect(observationJson(decoded)).toBe(encoded.json);
    expect(parse).not.toHaveBeenCalled();
    expect([decoded.at, decoded.event, decoded.event]).toEqual([observation.at, observation.event, observation.event]);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });
});
