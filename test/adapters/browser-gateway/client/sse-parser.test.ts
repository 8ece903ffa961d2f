import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { EventSourceReader } from '../../../../src/adapters/browser-gateway/client/sse-parser.js';

const text = 'retry: 1000\n\nid: 1\nevent: snapshot\ndata: {"a":1}\n\n:\n\nevent: gap\ndata: {"text":"x: y"}\n\n';
const events = [
  { name: 'snapshot', data: '{"a":1}' },
  { name: 'gap', data: '{"text":"x: y"}' },
];

const read = (pieces: readonly string[]) => {
  const reader = new EventSourceReader();
  return pieces.flatMap((piece) => reader.take(piece));
};

test('events are the same wherever the stream is divided', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(text.length), { maxLength: 20 }), (places) => {
      const ends = [...places.toSorted((one, other) => one - other), text.length];
      const pieces = ends.map((end, index) => text.slice(ends[index - 1] ?? 0, end));
      expect(read(pieces)).toEqual(events);
    }),
  );
});

test('lines may end as on other systems, and without a space behind the colon', () => {
  expect(read(['event:gap\r', '\ndata:1\r\ndata: 2\r\n\r', '\n'])).toEqual([{ name: 'gap', data: '1\n2' }]);
});

test('an event that was cut off is none, and neither is one without data', () => {
  expect(read(['event: gap\ndata: 1\n'])).toEqual([]);
  expect(read(['event: gap\n\n:\n\n\n'])).toEqual([]);
});

test('P5: an event whose text holds the separators of lines that JSON leaves as they are is not left out', () => {
  const data = JSON.stringify({ text: 'one\u2028two\u2029three\u0085four' });
  expect(read([`event: observation\ndata: ${data}\n\n`])).toEqual([{ name: 'observation', data }]);
});

describe('P3: what is held of one event is bounded', () => {
  const mebi = 'x'.repeat(1_048_576);
  const many = (text: string) => Array.from({ length: 65 }, () => text);

  test.each([
    ['a line', mebi],
    ['lines', `${mebi}\n`],
  ])('that has %s without an end', (_, piece) => {
    expect(() => read(many(piece))).toThrow('an event that does not end');
  });

  test('and events that end are not counted together', () => {
    expect(read(many(`data: ${mebi}\n\n`))).toHaveLength(65);
  });
});
