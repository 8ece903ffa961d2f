import fc from 'fast-check';
import { expect, test } from 'vitest';

import { EventEntries } from '../../../../src/adapters/execution-backend/wire/event-entry.js';
import type { BackendEvent } from '../../../../src/domain/observation/event.js';
import { parseBackendEvent } from '../../../../src/protocol/events.js';
import { fuzzed } from '../../../support/fuzz/settings.js';
import { inputId } from './support.js';

const strings = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('m', 'm:1', '"', '\\', '\u2028', '\ud800', '..'),
);
const loose = fc.oneof({ weight: 6, arbitrary: strings }, { weight: 1, arbitrary: fc.jsonValue() });
const types = ['text-delta', 'text-completed', 'reasoning-delta', 'reasoning-completed', 'output', 'notice', 'other'];
/** As an author may publish it, whatever its types say. */
const published = fc.record(
  {
    type: fc.constantFrom(...types),
    inputId: fc.constantFrom(inputId(1), inputId(2)),
    messageId: loose,
    stream: fc.oneof(fc.constantFrom('stdout', 'stderr'), loose),
    text: loose,
    level: fc.constantFrom('info', 'warning'),
    more: fc.jsonValue(),
  },
  { requiredKeys: ['type'] },
);

/** What a host reads in an entry. */
function received(entry: string): BackendEvent | undefined {
  const { inputId, event } = JSON.parse(entry) as { inputId?: string; event: object };
  return parseBackendEvent({ ...event, ...(inputId !== undefined && { inputId }) });
}

test('an entry reads at the host as the event itself does, also where that is refused', () => {
  const entries = new EventEntries();
  fc.assert(
    fc.property(fc.array(published, { maxLength: 5 }), (list) => {
      for (const event of list) {
        const entry = entries.encode(event as unknown as BackendEvent) ?? '';
        const { inputId, ...body } = event;
        expect(received(entry)).toEqual(parseBackendEvent(JSON.parse(JSON.stringify(event))));
        expect(JSON.parse(entry)).toMatchObject(inputId === undefined ? {} : { inputId });
        expect(JSON.parse(JSON.stringify(body))).toMatchObject((JSON.parse(entry) as { event: object }).event);
      }
    }),
    fuzzed(1000),
  );
});

test('what is no event, names no run or cannot be JSON has no entry', () => {
  const entries = new EventEntries();
  const wrong = [{}, { type: 1 }, { type: 'notice', inputId: 'x' }, { type: 'usage', inputTokens: 1n }];
  for (const event of wrong) expect(entries.encode(event as unknown as BackendEvent)).toBeUndefined();
});
