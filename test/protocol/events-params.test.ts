import fc from 'fast-check';
import { expect, test } from 'vitest';

import { eventsParams } from '../../src/protocol/ebp.js';
import { readEventsParams } from '../../src/protocol/events-params.js';
import { almost } from '../support/fuzz/json-arbitrary.js';
import type { Value } from '../support/fuzz/json-arbitrary.js';
import { fuzzed } from '../support/fuzz/settings.js';

const workerId = '01900000-0000-7000-8000-000000000001';
const inputId = '02900000-0000-7000-8000-00000000000a';
const uuid = fc.oneof(fc.constantFrom(workerId, inputId, inputId.toUpperCase()), fc.uuid());
const count = fc.oneof(fc.constantFrom(1, 2 ** 53 - 1), fc.integer({ min: 1 }));
const event = fc.record({ type: fc.constantFrom('text-delta', ''), text: fc.jsonValue() }, { requiredKeys: ['type'] });
const entry = fc.record({ inputId: uuid, event, more: fc.jsonValue() }, { requiredKeys: ['event'] });
const events = fc.oneof(
  { weight: 8, arbitrary: fc.array(entry, { minLength: 1, maxLength: 4 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 255, 256, 257).map((length) => Array.from({ length }, () => plain)) },
);
const plain: Value = { event: { type: 't' } };
const line = fc.record({ workerId: uuid, generation: count, sequence: count, events, more: fc.jsonValue() });
const wrongId = fc.constantFrom<Value>('', `${inputId} `, inputId.slice(1), null, 0, [inputId], { [inputId]: 1 });
const lines: fc.Arbitrary<Value> = fc.oneof(
  line,
  almost(line),
  fc.tuple(line, wrongId).map(([of, id]) => ({ ...of, workerId: id })),
  fc.tuple(line, wrongId).map(([of, id]) => ({ ...of, events: [...of.events, { ...plain, inputId: id }] })),
);

test('readEventsParams takes what the schema of worker/events takes, with the same in it, and nothing else', () => {
  const counted = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(lines, (value) => {
      const params: unknown = JSON.parse(JSON.stringify(value));
      const parsed = eventsParams.safeParse(params);
      const read = readEventsParams(params);
      counted[parsed.success ? 'taken' : 'refused'] += 1;
      expect(read !== undefined).toBe(parsed.success);
      if (parsed.success) expect(read).toMatchObject(parsed.data);
      if (parsed.success) expect(eventsParams.parse(read)).toEqual(parsed.data);
    }),
    fuzzed(2000),
  );
  expect(counted.taken).toBeGreaterThan(counted.refused / 10);
  expect(counted.refused).toBeGreaterThan(counted.taken / 10);
});

test('readEventsParams copies nothing: it gives what it was given', () => {
  const params = { workerId, generation: 1, sequence: 1, events: [{ inputId, event: { type: 'notice' } }], more: 1 };
  expect(readEventsParams(params)).toBe(params);
});
